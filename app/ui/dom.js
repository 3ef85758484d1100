// Nodes built by hand, so that a title is always text and never markup.

import { link } from "./route.js";
import { texts } from "./texts.js";

const SVG = "http://www.w3.org/2000/svg";
const PROPERTIES = new Set(["value", "checked", "disabled", "selected", "indeterminate", "open"]);
const whole = new Intl.NumberFormat("en");

/**
 * An element.
 * @param {string} tag
 * @param {object} [attributes] class, text, dataset (object), style (object), on<event> (function), or any attribute;
 *     true: there; false, null, undefined: not there (of aria-*, false is "false").
 * @param {...(Node | string | number | null | undefined | Array)} children
 * @returns {HTMLElement}
 */
export function h(tag, attributes, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/**
 * The same in the SVG namespace.
 * @param {string} tag
 * @param {object} [attributes]
 * @param {...(Node | string | number | null | undefined | Array)} children
 * @returns {SVGElement}
 */
export function svg(tag, attributes, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) set(element, name, value);
  append(element, children);
  return element;
}

function set(element, name, value) {
  if (value === null || value === undefined) return;
  if (name === "text") element.textContent = value;
  else if (name === "dataset") Object.assign(element.dataset, value);
  else if (name === "style") for (const [key, given] of Object.entries(value)) element.style.setProperty(key, given);
  else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
  else if (PROPERTIES.has(name) && name in element) element[name] = value;
  else if (name.startsWith("aria-")) element.setAttribute(name, String(value));
  else if (value !== false) element.setAttribute(name, value === true ? "" : String(value));
}

function append(element, children) {
  for (const child of children) {
    if (Array.isArray(child)) append(element, child);
    else if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

/**
 * Empty a node.
 * @param {Element} node
 * @returns {Element} the same
 */
export function clear(node) {
  node.replaceChildren();
  return node;
}

/**
 * Say something to those who cannot see it; what is said again is heard again.
 * @param {string} text
 */
export function announce(text) {
  const status = document.getElementById("status");
  status.textContent = status.textContent === text ? `${text}\u00a0` : text;
}

/**
 * 1234 -> "1,234".
 * @param {number} value
 * @returns {string}
 */
export function number(value) {
  return whole.format(value);
}

/**
 * A score with three decimals, and a true minus sign.
 * @param {number} value
 * @returns {string}
 */
export function score(value) {
  return signed(value.toFixed(3));
}

/**
 * A number as text with a minus sign that is as wide as a digit.
 * @param {string} text
 * @returns {string}
 */
export function signed(text) {
  return text.replace("-", "\u2212");
}

/**
 * " (1989)", or nothing where no year is known.
 * @param {{year: number | null}} film
 * @returns {string}
 */
export function year(film) {
  return film.year === null || film.year === undefined ? "" : ` (${film.year})`;
}

/**
 * A link to a film's page.
 * @param {{movieId: string, title: string, year: number | null}} film
 * @param {object} [params] query of the link
 * @returns {HTMLAnchorElement}
 */
export function filmLink(film, params) {
  const named = film.title || texts.common.untitled(film.movieId);
  return h("a", { href: link("movie", film.movieId, params), class: "film-link" }, named,
    h("span", { class: "year" }, year(film)));
}
