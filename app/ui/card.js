// The model card: what the release learned from, how good it is on likes it has not seen, and what became of it.

import { historySections, moment, shown } from "./card_history.js";
import { metricsSection } from "./card_metrics.js";
import { h, number } from "./dom.js";
import { link } from "./route.js";
import { headOf, scrolled } from "./tables.js";
import { texts } from "./texts.js";

const word = texts.common.model;

/**
 * #/card, the whole release; #/card/<model>, one model of it.
 * @param {object} app
 * @param {HTMLElement} main
 * @param {{id: string|null, params: URLSearchParams}} route
 * @returns {Promise<{update: (route: {params: URLSearchParams}) => void}>}
 */
export async function show(app, main, route) {
  const { source, signal, models } = app, said = texts.card;
  const names = route.id === null ? models.models.map((model) => model.name) : [route.id];
  const details = await Promise.all(names.map((name) => source.model(name, { signal })));
  const { section, update } = metricsSection(details, route);
  main.append(
    h("header", { class: "view-head" },
      h("p", { class: "label" }, route.id === null ? said.ofRelease : said.ofModel),
      h("h1", {}, route.id === null ? said.title : word(route.id)),
      h("p", { class: "muted" }, h("code", {}, models.release), ", ", moment(models.createdAt)),
      tabs(models, route.id)),
    h("div", { class: "card-view" },
      ...(route.id === null
        ? [factsSection(models), section, modelsSection(details), ...historySections(app)]
        : [aboutSection(details[0]), section, ...settingsSections(details[0])])));
  app.title(route.id === null ? said.title : said.titleOf(word(route.id)));
  return { update };
}

function tabs({ models }, chosen) {
  const tab = (name, words) =>
    h("li", {}, h("a", {
      class: "chip", href: link("card", name), "aria-current": name === chosen ? "page" : null,
    }, words));
  return h("nav", { "aria-label": texts.card.tabs, class: "card-tabs" },
    h("ul", { class: "chips" }, tab(null, texts.card.all), models.map(({ name }) => tab(name, word(name)))));
}

function part(id, title, ...children) {
  return h("section", { class: "card-part", "aria-labelledby": id }, h("h2", { id }, title), children);
}

function facts(pairs) {
  const entries = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return h("dl", { class: "facts-list" },
    entries.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

function factsSection({ data, models, users }) {
  const said = texts.card, count = (value) => (typeof value === "number" ? number(value) : null);
  const file = data.ratingsFile ?? {};
  const print = file.fingerprint ?? file.sha256;
  const days = [data.firstTime, data.lastTime].map((iso) => moment(iso, false));
  return part("facts", said.facts,
    data.label ? h("p", { class: "notice" }, data.label) : null,
    facts([
      [said.fact.rows, count(data.rows?.read)],
      [said.fact.likes, count(data.likes)],
      [said.fact.minRating, typeof data.minRating === "number" ? said.fromRating(data.minRating) : null],
      [said.fact.users, count(data.users)],
      [said.fact.movies, count(data.movies ?? models[0]?.movies)],
      [said.fact.moviesLiked, count(data.moviesLiked)],
      [said.fact.span, data.firstTime && data.lastTime ? [days[0], " – ", days[1]] : null],
      [said.fact.file, file.name ?? (file.names ?? []).join(", ")],
      [said.fact.fingerprint, print ? h("code", { title: print }, print.slice(0, 12)) : null],
      [said.fact.engine, data.engine ? [data.engine.name, data.engine.version].filter(Boolean).join(" ") : null],
      [said.fact.histories, users ? said.kept(number(users)) : null],
      [said.fact.continued, data.continuedFrom ? h("code", {}, data.continuedFrom) : null],
      [said.fact.aligned, data.aligned?.release ? h("code", {}, data.aligned.release) : null],
    ]));
}

function modelsSection(details) {
  const said = texts.card;
  const rows = details.map((model) =>
    h("tr", {},
      h("th", { scope: "row" }, h("a", { href: link("card", model.name) }, word(model.name)),
        model.default && h("span", { class: "kind" }, said.usual)),
      h("td", { class: "num" }, number(model.dimension)),
      h("td", { class: "num" }, number(model.learned)),
      h("td", { class: "num" }, number(model.movies - model.learned)),
      h("td", {}, model.relations.map((relation) => said.relations[relation] ?? relation).join(", ")),
      h("td", { class: "num" }, bytes(total(model.sizes)))));
  const head = headOf(said.modelColumns, (place) => (place && place !== 4 ? "num" : ""));
  return part("models", said.models, scrolled(said.models, h("table", { class: "table" }, head, h("tbody", {}, rows))));
}

function aboutSection(model) {
  const said = texts.card;
  return part("about-model", said.about,
    said.recipes[model.name] ? h("p", { class: "prose" }, said.recipes[model.name]) : null,
    facts([
      [said.modelColumns[1], number(model.dimension)],
      [said.modelColumns[2], number(model.learned)],
      [said.modelColumns[3], number(model.movies - model.learned)],
      [said.modelColumns[4], model.relations.map((relation) => said.relations[relation] ?? relation).join(", ")],
      [said.fact.usual, model.default ? said.yes : said.no],
    ]));
}

function settingsSections(model) {
  const said = texts.card;
  const settings = Object.entries(model.settings).map(([name, value]) =>
    h("tr", {},
      h("th", { scope: "row" }, h("code", {}, name)),
      h("td", { class: "value" }, shown(value)),
      h("td", { class: "muted" }, said.settingMeans[name] ?? "")));
  const sizes = Object.entries(model.sizes).sort((a, b) => b[1] - a[1]).map(([file, size]) =>
    h("tr", {}, h("th", { scope: "row" }, h("code", {}, file)), h("td", { class: "num" }, bytes(size))));
  sizes.push(h("tr", {}, h("th", { scope: "row" }, said.total), h("td", { class: "num" }, bytes(total(model.sizes)))));
  return [
    part("settings", said.settings,
      settings.length
        ? scrolled(said.settings,
          h("table", { class: "table settings" }, headOf(said.settingHead), h("tbody", {}, settings)))
        : h("p", { class: "muted" }, said.noSettings)),
    part("sizes", said.sizes,
      scrolled(said.sizes, h("table", { class: "table sizes" },
        headOf(said.sizeHead, (place) => (place ? "num" : "")), h("tbody", {}, sizes)))),
  ];
}

function total(sizes) {
  return Object.values(sizes).reduce((sum, size) => sum + size, 0);
}

function bytes(size) {
  const [unit, name] = size < 1e3 ? [1, "B"] : size < 1e6 ? [1e3, "kB"] : size < 1e9 ? [1e6, "MB"] : [1e9, "GB"];
  return `${Number((size / unit).toPrecision(3))} ${name}`;
}
