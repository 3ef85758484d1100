// What stands in the place of an answer: errors, nothing found, not yet.

import { h, year } from "./dom.js";
import { current, link } from "./route.js";
import { texts } from "./texts.js";

/**
 * A quiet remark.
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function note(...children) {
  return h("div", { class: "notice" }, children);
}

/**
 * What went wrong in words, what helps, and a button to try again.
 * @param {unknown} error
 * @param {(() => void) | null} [retry]
 * @param {"h1" | "h2"} [level]
 * @returns {HTMLElement}
 */
export function failure(error, retry, level = "h1") {
  const [title, text] = words(error);
  return h("section", { class: "state", role: level === "h1" ? undefined : "alert" },
    h(level, {}, title),
    h("p", {}, text),
    faults(error),
    suggested(error),
    named(error),
    retry && retryable(error) && h("div", { class: "toolbar" },
      h("button", { type: "button", class: "button", onclick: retry }, texts.errors.retry)));
}

/**
 * Put a text into a place if what is waited for takes longer than the eye notices.
 * @template T
 * @param {Promise<T>} promise
 * @param {Element} place
 * @returns {Promise<T>}
 */
export async function waiting(promise, place) {
  const shown = h("p", { class: "loading" }, texts.common.loading);
  const timer = setTimeout(() => place.append(shown), 150);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    shown.remove();
  }
}

function words(error) {
  const said = texts.errors;
  if (typeof error?.status !== "number") return [said.broken, said.brokenText(String(error?.message ?? error))];
  if (error.status === 0) return navigator.onLine ? [said.silent, said.silentText] : [said.offline, said.offlineText];
  if (error.status === 503) return [said.noRelease, said.noReleaseText];
  if (error.type.endsWith("/unknown-movie")) return [said.unknownMovie, said.unknownMovieText(current().id)];
  if (error.type.endsWith("/unknown-model")) return [said.unknownModel, said.unknownModelText];
  if (error.type.endsWith("/no-map")) return [said.noMap, said.noMapText];
  if (error.status === 422) return [said.invalid, said.invalidText];
  return [said.failed(error.status), error.detail || error.title];
}

function retryable(error) {
  return !(error?.status >= 400 && error.status < 500);
}

function faults(error) {
  if (!error?.errors?.length) return null;
  const lines = error.errors.map((one) => h("li", {}, texts.errors.fault(one)));
  return h("ul", { class: "faults" }, lines);
}

function suggested(error) {
  if (!error?.suggestions?.length) return null;
  const name = current().name === "compare" ? "compare" : "movie";
  const lines = error.suggestions.map((film) =>
    h("li", {}, h("a", { href: link(name, film.movieId) }, `${film.title}${year(film)}`)));
  return [h("p", {}, texts.errors.nearest), h("ul", { class: "plain-list" }, lines)];
}

function named(error) {
  if (!error?.models?.length) return null;
  const { name, id, params } = current();
  const lines = error.models.map((model) => {
    const query = new URLSearchParams(params);
    query.set("model", model);
    const href = name === "card" ? link("card", model) : link(name, id, query);
    return h("li", {}, h("a", { href }, texts.common.model(model)));
  });
  return [h("p", {}, texts.errors.thereAre), h("ul", { class: "plain-list" }, lines)];
}
