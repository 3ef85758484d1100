// The catalogue and one model's map as columns of numbers, in the order of drawing: the most liked last, on top.
// A `row` is a film's position in the catalogue, `at` its position in the order of drawing.

import { Grid } from "./grid.js";

// how many sizes of discs there are, by likes
export const SIZES = 8;

/**
 * What does not depend on the model.
 * @param {object} catalogue answer of source.catalogue()
 * @returns {{rows: Uint32Array, ats: Uint32Array, size: Uint8Array, most: number}} rows: the row of each `at`; ats: the
 *     `at` of each row; most: likes of the most liked
 */
export function ordered({ likes }) {
  const count = likes.length;
  // one number for each film, likes first, then the row backwards, so that the numbers' own order is the films'
  const keys = Float64Array.from(likes, (number, row) => number * count + (count - 1 - row)).sort();
  const rows = Uint32Array.from(keys, (key) => count - 1 - (key % count));
  const ats = new Uint32Array(count);
  rows.forEach((row, at) => {
    ats[row] = at;
  });
  const most = count ? likes[rows[count - 1]] : 0;
  const top = Math.log1p(Math.max(1, most));
  const size = Uint8Array.from(rows, (row) => Math.round((SIZES - 1) * (Math.log1p(likes[row]) / top)));
  return { rows, ats, size, most };
}

/**
 * Where films stand in one model's map; y points down, as on screen.
 * @param {{rows: Uint32Array}} order of `ordered`
 * @param {{x: number[], y: number[]}} map answer of source.map()
 * @returns {{x: Float32Array, y: Float32Array, grid: Grid}}
 */
export function positions({ rows }, map) {
  const x = Float32Array.from(rows, (row) => map.x[row]);
  const y = Float32Array.from(rows, (row) => -map.y[row]);
  return { x, y, grid: new Grid(x, y) };
}

/**
 * How large discs are on screen: more room, larger discs; nearer, a little larger; more likes, larger.
 * @param {number} count of films
 * @param {{width: number, height: number}} screen CSS pixels
 * @param {number} zoom 1: all films on screen
 * @param {number} size 0..SIZES - 1
 * @returns {number} radius, CSS pixels
 */
export function radius(count, { width, height }, zoom, size) {
  const room = Math.sqrt((width * height) / Math.max(1, count));
  const plain = Math.min(4.5, Math.max(1, 0.2 * room)) * Math.max(1, zoom) ** 0.28;
  return Math.min(8, plain) * (0.7 + (0.9 * size) / (SIZES - 1));
}

/**
 * The films within a rectangle, the most liked first.
 * @param {{x: Float32Array, y: Float32Array}} points
 * @param {{left: number, right: number, top: number, bottom: number}} box of the plane, its edges included
 * @param {Uint8Array | null} wanted 1 where a film counts; null: all
 * @param {number} most how many to name
 * @returns {{count: number, ats: number[]}} how many there are, and the first of them
 */
export function within({ x, y }, { left, right, top, bottom }, wanted, most) {
  const ats = [];
  let count = 0;
  for (let at = x.length - 1; at >= 0; at--) {
    if (x[at] < left || x[at] > right || y[at] < top || y[at] > bottom) continue;
    if (wanted !== null && wanted[at] !== 1) continue;
    count += 1;
    if (ats.length < most) ats.push(at);
  }
  return { count, ats };
}

/**
 * The share of all other films that stand nearer to one film than another does.
 * @param {{x: number[], y: number[]}} map answer of source.map()
 * @param {number} row
 * @param {number} other row
 * @returns {number} 0..1; 0: the other is the nearest
 */
export function nearer({ x, y }, row, other) {
  const far = (at) => (x[at] - x[row]) ** 2 + (y[at] - y[row]) ** 2;
  const limit = far(other);
  let count = 0;
  for (let at = 0; at < x.length; at++) if (at !== row && at !== other && far(at) < limit) count += 1;
  return x.length > 2 ? count / (x.length - 2) : 0;
}
