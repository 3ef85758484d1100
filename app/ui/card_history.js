// Which releases there were, and what the live one has changed.

import { filmLink, h, number, signed, year } from "./dom.js";
import { link } from "./route.js";
import { isAbort } from "./problem.js";
import { failure, waiting } from "./states.js";
import { headOf, scrolled } from "./tables.js";
import { texts } from "./texts.js";

const METRICS = ["hr@10", "ndcg@10", "mrr"];
const FIRST = 8;
const word = texts.common.model;
const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });
const time = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });

/**
 * A moment in words, with the exact one behind it.
 * @param {string|null|undefined} iso
 * @param {boolean} [whole] with the time of day
 * @returns {HTMLElement|string}
 */
export function moment(iso, whole = true) {
  const date = new Date(iso ?? "");
  if (Number.isNaN(date.valueOf())) return iso ?? "";
  return h("time", { datetime: iso, title: iso }, whole ? `${time.format(date)} UTC` : day.format(date));
}

/**
 * Two sections that load by themselves; what fails in one of them is said there.
 * @param {object} app
 * @returns {HTMLElement[]}
 */
export function historySections(app) {
  const said = texts.card;
  return [
    loaded(app, "history", said.history, () => app.source.releases({ signal: app.signal }), historyOf),
    loaded(app, "changes", said.changes, () => app.source.changes({ signal: app.signal }), changesOf),
  ];
}

function loaded(app, id, title, ask, words) {
  const place = h("div", {});
  const section = h("section", { class: "card-part", "aria-labelledby": id }, h("h2", { id }, title), place);
  const load = async () => {
    place.replaceChildren();
    try {
      const answer = await waiting(ask(), place);
      place.replaceChildren(...words(answer).flat().filter(Boolean));
    } catch (error) {
      if (!isAbort(error)) place.replaceChildren(failure(error, load, "h2"));
    }
  };
  load();
  return section;
}

function historyOf({ releases, switches, unreadable }) {
  const said = texts.card;
  const rows = releases.map((release) =>
    h("tr", { class: release.live ? "live" : "" },
      h("th", { scope: "row" }, moment(release.createdAt), h("code", { class: "kind" }, release.release)),
      h("td", {}, release.live ? h("span", { class: "chip on" }, said.live) : ""),
      h("td", {}, release.label ?? ""),
      h("td", { class: "num" }, number(release.movies)),
      h("td", {}, (release.models ?? []).map((name, place) => [
        place ? ", " : "", name === release.default ? h("strong", { title: said.usual }, word(name)) : word(name)])),
      h("td", { class: "num" }, bestOf(release.best))));
  const head = headOf(said.historyColumns, (place) => (place === 3 || place === 5 ? "num" : ""));
  return [
    scrolled(said.history, h("table", { class: "table" }, head, h("tbody", {}, rows))),
    unreadable > 0 && h("p", { class: "small muted" }, said.unreadable(unreadable)),
    switches.length > 0 && h("details", {}, h("summary", {}, said.switches(switches.length)),
      h("ol", { class: "switches" }, switches.map((step) => h("li", {}, moment(step.at), " ", said.switched(step))))),
  ];
}

function bestOf(best) {
  if (!best) return h("span", { class: "muted" }, texts.card.notMeasuredShort);
  const by = [word(best.name), texts.card.relations[best.relation] ?? best.relation].join(", ");
  return [best["hr@10"]?.toFixed(3) ?? "", h("span", { class: "kind" }, by)];
}

function changesOf({ before, changes }) {
  const said = texts.card;
  if (!changes) return [h("p", { class: "muted" }, said.firstRelease)];
  return [
    h("p", { class: "prose" }, said.since, h("code", {}, before), ". ", agreement(changes.neighbours)),
    measuresOf(changes.metrics, changes.protocol),
    changedFilms(changes.neighbours),
    filmsOf(changes.added, said.added, true),
    filmsOf(changes.gone, said.gone, false),
    settingsOf(changes.settings),
  ];
}

function agreement(near) {
  return texts.card.agreement(near, near && word(near.model));
}

