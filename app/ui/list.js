// The neighbours of a film: an ordered list whose rows stay what they are while dials move them.

import { filmLink, h, number, score } from "./dom.js";
import { basketButtons } from "./choices.js";
import { looks } from "./asked.js";
import { link } from "./route.js";
import { texts } from "./texts.js";
import { tips } from "./tips.js";

const GLIDE_MS = 260;

export { basketButtons };

/**
 * @param {{onwhy: (film: object) => void}} options
 * @returns {{element: HTMLElement, update: (answer: object, params: URLSearchParams) => void,
 *     row: (id: string) => HTMLElement | undefined, opened: (id: string | null) => void}}
 */
export function resultList({ onwhy }) {
  const list = h("ol", { class: "rows", role: "list" });
  const element = h("div", { class: "rows-place" }, list);
  let rows = new Map();
  let shown = null;
  let openId = null;
  tips(element, "score-tip", explained);
  return { element, update, row: rowOf, opened };

  function update(answer, params) {
    const before = tops(list);
    const next = new Map();
    const scale = scaleOf(answer.similar);
    shown = { answer, params };
    for (const film of answer.similar) {
      // all that a row shows and no dial changes
      const same = JSON.stringify([answer.movie.movieId, { ...film, score: 0, rank: 0 }]);
      const kept = rows.get(film.movieId);
      const row = kept?.same === same ? kept : newRow(film, answer, same);
      row.set(film, scale, answer.relation, params);
      next.set(film.movieId, row);
    }
    rows = next;
    list.replaceChildren(...[...rows.values()].map((row) => row.element));
    opened(openId);
    glide(list, before);
  }

  function rowOf(id) {
    const row = rows.get(id)?.element;
    return row?.isConnected ? row : undefined;
  }

  /** Which row's evidence is on screen. */
  function opened(id) {
    openId = id;
    for (const [its, row] of rows) row.why.setAttribute("aria-expanded", String(its === id));
  }

  function newRow(film, answer, same) {
    const why = h("button", { type: "button", class: "button tiny why", onclick: () => onwhy(film) }, texts.film.why,
      h("span", { class: "sr-only" }, ` ${film.title}`));
    const rank = h("span", { class: "rank" });
    const way = filmLink(film);
    const bar = h("span", {});
    const bars = h("span", { class: "bar", "aria-hidden": true }, bar);
    const value = h("button", { type: "button", class: "score", dataset: { tip: film.movieId } });
    const element = h("li", { class: "row", dataset: { movieId: film.movieId } },
      h("div", { class: "row-line" },
        rank,
        h("div", { class: "row-film" }, way, facts(film, answer.movie)),
        h("div", { class: "row-score" }, bars, value),
        h("div", { class: "row-do" }, basketButtons(film), why)));
    return { element, same, why, set };

    function set(now, scale, relation, params) {
      way.href = link("movie", film.movieId, looks(params));
      rank.textContent = now.rank;
      value.textContent = score(now.score);
      bars.classList.toggle("next", relation === "next");
      bars.classList.toggle("below", now.score < 0);
      const [from, width] = scale(now.score);
      bars.style.setProperty("--zero", `${scale(0)[0]}%`);
      bar.style.setProperty("left", `${from}%`);
      bar.style.setProperty("width", `${width}%`);
    }
  }

  function explained(button) {
    const { answer, params } = shown;
    const film = answer.similar.find((one) => one.movieId === button.dataset.tip);
    return film ? texts.film.scoreWords(film, answer, params).map((text) => h("p", {}, text)) : [];
  }
}

function facts(film, movie) {
  const theirs = new Set(movie.genres);
  const inBoth = (genre) => h("strong", {}, genre, h("span", { class: "sr-only" }, texts.film.shared));
  const genres = film.genres.map((genre) => h("li", {}, theirs.has(genre) ? inBoth(genre) : genre));
  return h("div", { class: "facts" },
    genres.length ? h("ul", { class: "genre-list", role: "list" }, genres) : null,
    h("span", { class: "likes" }, texts.film.likes(film.likes)),
    film.source === "inferred" && h("span", { class: "badge" }, texts.film.inferred));
}

/** From where to where a bar goes, in percent: from zero to the score, zero to best as wide as there is room. */
function scaleOf(films) {
  const low = Math.min(0, ...films.map((film) => film.score));
  const high = Math.max(0, ...films.map((film) => film.score));
  const span = high - low || 1;
  return (value) => [((Math.min(0, value) - low) / span) * 100, (Math.abs(value) / span) * 100];
}

function tops(list) {
  return new Map([...list.children].map((row) => [row, row.getBoundingClientRect().top]));
}

/** Rows glide from where they were; those that are new appear. */
function glide(list, before) {
  if (!before.size || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  for (const row of list.children) {
    const top = row.getBoundingClientRect().top;
    if (top > innerHeight && !(before.get(row) < innerHeight)) continue;
    const from = before.has(row) ? { transform: `translateY(${before.get(row) - top}px)` } : { opacity: 0 };
    if (before.get(row) !== top) row.animate([from, {}], { duration: GLIDE_MS, easing: "ease-out" });
  }
}
