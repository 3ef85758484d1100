// The lists of several models side by side, with what they have in common.

import { links } from "./compare_lines.js";
import { pairsTable } from "./compare_pairs.js";
import { announce, filmLink, h, year } from "./dom.js";
import { icon } from "./marks.js";
import { link, replace } from "./route.js";
import { isAbort } from "./problem.js";
import { failure } from "./states.js";
import { texts } from "./texts.js";

const RELATIONS = ["similar", "next"];
const LIMITS = [10, 20, 50, 100];

/**
 * #/compare/<id>?relation=&limit=&models=a,b,c
 * @param {object} app
 * @param {HTMLElement} main
 * @param {{id: string, params: URLSearchParams}} route
 * @returns {Promise<{update: (route: object) => Promise<void>, leave: () => void}>}
 */
export async function show(app, main, route) {
  const said = texts.compare, { id } = route;
  const all = app.models.models;
  let asked = askedBy(route.params, all);
  const answer = await ask(asked);
  const form = controls(app, change);
  const result = h("div", { class: "compare-result" });
  let lines = null, latest = 0;
  main.append(
    h("header", { class: "view-head" },
      h("p", { class: "label" }, said.label),
      h("h1", {}, filmLink(answer.movie)),
      h("p", { class: "muted prose" }, said.intro)),
    form.element, result);
  app.title(said.title(answer.movie.title, year(answer.movie)));
  draw(answer);
  return { update, leave: () => lines?.stop() };

  function ask({ names, relation, limit }) {
    const params = { relation, limit, models: names.join(",") };
    return app.source.compare(id, params, { signal: app.signal });
  }

  /** A control was moved: the address says so, and `update` is called with it. */
  function change(changed) {
    const next = { ...asked, ...changed };
    const able = all.filter((model) => model.relations.includes(next.relation)).map((model) => model.name);
    const names = next.names.filter((name) => able.includes(name));
    if (!names.length && changed.names) {
      announce(said.atLeastOne);
      form.set(asked);
      return;
    }
    const everyOne = !names.length || names.length === able.length;
    replace(link("compare", id, {
      relation: next.relation === RELATIONS[0] ? null : next.relation,
      limit: next.limit === LIMITS[0] ? null : next.limit,
      models: everyOne ? null : names.join(","),
    }));
  }

  async function update(now) {
    asked = askedBy(now.params, all);
    form.set(asked);
    const mine = ++latest;
    result.setAttribute("aria-busy", "true");
    try {
      const found = await ask(asked);
      if (mine === latest) draw(found);
    } catch (error) {
      if (mine !== latest || isAbort(error)) return;
      lines?.stop();
      result.replaceChildren(failure(error, () => update(now), "h2"));
    }
    if (mine === latest) result.setAttribute("aria-busy", "false");
  }

  function draw(found) {
    lines?.stop();
    form.set(asked);
    const counted = counts(found.lists);
    const columns = h("div", { class: "compare-columns", style: { "--columns": found.lists.length } },
      found.lists.map((list) => column(list, counted, found)));
    result.replaceChildren(
      asked.strange.length ? h("p", { class: "notice" }, said.strange(asked.strange)) : "",
      h("p", { class: "compare-summary" }, said.summary(summed(counted, found.lists.length))),
      h("div", { class: "compare-scroll", tabindex: 0, role: "region", "aria-label": said.lists }, columns),
      ...pairsTable(found));
    lines = links(columns);
    announce(said.announced(found.lists.length));
  }
}

/** What an address asks for; what it names and is not there is told of, and left out. */
function askedBy(params, all) {
  const relation = RELATIONS.find((one) => one === params.get("relation")) ?? RELATIONS[0];
  const able = all.filter((model) => model.relations.includes(relation)).map((model) => model.name);
  const given = params.getAll("models").join(",").split(",").map((name) => name.trim()).filter(Boolean);
  const known = [...new Set(given)].filter((name) => able.includes(name));
  const strange = [...new Set(given)].filter((name) => !able.includes(name));
  const limit = Math.min(100, Math.max(1, Math.round(Number(params.get("limit"))) || LIMITS[0]));
  return { relation, limit, names: known.length ? known : able, strange };
}