function measuresOf(metrics, protocol) {
  const said = texts.card;
  const rows = metrics.filter((row) => row.task === "A" && METRICS.some((key) => row[key].before ?? row[key].after));
  if (!rows.length) return [h("h3", {}, said.numbers), h("p", { class: "muted" }, said.noNumbers)];
  const cells = (pair) => [
    h("td", { class: "num muted" }, pair.before?.toFixed(3) ?? "–"),
    h("td", { class: "num" }, pair.after?.toFixed(3) ?? "–"),
    h("td", { class: "num muted" }, delta(pair)),
  ];
  const body = rows.map((row) =>
    h("tr", {},
      h("th", { scope: "row" }, word(row.name),
        h("span", { class: "kind" }, said.relations[row.relation] ?? row.relation)),
      METRICS.map((key) => cells(row[key]))));
  const head = [
    h("tr", {}, h("th", { rowspan: 2, scope: "col" }, said.who),
      METRICS.map((key) => h("th", { colspan: 3, scope: "colgroup", class: "group" }, said.metrics[key].name))),
    h("tr", {}, METRICS.map(() => said.beforeAfter.map((name) => h("th", { scope: "col", class: "num" }, name)))),
  ];
  const changed = protocol.before !== protocol.after;
  return [
    h("h3", {}, said.numbers),
    scrolled(said.numbers, h("table", { class: "table" }, h("thead", {}, head), h("tbody", {}, body))),
    h("p", { class: "small muted prose" }, changed ? said.otherProtocol(protocol) : said.chance),
  ];
}

function delta({ before, after }) {
  if (typeof before !== "number" || typeof after !== "number") return "";
  const change = after - before;
  return signed(`${change > 0 ? "+" : ""}${change.toFixed(3)}`);
}

function changedFilms(neighbours) {
  const said = texts.card;
  const films = (neighbours?.changed ?? []).filter((film) => film.overlap < 1);
  if (!films.length) return [];
  const line = (film) =>
    h("li", {}, filmLink(film, { model: neighbours.model }), " ",
      h("span", { class: "muted small" }, said.inCommon(film.overlap)));
  return [
    h("h3", {}, said.mostChanged),
    h("ol", { class: "plain-list columns" }, films.slice(0, FIRST).map(line)),
    more(films.slice(FIRST).map(line)),
  ];
}

function filmsOf({ count, movies }, words, linked) {
  if (!count) return [];
  const line = (film) => h("li", {}, linked ? filmLink(film) : `${film.title}${year(film)}`);
  const rest = count - movies.length;
  const behind = [...movies.slice(FIRST).map(line), rest > 0 && h("li", { class: "muted" }, texts.card.andMore(rest))];
  return [
    h("h3", {}, words(number(count))),
    h("ul", { class: "plain-list columns" }, movies.slice(0, FIRST).map(line)),
    more(behind.filter(Boolean)),
  ];
}

function more(lines) {
  if (!lines.length) return null;
  return h("details", {}, h("summary", {}, texts.card.showMore(lines.length)),
    h("ol", { class: "plain-list columns" }, lines));
}

function settingsOf(settings) {
  const said = texts.card;
  if (!settings.length) return [h("h3", {}, said.settingsChanged), h("p", { class: "muted" }, said.sameSettings)];
  const rows = settings.map(({ model, setting, before, after }) =>
    h("tr", {},
      h("th", { scope: "row" }, h("a", { href: link("card", model) }, word(model))),
      setting === null
        ? h("td", { colspan: 3 }, after ? said.newModel : said.goneModel)
        : [h("td", {}, h("code", {}, setting)),
          [without(before, after), without(after, before)].map((value) => h("td", { class: "value" }, shown(value)))]));
  return [
    h("h3", {}, said.settingsChanged),
    scrolled(said.settingsChanged,
      h("table", { class: "table" }, headOf(said.settingColumns), h("tbody", {}, rows))),
  ];
}

/** Of two objects only what is different in them. */
function without(value, other) {
  if (typeof value !== "object" || !value || Array.isArray(value) || typeof other !== "object" || !other) return value;
  return Object.fromEntries(Object.entries(value).filter(([key, one]) => shown(one) !== shown(other[key])));
}

/**
 * A value of JSON as people read it.
 * @param {unknown} value
 * @returns {string}
 */
export function shown(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value === "boolean") return value ? texts.card.yes : texts.card.no;
  if (typeof value === "number") return Number.isInteger(value) ? number(value) : signed(String(value));
  if (Array.isArray(value)) return value.map(shown).join(", ");
  if (typeof value === "object") return Object.entries(value).map(([key, one]) => `${key} ${shown(one)}`).join(", ");
  return String(value);
}
