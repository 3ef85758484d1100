// Average pooling of a basket, by the formulas of the service (app/neighbours.py, models/viewers.py).

export const DISLIKE_WEIGHT = 0.5;

/**
 * What each like counts, oldest first, together 1: half as much as one that came `halfLife` likes later; 0: all alike.
 * @param {number} count
 * @param {number} halfLife
 * @returns {number[]}
 */
export function recency(count, halfLife) {
  const raw = Array.from({ length: count }, (_, place) => (halfLife ? 2 ** ((place + 1 - count) / halfLife) : 1));
  const sum = raw.reduce((total, weight) => total + weight, 0);
  return raw.map((weight) => weight / sum);
}

/**
 * The weight of each film of a basket: likes by recency, dislikes less than nothing.
 * @param {number} likes how many
 * @param {number} dislikes how many
 * @param {number} halfLife
 * @returns {number[]} of the likes, then of the dislikes
 */
export function weightsOf(likes, dislikes, halfLife) {
  return [...recency(likes, halfLife), ...Array.from({ length: dislikes }, () => -DISLIKE_WEIGHT / dislikes)];
}

/**
 * What each film of the basket adds to the cosine of the pooled vector and another film's.
 *
 *     cos(m, v) = sum_i w_i cos(u_i, v) / |m|,   m = sum_i w_i u_i,   u_i of length one
 *
 * @param {number[][]} basket vectors
 * @param {number[]} weights of the same
 * @param {number[]} other vector of the film recommended
 * @returns {number[]} of each film of the basket; their sum is the cosine
 */
export function added(basket, weights, other) {
  const units = basket.map(unit), target = unit(other);
  const mean = target.map((_, at) => units.reduce((sum, vector, place) => sum + weights[place] * vector[at], 0));
  const length = Math.hypot(...mean);
  return units.map((vector, place) => (length ? (weights[place] * dot(vector, target)) / length : 0));
}

/**
 * Shares of what pulled: of each positive part in the sum of positive parts; 0 of what held back.
 * @param {number[]} parts
 * @returns {number[]}
 */
export function shares(parts) {
  const pulled = parts.map((part) => Math.max(0, part));
  const sum = pulled.reduce((total, part) => total + part, 0);
  return pulled.map((part) => (sum ? part / sum : 0));
}

function unit(vector) {
  const length = Math.hypot(...vector);
  return vector.map((value) => (length ? value / length : 0));
}

function dot(one, other) {
  return one.reduce((sum, value, at) => sum + value * other[at], 0);
}
