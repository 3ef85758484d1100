// Liked and disliked films, for #/taste: kept while the page is open, in the address when they are shown, nowhere else.

import { link } from "./route.js";

// as many ids as the service takes, and as fit into an address
export const MOST = 100;
const kinds = new Map();
const callbacks = new Set();

/**
 * Put a film into the basket, or move it; the latest counts most.
 * @param {string} id
 * @param {"like" | "dislike"} [kind]
 * @returns {boolean} false where the basket is full
 */
export function add(id, kind = "like") {
  if (!kinds.has(id) && kinds.size >= MOST) return false;
  kinds.delete(id);
  kinds.set(id, kind);
  changed();
  return true;
}

/**
 * Take a film out.
 * @param {string} id
 */
export function remove(id) {
  if (kinds.delete(id)) changed();
}

/**
 * What a film is in the basket as.
 * @param {string} id
 * @returns {"like" | "dislike" | null}
 */
export function has(id) {
  return kinds.get(id) ?? null;
}

/**
 * Ids of liked films, the latest last.
 * @returns {string[]}
 */
export function likes() {
  return of("like");
}

/**
 * Ids of disliked films, the latest last.
 * @returns {string[]}
 */
export function dislikes() {
  return of("dislike");
}

/**
 * Take over what an address says, all at once.
 * @param {string[]} liked
 * @param {string[]} disliked
 */
export function fill(liked, disliked) {
  const wanted = new Map([...disliked.map((id) => [id, "dislike"]), ...liked.map((id) => [id, "like"])].slice(-MOST));
  const same = (kind, ids) => JSON.stringify(of(kind)) === JSON.stringify(ids);
  const now = (kind) => [...wanted].filter(([, its]) => its === kind).map(([id]) => id);
  if (same("like", now("like")) && same("dislike", now("dislike"))) return;
  kinds.clear();
  for (const [id, kind] of wanted) kinds.set(id, kind);
  changed();
}

/**
 * The address of #/taste with this basket: likes=592&likes=1377&dislikes=1.
 * @param {object} [params] further options
 * @returns {string}
 */
export function address(params) {
  return link("taste", null, { likes: likes(), dislikes: dislikes(), ...params });
}

export { address as link };

/**
 * Be told of every change.
 * @param {() => void} callback
 * @returns {() => void} ends it
 */
export function onchange(callback) {
  callbacks.add(callback);
  return () => callbacks.delete(callback);
}

function of(kind) {
  return [...kinds].filter(([, its]) => its === kind).map(([id]) => id);
}

function changed() {
  for (const callback of callbacks) callback();
}
