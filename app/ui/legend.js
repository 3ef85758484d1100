// What the colours mean, how many films have each, and a button for each to see it alone.

import { clear, h, number } from "./dom.js";

/**
 * @param {object} words texts.map
 * @param {(key: string | null) => void} onchoose a class is to be seen alone; null: all
 * @returns {{element: HTMLElement, set: (classes: object[], only: string | null, colourOf: (one: object) => string,
 *     heading: string) => void}}
 */
export function legend(words, onchoose) {
  const heading = h("h2", { id: "map-legend" });
  const list = h("ul", { class: "map-classes" });
  const all = h("button", { type: "button", class: "button tiny", onclick: () => choose(null) }, words.allClasses);
  const element = h("section", { class: "map-legend", "aria-labelledby": "map-legend" }, heading, list, all);
  let buttons = new Map();

  function choose(key) {
    onchoose(key);
    // the button that was just pressed goes
    if (key === null) list.querySelector("button")?.focus();
  }

  function set(classes, only, colourOf, title) {
    const focused = [...buttons].find(([, button]) => button === document.activeElement)?.[0];
    heading.textContent = title;
    buttons = new Map();
    const shown = classes.filter(({ count }) => count > 0);
    clear(list).append(...shown.map((one) => {
      const pressed = one.key === only;
      const button = h("button", {
        type: "button", class: "map-class", "aria-pressed": pressed, title: words.alone(one.label),
        onclick: () => choose(pressed ? null : one.key),
      }, h("span", { class: "map-swatch", style: { "background-color": colourOf(one) } }),
      h("span", { class: "map-class-name" }, one.label),
      h("span", { class: "map-class-count" }, number(one.count)));
      buttons.set(one.key, button);
      return h("li", {}, button);
    }));
    all.hidden = !shown.some(({ key }) => key === only);
    buttons.get(focused)?.focus();
  }

  return { element, set };
}
