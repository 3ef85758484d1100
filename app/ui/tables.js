// Tables that may be wider than the screen.

import { h } from "./dom.js";

/**
 * A place that scrolls sideways, by keyboard too.
 * @param {string} label what is in it
 * @param {...(Node | null)} children of the table
 * @returns {HTMLElement}
 */
export function scrolled(label, ...children) {
  return h("div", { class: "table-scroll", tabindex: 0, role: "group", "aria-label": label }, children);
}

/**
 * The head of a table.
 * @param {string[]} names
 * @param {(place: number) => string} [classOf]
 * @returns {HTMLElement}
 */
export function headOf(names, classOf = () => "") {
  return h("thead", {},
    h("tr", {}, names.map((name, place) => h("th", { scope: "col", class: classOf(place) || null }, name))));
}
