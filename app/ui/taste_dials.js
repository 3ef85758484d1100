// How the basket is weighed and which model answers.

import { h, signed } from "./dom.js";
import { texts } from "./texts.js";

const DRAG_MS = 120;
const HALF_LIFE = 1;
const said = texts.taste;

/**
 * @param {object} app
 * @param {(changes: object) => void} onchange told what the address has to say; null: left out
 * @returns {{element: HTMLElement, sync: (params: URLSearchParams) => object}} sync: controls as the address says,
 *     and what to ask the service besides films
 */
export function tasteDials(app, onchange) {
  const { models, default: usual } = app.models;
  const model = h("select", {
    id: "taste-model", onchange: () => onchange({ model: model.value === usual ? null : model.value }),
  }, models.map(({ name }) => h("option", { value: name }, app.modelWord(name))));
  const relation = radios("relation", said.relation, said.relations,
    (value) => onchange({ relation: value === "similar" ? null : value }));
  const weigh = radios("weigh", said.weigh, said.weighs,
    (value) => onchange({ halfLife: value === "latest" ? HALF_LIFE : null }));
  const popularity = slider("popularity", said.popularity, -1, onchange);
  const diversity = slider("diversity", said.diversity, 0, onchange);
  const element = h("div", { class: "taste-dials" },
    h("div", { class: "field" }, h("label", { for: "taste-model" }, said.model), model),
    relation.element, weigh.element, popularity.element, app.source.static ? null : diversity.element);
  return { element, sync };

  function sync(params) {
    const name = params.get("model") || usual;
    // a model that is not there is asked for all the same, so that the answer says so
    if (![...model.options].some((option) => option.value === name)) model.append(h("option", { value: name }, name));
    model.value = name;
    const able = models.find((one) => one.name === name)?.relations ?? ["similar"];
    const wanted = params.get("relation") === "next" ? "next" : "similar";
    const halfLife = bounded(params.get("halfLife"), 0, 1e6);
    relation.set(wanted, able);
    weigh.set(halfLife ? "latest" : "alike");
    const turned = {
      popularity: bounded(params.get("popularity"), -1, 1), diversity: bounded(params.get("diversity"), 0, 1),
    };
    popularity.set(turned.popularity);
    diversity.set(turned.diversity);
    return { model: name, relation: wanted, halfLife, ...turned };
  }
}

function bounded(text, least, most) {
  const value = Number(text);
  return Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : 0;
}

function radios(name, label, words, onchoose) {
  const inputs = Object.keys(words).map((value) =>
    h("input", { type: "radio", name: `taste-${name}`, value, onchange: () => onchoose(value) }));
  const element = h("fieldset", {}, h("legend", { class: "label" }, label),
    h("div", { class: "segmented" }, inputs.map((input) => h("label", {}, input, h("span", {}, words[input.value])))));
  return {
    element,
    set(chosen, able = Object.keys(words)) {
      for (const input of inputs) {
        input.checked = input.value === chosen;
        input.disabled = !able.includes(input.value);
      }
    },
  };
}

function slider(key, words, min, onchange) {
  const id = `taste-${key}`;
  let timer = 0;
  const shown = h("output", { for: id });
  const input = h("input", { id, type: "range", min, max: 1, step: 0.1, "aria-describedby": `${id}-ends` });
  input.addEventListener("input", () => {
    show();
    clearTimeout(timer);
    timer = setTimeout(() => {
      timer = 0;
      if (input.isConnected) onchange({ [key]: Number(input.value) || null });
    }, DRAG_MS);
  });
  const show = () => {
    shown.textContent = signed(`${min < 0 && Number(input.value) > 0 ? "+" : ""}${Number(input.value)}`);
  };
  return {
    element: h("div", { class: "field dial" },
      h("div", { class: "dial-head" }, h("label", { for: id }, words.name), shown), input,
      h("div", { class: "dial-ends small muted", id: `${id}-ends` }, words.ends.map((end) => h("span", {}, end)))),
    set(value) {
      if (timer) return;
      input.value = value;
      show();
    },
  };
}
