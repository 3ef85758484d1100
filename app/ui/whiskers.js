// Dots with whiskers as cells of a table: beside the numbers they are made of, a picture needs no words of its own.

import { svg } from "./dom.js";

const Z = 1.96;
const HEIGHT = 30;

/**
 * A scale from 0 to a little above the largest, with ticks at round numbers.
 * @param {number[]} values
 * @returns {{ticks: number[], at: (value: number) => string}} `at`: per cent of the width
 */
export function scaleOf(values) {
  const most = Math.max(...values, 1e-6) * 1.04;
  const step = rounded(most / 3);
  const ticks = [];
  for (let tick = 0; tick <= most; tick += step) ticks.push(Number(tick.toPrecision(6)));
  return { ticks, at: (value) => `${(Math.min(Math.max(value / most, 0), 1) * 100).toFixed(2)}%` };
}

/**
 * Between which numbers a measure lies, 95 of 100 times.
 * @param {number} value
 * @param {number|null|undefined} se its standard error
 * @returns {[number, number]}
 */
export function interval(value, se) {
  return [Math.max(0, value - Z * (se ?? 0)), value + Z * (se ?? 0)];
}

/**
 * The head of the column: the ticks' numbers.
 * @param {ReturnType<typeof scaleOf>} scale
 * @returns {SVGElement}
 */
export function axis(scale) {
  const texts = scale.ticks.map((tick, place) =>
    svg("text", { x: scale.at(tick), y: 14, "text-anchor": place ? "middle" : "start" }, String(tick)));
  return svg("svg", { class: "whiskers axis", width: "100%", height: 18, "aria-hidden": true }, texts);
}

/**
 * One row: where a measure is, and how sure.
 * @param {ReturnType<typeof scaleOf>} scale
 * @param {number} value
 * @param {number|null|undefined} se
 * @param {number|null} reference a value that all rows are held against
 * @returns {SVGElement}
 */
export function whisker(scale, value, se, reference) {
  const [low, high] = interval(value, se).map(scale.at), middle = HEIGHT / 2;
  return svg("svg", { class: "whiskers", width: "100%", height: HEIGHT, "aria-hidden": true },
    scale.ticks.map((tick) => upright(scale.at(tick), "tick")),
    reference === null ? null : upright(scale.at(reference), "reference"),
    se ? [
      svg("line", { class: "whisker", x1: low, x2: high, y1: middle, y2: middle }),
      [low, high].map((end) => upright(end, "whisker", middle - 4, middle + 4)),
    ] : null,
    svg("circle", { class: "dot", cx: scale.at(value), cy: middle, r: 3.5 }));
}

function upright(x, name, from = 0, to = HEIGHT) {
  return svg("line", { class: name, x1: x, x2: x, y1: from, y2: to });
}

/** 1, 2 or 5 times a power of ten, at least the value. */
function rounded(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return power * [1, 2, 5, 10].find((factor) => factor * power >= value * 0.999);
}
