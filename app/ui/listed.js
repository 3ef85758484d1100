// The map in words: the films in view, and those in a selected area, as lists.

import { clear, filmLink, h, number } from "./dom.js";

export const IN_VIEW = 50;
export const IN_AREA = 200;
const GENRES = 4;

/**
 * A titled list of films that says how many there are.
 * @param {string} id of its heading
 * @param {string} title
 * @param {string} likes the word for the numbers
 * @param {(row: number) => void} onpoint a film of the list is pointed at; -1: none
 * @param {...Node} more between the title and the count
 * @returns {{element: HTMLElement, set: (text: string, films: object[], params: object) => void}}
 */
export function filmList(id, title, likes, onpoint, ...more) {
  const count = h("p", { role: "status" });
  const list = h("ol", { class: "map-list" });
  const element = h("section", { class: "map-listed", "aria-labelledby": id },
    h("h2", { id }, title), more,
    h("div", { class: "map-list-head muted small" }, count, h("span", { "aria-hidden": true }, likes)), list);

  function item(film, params) {
    return h("li", {
      dataset: { movieId: film.movieId },
      onpointerenter: () => onpoint(film.row), onpointerleave: () => onpoint(-1),
      onfocusin: () => onpoint(film.row), onfocusout: () => onpoint(-1),
    }, filmLink(film, params), h("span", { class: "map-likes" }, number(film.likes),
      h("span", { class: "sr-only" }, ` ${likes}`)));
  }

  function set(text, films, params) {
    if (count.textContent !== text) count.textContent = text;
    // a list that is being walked through by keyboard is not pulled away
    if (list.contains(document.activeElement)) return;
    clear(list).append(...films.map((film) => item(film, params)));
  }

  return { element, set };
}

/**
 * Which genres the films of an area have most often.
 * @param {{genreNames: string[], genres: number[][]}} catalogue
 * @param {number[]} rows
 * @returns {{name: string, share: number}[]} the most frequent first
 */
export function genresOf({ genreNames, genres }, rows) {
  const counts = new Uint32Array(genreNames.length);
  for (const row of rows) for (const genre of genres[row]) counts[genre] += 1;
  const order = [...counts.keys()].filter((genre) => counts[genre]).sort((a, b) => counts[b] - counts[a] || a - b);
  return order.slice(0, GENRES).map((genre) => ({ name: genreNames[genre], share: counts[genre] / rows.length }));
}

/**
 * A film of the catalogue as the other routes have it.
 * @param {object} catalogue answer of source.catalogue()
 * @param {number} row
 * @returns {{row: number, movieId: string, title: string, year: number | null, genres: string[], likes: number}}
 */
export function filmOf({ movieIds, titles, years, genreNames, genres, likes }, row) {
  return {
    row, movieId: movieIds[row], title: titles[row], year: years[row],
    genres: genres[row].map((genre) => genreNames[genre]), likes: likes[row],
  };
}
