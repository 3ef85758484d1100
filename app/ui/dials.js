// How and which: model, relation, dials and filters of a film's page. What they say stands in the address alone.

import { h, signed } from "./dom.js";
import { changed, countSet, unset } from "./asked.js";
import { current, go, replace } from "./route.js";
import { texts } from "./texts.js";

const DRAG_MS = 120;
const TYPE_MS = 350;
const WIDE = "(min-width: 900px)";
const said = texts.film;

/**
 * The control panel.
 * @param {object} app
 * @param {{genres: string[]}} film whose genres stand in the list before all others are known
 * @returns {{element: HTMLElement, sync: (route: object) => void}}
 */
export function dials(app, film) {
  const { models } = app.models;
  const byName = new Map(models.map((model) => [model.name, model]));
  const model = segmented("model", said.model, models.map(({ name }) => [name, app.modelWord(name)]), chooseModel);
  const relations = Object.entries(said.relations);
  const relation = segmented("relation", said.relation, relations, (value) => push({ relation: value }));
  const popularity = slider("popularity", said.popularity, [-1, 1, 0.1], said.popularityEnds, said.popularityWords);
  const diversity = slider("diversity", said.diversity, [0, 1, 0.05], said.diversityEnds, said.diversityWords);
  const genre = genreSelect(app, film);
  const from = numeric("yearFrom", said.yearFrom, 9999);
  const to = numeric("yearTo", said.yearTo, 9999);
  const likes = numeric("minLikes", said.minLikes, 2 ** 31 - 1);
  const learned = h("input", {
    type: "checkbox", id: "dial-learned", onchange: () => push({ learnedOnly: learned.checked ? "true" : null }),
  });
  const reset = h("button", { type: "button", class: "button quiet tiny", onclick: () => push(unset()) }, said.reset);
  const state = h("span", { class: "dials-state" });
  const element = folding(h("summary", {}, said.dials, state),
    h("div", { class: "dials" },
      model.element, relation.element, popularity.element, app.source.static ? null : diversity.element, genre.element,
      h("fieldset", { class: "years" }, h("legend", { class: "sr-only" }, said.years), from.element, to.element),
      likes.element,
      h("label", { class: "check", for: "dial-learned" }, learned, said.learnedOnly),
      reset));
  return { element, sync };

  function sync({ params }) {
    const chosen = params.get("model") ?? app.models.default;
    const wanted = params.get("relation") ?? "similar";
    model.set(chosen);
    relation.set(wanted);
    relation.able(byName.get(chosen)?.relations ?? ["similar", "next"]);
    for (const one of [popularity, diversity, genre, from, to, likes]) one.set(params);
    learned.checked = params.get("learnedOnly") === "true";
    const set = countSet(params);
    reset.disabled = !set;
    state.textContent = said.dialsState(app.modelWord(chosen), said.relations[wanted] ?? wanted, set);
  }

  function chooseModel(name) {
    const able = byName.get(name).relations;
    const now = current().params.get("relation") ?? "similar";
    push({ model: name === app.models.default ? null : name, relation: able.includes(now) ? now : able[0] });
  }
}

function push(changes) {
  go(changed(current(), changes));
}

/** Open where there is room beside the list, to be opened where there is not. */
function folding(...children) {
  const details = h("details", { class: "dials-fold" }, children);
  const wide = matchMedia(WIDE);
  const fit = () => {
    details.open = wide.matches;
  };
  fit();
  wide.addEventListener("change", fit);
  return details;
}

function segmented(name, label, choices, onchoose) {
  const inputs = choices.map(([value]) =>
    h("input", { type: "radio", name: `dial-${name}`, value, onchange: () => onchoose(value) }));
  const element = h("fieldset", { class: `dial-${name}` },
    h("legend", { class: "label" }, label),
    h("div", { class: "segmented" },
      choices.map(([, text], at) => h("label", {}, inputs[at], h("span", {}, text)))));
  return {
    element,
    set(value) {
      for (const input of inputs) input.checked = input.value === value;
    },
    able(values) {
      for (const input of inputs) {
        input.disabled = !values.includes(input.value);
        input.title = input.disabled ? said.notKnown : "";
      }
    },
  };
}

function slider(key, label, [min, max, step], ends, words) {
  const id = `dial-${key}`;
  const shown = h("output", { for: id });
  const input = h("input", { id, type: "range", min, max, step, "aria-describedby": `${id}-ends` });
  input.addEventListener("input", () => {
    show();
    later(input, DRAG_MS, () => ({ [key]: Number(input.value) || null }));
  });
  return {
    element: h("div", { class: "field dial" },
      h("div", { class: "dial-head" }, h("label", { for: id }, label), shown),
      input,
      h("div", { class: "dial-ends small muted", id: `${id}-ends` }, h("span", {}, ends[0]), h("span", {}, ends[1]))),
    set(params) {
      if (pending.has(input)) return;
      input.value = params.get(key) ?? 0;
      show();
    },
  };

  function show() {
    const value = Number(input.value);
    shown.textContent = value ? signed(`${min < 0 && value > 0 ? "+" : ""}${value}`) : "0";
    input.setAttribute("aria-valuetext", words(value));
  }
}

function numeric(key, label, max) {
  const id = `dial-${key}`;
  const input = h("input", { id, type: "number", inputmode: "numeric", min: 0, max, step: 1 });
  input.addEventListener("input", () => {
    // half a number is no reason to ask
    if (input.validity.valid) later(input, TYPE_MS, () => ({ [key]: input.value || null }));
  });
  return {
    element: h("div", { class: "field" }, h("label", { for: id }, label), input),
    set(params) {
      if (!pending.has(input) && document.activeElement !== input) input.value = params.get(key) ?? "";
    },
  };
}

function genreSelect(app, film) {
  const select = h("select", { id: "dial-genre", onchange: () => push({ genre: select.value || null }) });
  let names = film.genres;
  let chosen = "";
  app.genres().then((all) => {
    names = all;
    fill();
  }, () => null);
  return {
    element: h("div", { class: "field" }, h("label", { for: "dial-genre" }, said.genre), select),
    set(params) {
      chosen = params.get("genre") ?? "";
      fill();
    },
  };

  function fill() {
    // upper and lower case are the same to the service
    const known = names.find((name) => name.toLowerCase() === chosen.toLowerCase());
    const all = known === undefined && chosen ? [chosen, ...names] : names;
    const options = all.map((name) => h("option", { value: name }, name));
    select.replaceChildren(h("option", { value: "" }, said.anyGenre), ...options);
    select.value = known ?? chosen;
  }
}

// what is being dragged or typed, and is not in the address yet
const pending = new Map();

function later(input, wait, changes) {
  clearTimeout(pending.get(input));
  pending.set(input, setTimeout(() => {
    pending.delete(input);
    if (input.isConnected) replace(changed(current(), changes()));
  }, wait));
}
