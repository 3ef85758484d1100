// Two small pictures of evidence: how sure a lift is, and who liked both.

import { svg } from "./dom.js";

const WIDTH = 300;
const EDGE = 16;

/**
 * A lift and its interval on a logarithmic axis with chance, 1, marked.
 * @param {{lift: number | null, liftLow: number, liftHigh: number}} evidence
 * @param {{label: string, chance: string}} words
 * @returns {SVGElement}
 */
export function intervalPicture({ lift, liftLow, liftHigh }, { label, chance }) {
  const [low, high] = axis([lift, liftLow, liftHigh]);
  const x = (value) => EDGE + (Math.log(value / low) / Math.log(high / low)) * (WIDTH - 2 * EDGE);
  const left = liftLow > 0 ? x(liftLow) : EDGE / 2;
  const right = Math.max(x(liftHigh || low), left + 1);
  const y = 30;
  return svg("svg", { class: "interval", viewBox: `0 0 ${WIDTH} 66`, role: "img", "aria-label": label },
    svg("path", { class: "axis", d: `M${EDGE / 2} 46H${WIDTH - EDGE / 2}` }),
    ticks(low, high).map((tick) => [
      svg("path", { class: "axis", d: `M${x(tick)} 43V46` }),
      svg("text", { x: x(tick), y: 60, "text-anchor": "middle" }, `${tick}×`),
    ]),
    svg("path", { class: "chance", d: `M${x(1)} 14V46` }),
    svg("text", { class: "chance-word", x: x(1), y: 11, "text-anchor": "middle" }, chance),
    svg("path", { class: "reach", d: `M${left} ${y}H${right}` }),
    svg("path", { class: "reach", d: `M${right} ${y - 7}v14` + (liftLow > 0 ? `M${left} ${y - 7}v14` : "") }),
    liftLow > 0 ? null : svg("path", { class: "reach", d: `M${left + 6} ${y - 5}L${left} ${y}L${left + 6} ${y + 5}` }),
    lift > 0 ? svg("circle", { class: "dot", cx: x(lift), cy: y, r: 4 }) : null);
}

/**
 * Two circles as large as the films are liked, the part in both as large as it is.
 * @param {number} one
 * @param {number} other
 * @param {number} both
 * @returns {SVGElement} for the eye only: the numbers stand beside it
 */
export function vennPicture(one, other, both) {
  const [a, b] = [Math.sqrt(one / Math.PI), Math.sqrt(other / Math.PI)];
  const apart = distance(a, b, both);
  const from = Math.min(-a, apart - b);
  const to = Math.max(a, apart + b);
  const scale = Math.min(180 / (to - from), 96 / (2 * Math.max(a, b)));
  const width = (to - from) * scale + 4;
  const height = 2 * Math.max(a, b) * scale + 4;
  const circle = (name, at, radius) => svg("circle", {
    class: name, cx: (at - from) * scale + 2, cy: height / 2, r: Math.max(2, radius * scale),
  });
  return svg("svg", { class: "venn", viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": true },
    circle("one", 0, a), circle("other", apart, b));
}

/**
 * How far apart the middles of two circles are whose common part has a given area.
 * @param {number} a radius
 * @param {number} b radius
 * @param {number} area from 0 to that of the smaller one
 * @returns {number}
 */
export function distance(a, b, area) {
  let [near, far] = [Math.abs(a - b), a + b];
  for (let step = 0; step < 50; step += 1) {
    const middle = (near + far) / 2;
    if (lens(a, b, middle) > area) near = middle;
    else far = middle;
  }
  return (near + far) / 2;
}

/** Area of the common part of two circles whose middles are d apart. */
function lens(a, b, d) {
  if (d <= Math.abs(a - b)) return Math.PI * Math.min(a, b) ** 2;
  const cut = (d * d + a * a - b * b) / (2 * d);
  const part = (radius, to) =>
    radius ** 2 * Math.acos(clamp(to / radius)) - to * Math.sqrt(Math.max(0, radius ** 2 - to ** 2));
  return part(a, cut) + part(b, d - cut);
}

function clamp(value) {
  return Math.min(1, Math.max(-1, value));
}

/** From where to where: all values, 1, and some room; at least from a half to twice as often. */
function axis(values) {
  const known = values.filter((value) => value > 0);
  const none = values.includes(0);
  return [Math.min(0.5, ...known, none ? 0.1 : 1) / 1.25, Math.max(2, ...known) * 1.25];
}

/**
 * Round numbers on a logarithmic axis: 1, 2, 5 of each power of ten, the powers alone, or each second of them.
 * @param {number} low
 * @param {number} high
 * @returns {number[]}
 */
export function ticks(low, high) {
  const powers = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) powers.push(power);
  const inside = (digits, every) => powers
    .filter((power) => power % every === 0)
    .flatMap((power) => digits.map((digit) => Number(`${digit}e${power}`)))
    .filter((tick) => tick >= low && tick <= high);
  const ways = [[[1, 2, 5], 1], [[1], 1], [[1], 2], [[1], 3]].map((way) => inside(...way));
  return ways.find((found) => found.length <= 7) ?? [1];
}
