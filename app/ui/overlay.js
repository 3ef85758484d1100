// What is drawn over the points: the current film, lines to its neighbours, names, the selected area.

import { placed } from "./labels.js";

const LINE = 17;
const LONGEST = 34;

/** Drawn by the canvas's own means: there are few of them. */
export class Marks {
  /** @param {HTMLCanvasElement} element lies over the points */
  constructor(element) {
    this.element = element;
    this.context = element.getContext("2d");
    // `at` of the current film and of what is pointed at; -1: none
    this.current = -1;
    this.ring = -1;
    // neighbours of the current film: {at, share: 0..1, how near}
    this.near = [];
    // rectangle of the plane
    this.area = null;
    // rectangle of the screen, in CSS pixels, where names would not be seen
    this.covered = { left: 0, right: 0, top: 0, bottom: 0 };
    this.labels = [];
    this.style = null;
  }

  /**
   * @param {{ink: string, lit: string, ground: string, font: string,
   *     colourOf: (at: number) => string, radiusOf: (at: number) => number}} style CSS colours; font: family
   */
  setStyle(style) {
    this.style = style;
  }

  /**
   * Light a film and its neighbours, the nearest first.
   * @param {number} current -1: none
   * @param {number[]} near
   */
  light(current, near) {
    this.current = current;
    this.near = near.map((at, rank) => ({ at, share: 1 - rank / near.length }));
    this.labels = [];
  }

  /**
   * Choose which films are named; their names then move with them.
   * @param {object} scatter
   * @param {{at: number, text: string}[]} wanted the most important first
   * @param {number} most
   */
  name(scatter, wanted, most) {
    const { context } = this;
    const texts = wanted.map(({ text }) => shortened(text));
    const points = wanted.map(({ at }, order) => {
      context.font = this.#font(at);
      const width = Math.ceil(context.measureText(texts[order]).width);
      return { ...scatter.pixel(at), radius: this.#radius(at), width, must: at === this.current };
    });
    const lit = [this.current, ...this.near.map(({ at }) => at)].filter((at) => at >= 0);
    const taken = [this.covered, ...lit.map((at) => around(scatter.pixel(at), this.#radius(at)))];
    this.labels = placed(points, scatter.screen, LINE, most, taken).map(({ at: order, left, top }) => ({
      at: wanted[order].at, text: texts[order],
      dx: left - points[order].x, dy: top + LINE / 2 - points[order].y,
    }));
  }

  #font(at) {
    return `${at === this.current ? "600 14px" : "13px"} ${this.style.font}`;
  }

  #radius(at) {
    const plain = this.style.radiusOf(at);
    if (at === this.current) return Math.max(8, plain + 3);
    return this.near.some((one) => one.at === at) ? Math.max(5, plain + 1) : Math.max(3, plain);
  }

  /** Draw them where the scatter's camera has them. */
  draw(scatter) {
    const { context, element } = this;
    const ratio = Math.min(2, Math.max(1, window.devicePixelRatio));
    const width = Math.round(scatter.screen.width * ratio);
    const height = Math.round(scatter.screen.height * ratio);
    if (element.width !== width || element.height !== height) {
      element.width = width;
      element.height = height;
    }
    const { current, near, ring, labels, area } = this;
    const some = current >= 0 || near.length || ring >= 0 || labels.length || area;
    if (!this.style || !(some || this.drawn)) return;
    this.drawn = some;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, scatter.screen.width, scatter.screen.height);
    if (area) this.#drawArea(scatter);
    if (current >= 0) this.#drawCurrent(scatter);
    if (ring >= 0) this.#disc(scatter.pixel(ring), this.#radius(ring) + 3, null, this.style.ink, 2);
    this.#drawLabels(scatter);
  }

  #drawCurrent(scatter) {
    const { context, style, near, current } = this;
    const from = scatter.pixel(current);
    context.strokeStyle = style.lit;
    for (const { at, share } of near) {
      const to = scatter.pixel(at);
      context.globalAlpha = 0.25 + 0.5 * share;
      context.lineWidth = 0.75 + 1.25 * share;
      context.beginPath();
      context.moveTo(from.x, from.y);
      context.lineTo(to.x, to.y);
      context.stroke();
    }
    context.globalAlpha = 1;
    for (let order = near.length - 1; order >= 0; order--) {
      const { at } = near[order];
      this.#disc(scatter.pixel(at), this.#radius(at), style.colourOf(at), style.ink, 1.5);
    }
    this.#disc(from, this.#radius(current) + 3, style.ground, style.lit, 2.5);
    this.#disc(from, this.#radius(current) - 1.5, style.lit, null, 0);
  }

  #disc({ x, y }, radius, fill, stroke, wide) {
    const { context } = this;
    context.beginPath();
    context.arc(x, y, radius, 0, 2 * Math.PI);
    if (fill) {
      context.fillStyle = fill;
      context.fill();
    }
    if (!stroke) return;
    context.strokeStyle = stroke;
    context.lineWidth = wide;
    context.stroke();
  }

  #drawArea(scatter) {
    const { context, style, area } = this;
    const { x, y, unit } = scatter.camera;
    const left = (area.left - x) / unit + scatter.screen.width / 2;
    const top = (area.top - y) / unit + scatter.screen.height / 2;
    const width = (area.right - area.left) / unit;
    const height = (area.bottom - area.top) / unit;
    context.fillStyle = style.lit;
    context.globalAlpha = 0.08;
    context.fillRect(left, top, width, height);
    context.globalAlpha = 1;
    context.strokeStyle = style.lit;
    context.lineWidth = 1.5;
    context.setLineDash([6, 4]);
    context.strokeRect(left, top, width, height);
    context.setLineDash([]);
  }

  #drawLabels(scatter) {
    const { context, style } = this;
    context.textBaseline = "middle";
    context.lineJoin = "round";
    // what is named is seen, however many stand around it
    for (const { at } of this.current < 0 ? this.labels : []) {
      this.#disc(scatter.pixel(at), this.#radius(at) + 1, style.colourOf(at), style.ground, 2);
    }
    for (const { at, text, dx, dy } of this.labels) {
      const { x, y } = scatter.pixel(at);
      context.font = this.#font(at);
      context.lineWidth = 5;
      context.strokeStyle = style.ground;
      context.fillStyle = style.ink;
      context.strokeText(text, x + dx, y + dy);
      context.fillText(text, x + dx, y + dy);
    }
  }
}

function shortened(text) {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1).trimEnd()}…` : text;
}

function around({ x, y }, radius) {
  return { left: x - radius, right: x + radius, top: y - radius, bottom: y + radius };
}
