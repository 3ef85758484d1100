// Where one starts: what this is, and films that many know.

import { filmLink, h, number } from "./dom.js";
import { link } from "./route.js";
import { texts } from "./texts.js";

const MOST = 24;
const said = texts.home;

/**
 * @param {object} app
 * @param {HTMLElement} main
 */
export async function show(app, main) {
  const { data } = app.models;
  main.append(h("div", { class: "home-lead" },
    h("h1", {}, said.title),
    h("p", { class: "lead" }, said.lead(data.users, data.likes, data.movies)),
    data.label ? h("p", { class: "notice home-label" }, said.label(data.label)) : null));
  app.title(said.pageTitle);
  const { movies } = await app.source.search("", MOST, { signal: app.signal });
  main.append(
    h("section", { class: "home-films", "aria-labelledby": "most-liked" },
      h("h2", { id: "most-liked" }, said.mostLiked),
      movies.length ? list(movies) : h("p", {}, said.noFilms)),
    h("nav", { class: "home-ways", "aria-label": said.ways }, h("ul", {}, ways())));
}

function list(movies) {
  const best = movies[0].likes || 1;
  return h("ol", { class: "home-list", role: "list" }, movies.map((film) =>
    h("li", { dataset: { movieId: film.movieId } },
      filmLink(film),
      h("span", { class: "small muted" }, film.genres.join(", ")),
      h("span", { class: "home-likes" },
        h("span", { class: "bar", "aria-hidden": true },
          h("span", { style: { "--w": `${(film.likes / best) * 100}%` } })),
        h("span", { class: "small muted" }, number(film.likes), h("span", { class: "sr-only" }, said.likesWord))))));
}

function ways() {
  return Object.entries(said.wayTexts).map(([name, [title, text]]) =>
    h("li", {}, h("a", { href: link(name) }, h("b", {}, title), h("span", {}, text))));
}
