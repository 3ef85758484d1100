// What a basket recommends, and which of its films pulled each answer most.

import { basketButtons } from "./choices.js";
import { shadeOf } from "./taste_basket.js";
import { filmLink, h, score } from "./dom.js";
import { added, shares, weightsOf } from "./pooling.js";
import { isAbort } from "./problem.js";
import { texts } from "./texts.js";

const said = texts.taste;
// films named as reasons, and what a film must have added to be one
const NAMED = 2, LEAST = 0.05;

/** @returns {{draw: (answer: object) => {element: HTMLElement, focus: () => void}, explain: Function}} */
export function recommendations() {
  const list = h("ol", { class: "rows", role: "list" });
  const remark = h("p", { class: "small muted prose" });
  const element = h("div", { class: "rows-place" }, list, remark);
  let reasons = new Map();
  return { draw, explain };

  function draw({ similar }) {
    reasons = new Map(similar.map((film) => [film.movieId, h("div", { class: "reason" })]));
    remark.textContent = "";
    const focused = document.activeElement.closest?.("li.row");
    const place = focused && [...list.children].indexOf(focused), { kind } = document.activeElement.dataset;
    list.replaceChildren(...similar.map((film) => {
      return h("li", { class: "row", dataset: { movieId: film.movieId } },
        h("div", { class: "row-line" },
          h("span", { class: "rank" }, String(film.rank)),
          h("div", { class: "row-film" }, filmLink(film), facts(film), reasons.get(film.movieId)),
          h("div", { class: "row-score" }, h("span", { class: "score" }, score(film.score))),
          h("div", { class: "row-do" }, basketButtons(film))));
    }));
    // a film that was taken into the basket is gone from the answers: on with the one in its place
    const next = focused && list.children[Math.min(place, similar.length - 1)];
    const wanted = next?.querySelector(kind ? `[data-kind="${kind}"]` : "a");
    return { element, focus: () => wanted?.focus({ preventScroll: true }) };
  }

  /**
   * Say under each answer what pulled it.
   * @returns {Promise<Map<string, number> | null>} for how many answers each film was the first reason
   */
  async function explain(app, answer, body, films) {
    const ids = [...answer.likes, ...answer.dislikes];
    if (ids.length < 2 || !answer.similar.length) return null;
    const weights = weightsOf(answer.likes.length, answer.dislikes.length, body.halfLife);
    const alone = answer.likes.length === 1;
    let partsOf;
    try {
      partsOf = await (app.source.static ? byLists : byVectors)(app, answer, body, ids, weights);
    } catch (error) {
      // the answers stand without their reasons
      if (!isAbort(error)) remark.textContent = said.noReasons;
      return null;
    }
    const first = new Map();
    for (const film of answer.similar) {
      const place = reasons.get(film.movieId), parts = partsOf(film.movieId);
      const top = parts && place ? say(place, ids, parts, films, alone) : null;
      if (top && !alone) first.set(top, (first.get(top) ?? 0) + 1);
    }
    remark.textContent = app.source.static ? said.byLists : said.byVectors(body.relation, body.model === "blend");
    return first;
  }
}

function facts(film) {
  const genres = film.genres.map((genre) => h("li", {}, genre));
  return h("div", { class: "facts" },
    genres.length ? h("ul", { class: "genre-list", role: "list" }, genres) : null,
    h("span", { class: "likes" }, said.likes(film.likes)),
    film.source === "inferred" && h("span", { class: "badge" }, said.inferred));
}

/** Cosines of vectors, asked for all at once. */
async function byVectors({ source, signal }, answer, body, ids, weights) {
  const wanted = [...ids, ...answer.similar.map((film) => film.movieId)];
  const { vectors } = await source.vectors(wanted, body.model, { signal });
  const of = new Map(vectors.map((entry) => [entry.movieId, entry.vector]));
  const own = ids.map((id) => of.get(id));
  return (id) => (of.has(id) && own.every(Boolean) ? added(own, weights, of.get(id)) : null);
}

/** Stored scores: what a static export was pooled from. */
async function byLists({ source, signal }, answer, { model, relation }, ids, weights) {
  const lists = await Promise.all(ids.map((id) => source.similar(id, { model, relation, limit: 100 }, { signal })));
  const scores = lists.map(({ similar }) => new Map(similar.map((film) => [film.movieId, film.score])));
  return (id) => scores.map((list, place) => weights[place] * (list.get(id) ?? 0));
}

/**
 * A bar of shares, each film in its shade of the basket; the largest in words, and what pushed the film away. Where
 * there is one like, all is owed to it, and need not be said.
 */
function say(place, ids, parts, films, alone) {
  const share = shares(parts);
  const sum = parts.reduce((total, part) => total + Math.max(0, part), 0);
  const order = ids.map((_, at) => at).sort((a, b) => share[b] - share[a]);
  const named = order.filter((at) => share[at] >= LEAST).slice(0, NAMED);
  if (!named.length) return null;
  const title = (at) => films.get(ids[at])?.title ?? ids[at];
  const words = (alone ? [] : named).map((at) => [title(at), share[at]]);
  const against = parts.indexOf(Math.min(...parts));
  if (parts[against] / sum <= -LEAST) words.push([title(against), parts[against] / sum]);
  const pieces = share.map((one, at) => one > 0.005 && h("i", {
    class: shadeOf(ids[at]), style: { "--w": `${(one * 100).toFixed(1)}%` }, title: said.share(title(at), one),
  }));
  place.replaceChildren(
    alone ? "" : h("span", { class: "shares", "aria-hidden": true }, pieces.reverse()),
    h("span", { class: "small muted" }, said.because(words)));
  return ids[named[0]];
}
