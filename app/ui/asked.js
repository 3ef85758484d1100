// What a film's page asks for, as its address says.

import { link } from "./route.js";

export const LIMIT = 20;
export const LIMITS = [20, 50, 100];
const LOOKS = ["model", "relation", "diversity", "popularity"];
// filters, as they are loosened together
const GROUPS = {
  genre: ["genre"], years: ["yearFrom", "yearTo"], minLikes: ["minLikes"], learnedOnly: ["learnedOnly"],
};
const KEYS = [...LOOKS, ...Object.values(GROUPS).flat(), "limit"];
const ADJUSTABLE = KEYS.filter((key) => !["model", "relation", "limit"].includes(key));
const DEFAULTS = { relation: "similar", limit: String(LIMIT), learnedOnly: "false" };

/**
 * The parameters of GET /similar that an address holds; what is as by default is left out, but for the limit.
 * @param {URLSearchParams} params
 * @returns {object}
 */
export function similarParams(params) {
  return { ...picked(params, KEYS), limit: params.get("limit") || LIMIT };
}

/**
 * Parameters that other films are to be looked at with too: how, but not which.
 * @param {URLSearchParams} params
 * @returns {object}
 */
export function looks(params) {
  return picked(params, LOOKS);
}

/**
 * Filters that are set.
 * @param {URLSearchParams} params
 * @returns {Record<string, string[]>} group -> keys
 */
export function filters(params) {
  const set = Object.entries(GROUPS).filter(([, keys]) => Object.keys(picked(params, keys)).length);
  return Object.fromEntries(set);
}

/**
 * The address of a film's page with some parameters changed.
 * @param {{id: string, params: URLSearchParams}} route
 * @param {object} changes null: left out from now on
 * @returns {string}
 */
export function changed(route, changes) {
  const wanted = { ...picked(route.params, [...KEYS, "why"]), ...changes };
  for (const [key, value] of Object.entries(wanted)) {
    if (isDefault(key, String(value))) wanted[key] = null;
  }
  return link("movie", route.id, wanted);
}

/**
 * How many dials and filters are set.
 * @param {URLSearchParams} params
 * @returns {number}
 */
export function countSet(params) {
  return Object.keys(picked(params, ADJUSTABLE)).length;
}

/**
 * Changes that set all dials and filters back, and leave model and relation.
 * @returns {object}
 */
export function unset() {
  return Object.fromEntries(ADJUSTABLE.map((key) => [key, null]));
}

/**
 * Whether two addresses ask for the same list.
 * @param {URLSearchParams} one
 * @param {URLSearchParams} other
 * @returns {boolean}
 */
export function sameList(one, other) {
  return JSON.stringify(similarParams(one)) === JSON.stringify(similarParams(other));
}

function picked(params, keys) {
  const entries = keys.map((key) => [key, params.get(key)]);
  return Object.fromEntries(entries.filter(([key, value]) => value && !isDefault(key, value)));
}

function isDefault(key, value) {
  return value === DEFAULTS[key] || (["diversity", "popularity", "minLikes"].includes(key) && Number(value) === 0);
}
