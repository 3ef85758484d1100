// The address is the state: what is on screen can be sent to somebody else, and back goes back.

const NAMES = ["home", "movie", "compare", "map", "taste", "card"];
const WITHOUT_ID = new Set(["home", "map", "taste"]);
const listeners = new Set();

/**
 * Read an address.
 * @param {string} hash "#/movie/592?model=blend"
 * @returns {{name: string, id: string | null, params: URLSearchParams}} name "missing" where there is no such view
 */
export function parse(hash) {
  const [path, query = ""] = cut(hash.replace(/^#\/?/, ""), "?");
  const [word, rest] = cut(path, "/");
  const params = new URLSearchParams(query);
  const name = word === "" ? "home" : word;
  const id = rest === undefined || rest === "" ? null : decoded(rest);
  const known = NAMES.includes(name) && !(WITHOUT_ID.has(name) && id !== null);
  const complete = id !== null || !["movie", "compare"].includes(name);
  return { name: known && complete ? name : "missing", id, params };
}

/**
 * Write an address.
 * @param {string} name of a view
 * @param {string | null} [id]
 * @param {object | URLSearchParams} [params] undefined, null, "" and false are left out
 * @returns {string}
 */
export function link(name, id, params) {
  const path = name === "home" ? "#/" : `#/${name}${id === null || id === undefined ? "" : `/${encoded(id)}`}`;
  const query = new URLSearchParams();
  const entries = params instanceof URLSearchParams ? params : Object.entries(params ?? {});
  for (const [key, value] of entries) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "" && one !== false) query.append(key, String(one));
    }
  }
  const written = query.toString();
  return written ? `${path}?${written}` : path;
}

/**
 * Go to an address; back leads here again.
 * @param {string} hash
 */
export function go(hash) {
  if (hash !== location.hash) history.pushState(null, "", hash);
  tell();
}

/**
 * Change the address without a place in the history: for dials that are being dragged.
 * @param {string} hash
 */
export function replace(hash) {
  history.replaceState(history.state, "", hash);
  tell();
}

/**
 * The address as it is now.
 * @returns {{name: string, id: string | null, params: URLSearchParams}}
 */
export function current() {
  return parse(location.hash);
}

/**
 * Be told of every change of the address.
 * @param {(route: {name: string, id: string | null, params: URLSearchParams}) => void} callback
 */
export function onroute(callback) {
  if (!listeners.size) addEventListener("hashchange", tell);
  listeners.add(callback);
}

function tell() {
  for (const callback of listeners) callback(current());
}

function cut(text, mark) {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** A lone half of a surrogate pair cannot be written in an address: it becomes the replacement character. */
function encoded(id) {
  try {
    return encodeURIComponent(id);
  } catch {
    return encodeURIComponent(id.replace(/[\ud800-\udfff]/g, "\ufffd"));
  }
}

function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
