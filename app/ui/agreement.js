// How alike two rankings are, by the formulas of the service (app/compare.py).

const PERSISTENCE = 0.9;

/**
 * Six significant digits, as every number of the service has.
 * @param {number|null} value
 * @returns {number|null}
 */
export const digits = (value) => (value === null ? null : Number(value.toPrecision(6)));

/**
 * Share of the longer list that is in both, whatever the order; null where a list is empty.
 * @param {string[]} left
 * @param {string[]} right
 * @returns {number|null}
 */
export function overlap(left, right) {
  if (!left.length || !right.length) return null;
  const theirs = new Set(right);
  return left.filter((entry) => theirs.has(entry)).length / Math.max(left.length, right.length);
}

/**
 * Rank-biased overlap, extrapolated (Webber, Moffat and Zobel 2010, equation 32); null where a list is empty.
 * @param {string[]} left
 * @param {string[]} right
 * @returns {number|null}
 */
export function rankBiasedOverlap(left, right, p = PERSISTENCE) {
  if (!left.length || !right.length) return null;
  const [short, long] = [left.length, right.length].sort((a, b) => a - b);
  const places = new Map(right.map((entry, place) => [entry, place]));
  const complete = left.map((entry, place) => (places.has(entry) ? Math.max(place, places.get(entry)) : Infinity));
  const shared = Array.from({ length: long }, (_, depth) => complete.filter((place) => place <= depth).length);
  const atShort = shared[short - 1], atLong = shared[long - 1];
  let total = 0;
  for (let depth = 1; depth <= long; depth++) {
    total += (shared[depth - 1] / depth) * p ** depth;
    if (depth > short) total += ((atShort * (depth - short)) / (short * depth)) * p ** depth;
  }
  return ((1 - p) / p) * total + ((atLong - atShort) / long + atShort / short) * p ** long;
}

/**
 * Two models' lists side by side, as the service has it in `pairs`.
 * @param {{model: string, similar: {movieId: string}[]}} left
 * @param {{model: string, similar: {movieId: string}[]}} right
 * @returns {{models: string[], overlap: number|null, rbo: number|null}}
 */
export function alike(left, right) {
  const [ours, theirs] = [left, right].map((list) => list.similar.map((film) => film.movieId));
  const models = [left.model, right.model];
  return { models, overlap: digits(overlap(ours, theirs)), rbo: digits(rankBiasedOverlap(ours, theirs)) };
}
