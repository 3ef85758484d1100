// Answers of the service that serves this page. Every address is relative: it works under any path.

import { SourceError } from "./problem.js";

const SIMILAR = [
  "model", "relation", "limit", "offset", "diversity", "popularity", "genre", "yearFrom", "yearTo", "minLikes",
  "learnedOnly",
];
const COMPARE = ["models", "limit", "relation"];
const EVERY_MS = 30_000;

/**
 * The service as a source. Every method answers the JSON of its route, throws SourceError, and takes {signal} last;
 * models({shows: true}) says that its release is the one on screen from now on.
 * @returns {object} `static` is false here; `release` is the id that answered last, null before the first answer
 */
export function createLive() {
  const callbacks = new Set();
  const kept = new Map();
  // the release that answered last, the one on screen, the one that was told of
  let release = null;
  let shown = null;
  let told = null;

  function seen(answered, polled) {
    if (answered !== release) kept.clear();
    release = answered;
    if (shown === null || answered === shown || (polled && answered === told)) return;
    told = answered;
    for (const callback of callbacks) callback(answered, polled);
  }

  async function ask(path, releaseOf, { signal, body, polled = false } = {}) {
    const answer = await asked(path, signal, body);
    if (releaseOf) seen(releaseOf(answer), polled);
    return answer;
  }

  async function once(key, path, { signal } = {}) {
    if (!kept.has(key)) {
      const answer = await ask(path, (found) => found.release, { signal });
      kept.set(key, answer);
    }
    return kept.get(key);
  }

  async function look() {
    if (document.visibilityState !== "visible") return;
    // nothing to be done about it here: what is asked next will say what is wrong
    await ask("models", (found) => found.release, { polled: true }).catch(() => null);
  }

  document.addEventListener("visibilitychange", look);
  setInterval(look, EVERY_MS);

  return {
    static: false,
    get release() {
      return release;
    },
    models: (options) => ask("models", (found) => (options?.shows ? (shown = found.release) : found.release), options),
    model: (name, options) => ask(`models/${part(name)}`, (found) => found.release, options),
    search: (query, limit, options) => ask(`movies${written({ query, limit }, ["query", "limit"])}`, null, options),
    movie: (id, options) => ask(`movies/${part(id)}`, null, options),
    similar: (id, params, options) => ask(similarPath(id, params), (found) => found.model.release, options),
    history: (body, options) => ask("similar", (found) => found.model.release, { ...options, body }),
    explain: (a, b, options) => ask(`explain/${part(a)}/${part(b)}`, (found) => found.release, options),
    vectors: (movieIds, model, options) =>
      ask("vectors", (found) => found.release, { ...options, body: { movieIds, model } }),
    compare: (id, params, options) => ask(comparePath(id, params), (found) => found.release, options),
    catalogue: (options) => once("catalogue", "catalogue", options),
    map: (model, options) => once(`map ${model}`, `map${written({ model }, ["model"])}`, options),
    releases: (options) => ask("releases", (found) => found.current, options),
    changes: (options) => ask("releases/changes", (found) => found.after, options),
    curl,
    onrelease(callback) {
      callbacks.add(callback);
      return () => callbacks.delete(callback);
    },
  };
}

/**
 * The line for a terminal that asks for what is on screen.
 * @param {"similar" | "history" | "explain" | "compare"} kind
 * @param {string | string[] | null} id two of them for "explain"
 * @param {object} [given] params, or the body of "history"
 * @returns {string}
 */
export function curl(kind, id, given) {
  const at = (path) => shell(new URL(path, document.baseURI.replace(/#.*/s, "")).href);
  if (kind === "history") {
    return `curl -s ${at("similar")} -H 'content-type: application/json' -d ${shell(JSON.stringify(given))}`;
  }
  if (kind === "explain") return `curl -s ${at(`explain/${part(id[0])}/${part(id[1])}`)}`;
  return `curl -s ${at(kind === "compare" ? comparePath(id, given) : similarPath(id, given))}`;
}

function similarPath(id, params) {
  return `similar/${part(id)}${written(params, SIMILAR)}`;
}

function comparePath(id, params) {
  return `compare/${part(id)}${written(params, COMPARE)}`;
}

async function asked(path, signal, body) {
  const sent = body && {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  };
  let response;
  try {
    response = await fetch(path, { signal, credentials: "same-origin", ...sent });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new SourceError({ status: 0, title: "No connection" });
  }
  const answer = await parsed(response, signal);
  if (response.ok && answer) return answer;
  const again = Number(response.headers.get("retry-after"));
  // what cannot be read is no better than no answer
  const status = response.ok ? 0 : response.status;
  throw new SourceError({ title: response.statusText, ...answer, status }, again || undefined);
}

/** The JSON of an answer; null where it is none: a proxy's error page, a connection that broke. */
async function parsed(response, signal) {
  try {
    const answer = await response.json();
    return typeof answer === "object" ? answer : null;
  } catch (error) {
    if (signal?.aborted) throw error;
    return null;
  }
}

function part(id) {
  return encodeURIComponent(id);
}

/** "?limit=20": the params a route knows, those left empty left out. */
function written(params, names) {
  const query = new URLSearchParams();
  const given = params instanceof URLSearchParams ? Object.fromEntries(params) : (params ?? {});
  for (const name of names) {
    const value = given[name];
    if (value !== undefined && value !== null && value !== "" && value !== false) query.set(name, String(value));
  }
  const text = query.toString();
  return text && `?${text}`;
}

/** One word of a POSIX shell. */
function shell(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
