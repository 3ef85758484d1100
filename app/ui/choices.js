// Buttons that put a film into the basket, wherever a film is shown.

import * as basket from "./basket.js";
import { announce, h } from "./dom.js";
import { icon } from "./marks.js";
import { texts } from "./texts.js";

const KINDS = ["like", "dislike"];

basket.onchange(() => document.querySelectorAll("[data-basket]").forEach(show));

/**
 * Two buttons, liked and disliked; pressed again, the film is taken out. They follow the basket by themselves.
 * @param {{movieId: string, title: string}} film
 * @param {{words?: boolean}} [options] words: with a text, not a picture alone
 * @returns {HTMLElement}
 */
export function basketButtons(film, { words = false } = {}) {
  const buttons = KINDS.map((kind) => {
    const said = texts.common[kind];
    const label = words
      ? said.word
      : h("span", { class: "sr-only" }, said.of(film.title || texts.common.untitled(film.movieId)));
    return h("button", {
      type: "button", class: words ? "button" : "icon-button", title: words ? undefined : said.word,
      dataset: { basket: film.movieId, kind }, onclick: () => toggle(film, kind),
    }, icon(kind), label);
  });
  buttons.forEach(show);
  return h("span", { class: "basket-buttons" }, buttons);
}

function toggle(film, kind) {
  const { movieId, title } = film;
  if (basket.has(movieId) === kind) {
    basket.remove(movieId);
    announce(texts.common.takenOut(title));
  } else {
    announce(basket.add(movieId, kind) ? texts.common[kind].added(title) : texts.common.basketFull(basket.MOST));
  }
}

function show(button) {
  button.setAttribute("aria-pressed", String(basket.has(button.dataset.basket) === button.dataset.kind));
}
