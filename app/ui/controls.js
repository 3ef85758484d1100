// What can be chosen for the map: the model, the colours, a genre, and a rectangle of it.

import { clear, h } from "./dom.js";
import { WAYS } from "./colours.js";

/**
 * @param {object} app
 * @param {object} state as mapaddress.read() gives it
 * @param {string[]} genreNames
 * @param {(change: object) => void} onchange a part of a new state
 * @param {(on: boolean) => void} onselecting
 * @returns {{element: HTMLElement, set: (state: object) => void, selecting: (on?: boolean) => boolean}}
 */
export function controls(app, state, genreNames, onchange, onselecting) {
  const words = app.texts.map;
  const models = app.models.models.map(({ name }) => h("label", {},
    h("input", { type: "radio", name: "map-model", value: name, onchange: () => onchange({ model: name }) }),
    h("span", {}, app.modelWord(name))));
  const colour = select("map-colour", (value) => onchange({ colour: value, only: null }),
    WAYS.map((way) => [way, words.colours[way]]));
  const named = [...genreNames].sort((a, b) => a.localeCompare(b)).map((name) => [name, name]);
  const genre = select("map-genre", (value) => onchange({ genre: value || null }), [["", words.allGenres], ...named]);
  const button = h("button", {
    type: "button", class: "button", "aria-pressed": false, onclick: () => selecting(!selecting()),
  }, words.select);
  const element = h("div", { class: "map-controls" },
    h("fieldset", { class: "field" }, h("legend", { class: "label" }, words.model),
      h("div", { class: "segmented" }, models)),
    field(words.colour, colour), field(words.genre, genre), button);

  function selecting(on) {
    if (on !== undefined && on !== selecting()) {
      button.setAttribute("aria-pressed", String(on));
      onselecting(on);
    }
    return button.getAttribute("aria-pressed") === "true";
  }

  function set(next) {
    for (const input of element.querySelectorAll("input")) input.checked = input.value === next.model;
    colour.value = next.colour;
    genre.value = genreNames.includes(next.genre) ? next.genre : "";
  }

  set(state);
  return { element, set, selecting };
}

function select(id, onchoose, options) {
  const element = h("select", { id, onchange: () => onchoose(element.value) });
  clear(element).append(...options.map(([value, text]) => h("option", { value }, text)));
  return element;
}

function field(text, input) {
  return h("div", { class: "field" }, h("label", { for: input.id }, text), input);
}
