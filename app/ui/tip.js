// What is under the pointer, in a small box beside it.

import { clear, h, year } from "./dom.js";

const AWAY = 14;

/**
 * @param {object} texts
 * @returns {{element: HTMLElement, show: (film: object, inferred: boolean) => void,
 *     put: (place: {x: number, y: number}, screen: {width: number, height: number}) => void, hide: () => void}}
 */
export function tip(texts) {
  const element = h("div", { class: "map-tip", hidden: true });

  function show(film, inferred) {
    clear(element).append(
      h("strong", {}, film.title || texts.common.untitled(film.movieId), year(film)),
      film.genres.length ? h("span", {}, film.genres.join(", ")) : "",
      h("span", {}, texts.map.tip(film.likes, inferred)));
    element.hidden = false;
  }

  function put({ x, y }, { width, height }) {
    const { offsetWidth: wide, offsetHeight: tall } = element;
    const left = x + AWAY + wide > width ? x - AWAY - wide : x + AWAY;
    const top = y + AWAY + tall > height ? y - AWAY - tall : y + AWAY;
    const across = Math.max(0, Math.min(width - wide, left));
    element.style.transform = `translate(${Math.round(across)}px, ${Math.round(Math.max(0, top))}px)`;
  }

  function hide() {
    element.hidden = true;
  }

  return { element, show, put, hide };
}