function controls(app, change) {
  const said = texts.compare, all = app.models.models;
  const boxes = all.map(({ name }) =>
    h("input", { type: "checkbox", value: name, onchange: () => change({ names: chosen() }) }));
  const radios = RELATIONS.map((value) =>
    h("input", { type: "radio", name: "relation", value, onchange: () => change({ relation: value }) }));
  const select = h("select", { onchange: () => change({ limit: Number(select.value) }) },
    LIMITS.map((limit) => h("option", { value: limit }, said.limit(limit))));
  const element = h("div", { class: "toolbar compare-controls" },
    h("fieldset", {}, h("legend", { class: "label" }, said.models),
      h("div", { class: "toolbar" }, boxes.map((box) =>
        h("label", { class: "check" }, box, app.modelWord(box.value))))),
    h("fieldset", {}, h("legend", { class: "label" }, said.relation),
      h("div", { class: "segmented" }, radios.map((radio) =>
        h("label", {}, radio, h("span", {}, said.relations[radio.value]))))),
    h("label", { class: "field" }, h("span", { class: "label" }, said.length), select));
  return { element, set };

  function chosen() {
    return boxes.filter((box) => box.checked).map((box) => box.value);
  }

  function set({ names, relation, limit }) {
    boxes.forEach((box, place) => {
      box.checked = names.includes(box.value);
      box.disabled = !all[place].relations.includes(relation);
    });
    for (const radio of radios) radio.checked = radio.value === relation;
    if (!LIMITS.includes(limit) && ![...select.options].some((option) => Number(option.value) === limit)) {
      select.append(h("option", { value: limit }, said.limit(limit)));
    }
    select.value = String(limit);
  }
}

/** In how many lists each film is. */
function counts(lists) {
  const found = new Map();
  for (const film of lists.flatMap((list) => list.similar)) found.set(film.movieId, (found.get(film.movieId) ?? 0) + 1);
  return found;
}

function summed(counted, lists) {
  const every = [...counted.values()];
  return {
    lists, different: every.length, all: every.filter((count) => count === lists).length,
    one: every.filter((count) => count === 1).length,
  };
}

function column({ model, source, similar }, counted, { lists, relation }) {
  const said = texts.compare, title = `compared-${model}`;
  const rows = similar.map((film) => {
    const count = counted.get(film.movieId);
    const rest = { relation: relation === RELATIONS[0] ? null : relation };
    return h("li", {
      class: count === lists.length && count > 1 ? "compared everywhere" : "compared",
      dataset: { movieId: film.movieId },
    },
      h("span", { class: "rank", "aria-hidden": true }, String(film.rank)),
      h("span", { class: "compared-film" }, filmLink(film, { model, ...rest }),
        film.source === "inferred" && [" ", h("span", { class: "badge" }, said.inferred)]),
      h("a", {
        class: "compare-this", href: link("compare", film.movieId, rest), title: said.this,
        "aria-label": said.thisFilm(film.title),
      }, icon("compare")),
      lists.length > 1 && pips(count, lists.length));
  });
  return h("section", { class: "compare-column", "aria-labelledby": title },
    h("h2", { id: title }, h("a", { href: link("card", model) }, texts.common.model(model)),
      source === "inferred" && [" ", h("span", { class: "badge", title: said.inferredTitle }, said.inferred)]),
    similar.length ? h("ol", { role: "list" }, rows) : h("p", { class: "muted" }, said.empty));
}

/** In how many of the lists, as dots, and in words for those who do not see them. */
function pips(count, lists) {
  const dots = Array.from({ length: lists }, (_, place) => h("i", { class: place < count ? "on" : "" }));
  const words = texts.compare.inLists(count, lists);
  return h("span", { class: "pips", title: words }, h("span", { "aria-hidden": true }, dots),
    h("span", { class: "sr-only" }, words));
}
