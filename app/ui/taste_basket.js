// The basket on screen: a box to add films with, what is liked, what is not.

import * as basket from "./basket.js";
import { announce, filmLink, h } from "./dom.js";
import { icon } from "./marks.js";
import { recency } from "./pooling.js";
import { searchBox } from "./search.js";
import { texts } from "./texts.js";

const said = texts.taste;
const KINDS = ["like", "dislike"];
const SHADES = 4;

/**
 * The shade that stands for a liked film, the latest the darkest; those before share the lightest.
 * @param {string} id
 * @returns {string} a class
 */
export function shadeOf(id) {
  const likes = basket.likes();
  return `shade-${Math.min(likes.length - 1 - likes.indexOf(id), SHADES - 1)}`;
}

/**
 * @param {object} app
 * @param {(film: object) => void} onfilm told of a film that is about to be added
 * @returns {{element: HTMLElement, draw: Function, pulled: Function, add: Function, focus: () => void}}
 */
export function basketPanel(app, onfilm) {
  const search = searchBox({
    app, id: "taste-search", label: said.search, placeholder: said.placeholder,
    onpick: (film) => {
      search.input.value = "";
      add(film, kinds.find((radio) => radio.checked).value);
    },
  });
  const kinds = KINDS.map((kind) =>
    h("input", { type: "radio", name: "taste-kind", value: kind, checked: kind === "like" }));
  const lists = Object.fromEntries(KINDS.map((kind) => [kind, h("div", { class: "taste-list" })]));
  const element = h("section", { class: "taste-basket", "aria-label": said.basket },
    search.element,
    h("fieldset", { class: "taste-as" }, h("legend", { class: "sr-only" }, said.addAs),
      h("div", { class: "segmented" }, kinds.map((radio) =>
        h("label", {}, radio, h("span", {}, said.kinds[radio.value]))))),
    KINDS.map((kind) => lists[kind]));
  return { element, draw, pulled, add, focus: () => search.input.focus() };

  function add(film, kind) {
    onfilm(film);
    if (basket.has(film.movieId) === kind) announce(said.there(film.title));
    else announce(basket.add(film.movieId, kind) ? said.added[kind](film.title) : texts.common.basketFull(basket.MOST));
  }

  function draw(films, halfLife) {
    const key = element.contains(document.activeElement) ? document.activeElement.dataset.focus : null;
    const likes = basket.likes(), weights = recency(likes.length, halfLife);
    const rows = likes.map((id, place) => row(films, id, "like", halfLife && { place, weight: weights[place] }));
    const others = basket.dislikes().map((id) => row(films, id, "dislike"));
    fill("like", rows.reverse(), halfLife);
    fill("dislike", others.reverse());
    if (key) focusOn(key);
  }

  /** On with the same button; where it is gone, the box; where it moves no further, the one that moves it back. */
  function focusOn(key) {
    const found = element.querySelector(`[data-focus="${CSS.escape(key)}"]`);
    const other = found?.disabled ? found.parentElement.querySelector("[data-focus]:enabled") : found;
    (other ?? search.input).focus();
  }

  function fill(kind, rows, halfLife) {
    const title = `taste-${kind}`;
    lists[kind].replaceChildren(
      h("h2", { id: title }, said.lists[kind], rows.length ? h("span", { class: "muted" }, ` ${rows.length}`) : ""),
      rows.length && halfLife ? h("p", { class: "small muted" }, said.latestTop) : "",
      rows.length ? h("ol", { role: "list", "aria-labelledby": title }, rows)
        : h("p", { class: "small muted" }, said.noneYet[kind]));
  }

  function row(films, id, kind, order) {
    const film = films.get(id), other = kind === "like" ? "dislike" : "like";
    const title = film?.title ?? id;
    return h("li", { dataset: { id } },
      h("i", { class: film && kind === "like" ? `shade ${shadeOf(id)}` : "shade" }),
      h("div", { class: "taste-film" },
        film ? filmLink(film) : [h("code", {}, id), " ", h("span", { class: "badge" }, said.notHere)],
        order ? h("span", { class: "small muted" }, said.counts(order.weight)) : "",
        h("span", { class: "small muted pull" })),
      h("div", { class: "taste-do" },
        order ? [
          button("up", id, said.later(title), () => shift(order.place, 1), order.place === basket.likes().length - 1),
          button("down", id, said.earlier(title), () => shift(order.place, -1), order.place === 0),
        ] : "",
        film ? button(other, id, said.move[other](title), () => basket.add(id, other)) : "",
        button("close", id, said.remove(title), () => {
          announce(texts.common.takenOut(title));
          basket.remove(id);
        })));
  }

  /** One place later or earlier among the likes; the latest stand on top. */
  function shift(place, by) {
    const likes = basket.likes();
    [likes[place], likes[place + by]] = [likes[place + by], likes[place]];
    basket.fill(likes, basket.dislikes());
    announce(said.placed(likes.length - place - by, likes.length));
  }

  /** For how many of the answers each film was the first reason. */
  function pulled(parts) {
    for (const item of element.querySelectorAll("li[data-id]")) {
      const count = parts?.get(item.dataset.id);
      item.querySelector(".pull").textContent = count ? said.pulled(count) : "";
    }
  }
}

function button(what, id, label, onclick, disabled = false) {
  const sign = { up: "↑", down: "↓" }[what] ?? icon(what);
  return h("button", {
    type: "button", class: "icon-button", "aria-label": label, title: label, disabled, onclick,
    dataset: { focus: `${what}:${id}` },
  }, sign);
}
