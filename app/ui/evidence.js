// What is known of two films, in words, numbers and small pictures.

import { filmLink, h, number, score } from "./dom.js";
import { intervalPicture, vennPicture } from "./pictures.js";
import { texts } from "./texts.js";

const said = texts.why;

/**
 * All of it but the map.
 * @param {object} app
 * @param {object} found answer of GET /explain
 * @param {{model: string, relation: string}} shown the list on screen
 * @returns {HTMLElement[]}
 */
export function evidence(app, found, shown) {
  return [liked(found), watched(found), genres(found), places(app, found, shown)].filter(Boolean);
}

function part(title, ...children) {
  return h("section", { class: "why-part" }, h("h3", {}, title), children);
}

function liked({ evidence: counts, movie, other }) {
  if (counts === null) return part(said.liked, h("p", {}, said.noCounts));
  const words = said.likedWords(counts, movie, other);
  const known = counts.liftLow !== null && counts.liftHigh !== null;
  return part(said.liked,
    h("p", {}, words),
    counts.likedBoth === null || !counts.likes || !counts.otherLikes ? null : circles(counts, movie, other),
    known && intervalPicture(counts, { label: said.intervalWords(counts), chance: said.chance }),
    known && h("p", { class: "small muted" }, said.intervalWords(counts)));
}

function circles({ likes, otherLikes, likedBoth }, movie, other) {
  const key = (name, count, text) =>
    h("li", {}, h("span", { class: `swatch ${name}`, "aria-hidden": true }), h("b", {}, number(count)), ` ${text}`);
  return h("div", { class: "venn-row" },
    vennPicture(likes, otherLikes, likedBoth),
    h("ul", { class: "venn-key", role: "list" },
      key("one", likes, movie.title), key("both", likedBoth, said.both), key("other", otherLikes, other.title)));
}

function watched({ evidence: counts, movie, other }) {
  if (counts === null) return null;
  const line = (from, to, count, share) => h("li", {},
    h("p", {}, said.nextWords(from.title, to.title, count, share)),
    share === null ? null : h("span", { class: "bar next", "aria-hidden": true },
      h("span", { style: { "--w": `${share * 100}%` } })));
  return part(said.watched, h("ul", { class: "next-list", role: "list" },
    line(movie, other, counts.transitions, counts.transitionProbability),
    line(other, movie, counts.transitionsBack, counts.transitionProbabilityBack)));
}

function genres({ sharedGenres }) {
  const chips = sharedGenres.map((genre) => h("li", { class: "chip" }, genre));
  return part(said.genres,
    chips.length ? h("ul", { class: "chips", role: "list" }, chips) : h("p", {}, said.noGenres));
}

function places(app, { models, movie, other }, shown) {
  const names = [...new Set(models.map(({ name }) => name))];
  const relations = [...new Set(models.map(({ relation }) => relation))];
  const cells = (name, relation) => {
    const place = models.find((one) => one.name === name && one.relation === relation);
    const here = name === shown.model && relation === shown.relation;
    return cell(app, place, here);
  };
  return part(said.places,
    h("div", { class: "table-scroll", tabindex: "0", role: "group", "aria-label": said.places },
      h("table", { class: "table places" },
        h("caption", {}, said.placesCaption(movie.title, other.title)),
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, said.model),
          relations.map((relation) => h("th", { scope: "col", class: "num" }, said.relations[relation])))),
        h("tbody", {}, names.map((name) => h("tr", {},
          h("th", { scope: "row" }, app.modelWord(name)), relations.map((relation) => cells(name, relation))))))),
    h("p", { class: "small muted" }, said.scoresNote));
}

function cell(app, place, here) {
  if (!place) return h("td", { class: "num muted" }, said.notAsked);
  const shownScore = place.score === null || place.score === undefined ? null : score(place.score);
  const rank = place.rank === null
    ? h("span", { class: "muted" }, app.source.static ? said.beyond(place.total) : said.never)
    : [h("b", {}, number(place.rank)), h("span", { class: "muted" }, said.of(place.total))];
  return h("td", { class: here ? "num here" : "num" }, rank,
    h("span", { class: "cell-score" }, shownScore, place.source === "inferred" && said.inferredMark),
    here && h("span", { class: "sr-only" }, said.here));
}

/**
 * The heading's words with the other film linked.
 * @param {object} other
 * @param {object} params
 * @returns {(string | Node)[]}
 */
export function whyTitle(other, params) {
  return [said.heading, filmLink(other, params), "?"];
}
