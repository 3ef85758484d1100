// A film's page: the film, its neighbours, and on request the evidence for one of them.

import { changed, filters, LIMIT, LIMITS, sameList, similarParams } from "./asked.js";
import { basketButtons } from "./choices.js";
import { curlLine } from "./curl.js";
import { dials } from "./dials.js";
import { announce, clear, h, number, year } from "./dom.js";
import { resultList } from "./list.js";
import { icon } from "./marks.js";
import { isAbort } from "./problem.js";
import { current, go, link, replace } from "./route.js";
import { failure } from "./states.js";
import { texts } from "./texts.js";
import { WhyPanel } from "./why.js";

const said = texts.film;

/**
 * @param {object} app
 * @param {HTMLElement} main
 * @param {{id: string, params: URLSearchParams}} route
 * @returns {Promise<object>}
 */
export async function show(app, main, route) {
  const page = new FilmPage(app, main);
  app.signal.addEventListener("abort", () => page.leave());
  await page.open(route);
  return { anyId: true, update: (next) => page.update(next), leave: () => page.leave() };
}

class FilmPage {
  constructor(app, main) {
    Object.assign(this, { app, main, route: null, film: null, answer: null, controller: null });
  }

  /** Ask for the film and its list at once, then show both. */
  async open(route) {
    const { id, params } = route;
    const [film, list] = await Promise.allSettled([
      this.app.source.movie(id, this.asking()), this.app.source.similar(id, similarParams(params), this.asking(true)),
    ]);
    if (film.status === "rejected") throw film.reason;
    if (list.status === "rejected" && isAbort(list.reason)) throw list.reason;
    Object.assign(this, { route, film: film.value });
    this.build();
    if (list.status === "fulfilled") this.put(list.value);
    else this.fail(list.reason);
    this.why.follow(route, false);
    this.app.title(`${film.value.title}${year(film.value)}`);
  }

  async update(route) {
    if (route.id !== this.route.id) {
      this.main.setAttribute("aria-busy", "true");
      this.opening = true;
      await this.open(route);
      this.opening = false;
      return;
    }
    const before = this.route;
    this.route = route;
    this.sync();
    this.why.follow(route, true);
    // back before another film was there: what was asked for it must not come any more
    if (this.opening) this.asking();
    if (!sameList(before.params, route.params) || this.failed || this.opening) await this.reload();
    this.opening = false;
  }

  leave() {
    this.controller?.abort();
    this.why?.leave();
  }

  /** Options of a request that the next one ends; `more`: it belongs to the one before. */
  asking(more = false) {
    if (!more) {
      this.controller?.abort();
      this.controller = new AbortController();
    }
    return { signal: this.controller.signal };
  }

  async reload() {
    const { id, params } = this.route;
    this.listed.setAttribute("aria-busy", "true");
    try {
      this.put(await this.app.source.similar(id, similarParams(params), this.asking()));
    } catch (error) {
      if (!isAbort(error)) this.fail(error);
    }
  }

  build() {
    const { app, film } = this;
    this.controls = dials(app, film);
    this.list = resultList({ onwhy: (other) => this.why.toggle(other) });
    this.heading = h("h2", { id: "list-heading", tabindex: "-1" });
    this.count = h("p", { class: "muted list-count" });
    this.origin = h("p", { class: "origin" });
    this.foot = h("div", { class: "list-foot" });
    this.body = h("div", {}, this.list.element);
    this.curl = curlLine(() => app.source.curl("similar", film.movieId, similarParams(this.route.params)));
    this.listed = h("section", { class: "film-list", "aria-labelledby": "list-heading" },
      h("div", { class: "list-head" }, h("div", {}, this.heading, this.count), this.curl?.button),
      this.curl?.line, this.body, this.foot);
    this.why = new WhyPanel(app, film, this.list, this.listed, this.heading);
    clear(this.main).append(h("article", { class: "film" },
      this.head(),
      h("div", { class: "film-body" },
        h("section", { class: "film-dials", "aria-label": said.dials }, this.controls.element),
        this.listed,
        this.why.place)));
    this.sync();
  }

  /** Controls and genres say what the address says; a genre that is chosen already is left by its chip. */
  sync() {
    const { route } = this;
    this.controls.sync(route);
    for (const [genre, chip] of this.genres) {
      const on = genre.toLowerCase() === route.params.get("genre")?.toLowerCase();
      chip.href = changed(route, { genre: on ? null : genre });
      chip.classList.toggle("on", on);
      chip.setAttribute("aria-current", String(on));
    }
  }

  head() {
    const { film, app } = this;
    this.genres = new Map(film.genres.map((genre) =>
      [genre, h("a", { class: "chip" }, h("span", { class: "sr-only" }, said.onlyGenre), genre)]));
    const genres = [...this.genres.values()].map((chip) => h("li", {}, chip));
    this.map = h("a", { class: "button", href: link("map") }, icon("map"), said.map);
    return h("header", { class: "film-head" },
      h("div", {},
        h("h1", {}, film.title || texts.common.untitled(film.movieId), h("span", { class: "year" }, year(film))),
        h("div", { class: "film-facts" },
          h("ul", { class: "chips", role: "list" }, genres),
          h("p", {}, said.likedBy(film.likes, app.models.data.users))),
        this.origin),
      h("div", { class: "toolbar" },
        basketButtons(film, { words: true }),
        h("a", { class: "button", href: link("compare", film.movieId) }, icon("compare"), said.compare),
        this.map));
  }

  /** An answer on screen. */
  put(answer) {
    const { film, app, route } = this;
    const { params } = route;
    const model = app.modelWord(answer.model.name);
    Object.assign(this, { answer, failed: false });
    if (!this.list.element.isConnected) clear(this.body).append(this.list.element);
    this.heading.textContent = said.heading(answer.relation, film.title);
    this.count.textContent = said.count(answer.similar.length, answer.total, model);
    this.origin.textContent = said.origin(answer.source, model);
    this.origin.classList.toggle("inferred", answer.source === "inferred");
    this.map.href = link("map", null, { film: film.movieId, model: answer.model.name });
    this.list.update(answer, params);
    this.listed.setAttribute("aria-busy", "false");
    this.curl?.refresh();
    this.more();
    this.why.placed();
    if (!answer.total) this.empty();
    this.tell(said.announced(answer.similar.length, answer.total, model));
  }

  /** Once, however often a dial moves and nothing else changes. */
  tell(text) {
    if (text !== this.told) announce(text);
    this.told = text;
  }

  fail(error) {
    this.failed = true;
    this.heading.textContent ||= said.heading(this.route.params.get("relation"), this.film.title);
    this.count.textContent = "";
    clear(this.body).append(failure(error, () => this.reload(), "h3"));
    clear(this.foot);
    this.listed.setAttribute("aria-busy", "false");
    this.why.placed();
    if (error.status !== 0) return;
    addEventListener("online", () => this.failed && this.reload(), { once: true, signal: this.app.signal });
  }

  more() {
    const shown = this.answer.similar.length;
    const next = LIMITS.find((limit) => limit > shown);
    clear(this.foot);
    if (!next || shown >= this.answer.total) return;
    const button = h("button", { type: "button", class: "button", onclick: () => {
      this.from = shown;
      replace(changed(current(), { limit: next === LIMIT ? null : next }));
    } }, said.more(Math.min(next, this.answer.total) - shown));
    this.foot.append(button);
    if (this.from !== undefined && this.from < shown) {
      // on with the first film that was not there before
      this.list.element.querySelectorAll("li.row a.film-link")[this.from]?.focus({ preventScroll: true });
      this.from = undefined;
    }
  }

  /** Nothing passes the filters: how many would without each of them. */
  async empty() {
    const { id, params } = this.route;
    const { signal } = this.controller;
    const box = h("div", { class: "notice" }, h("p", {}, said.none));
    clear(this.foot).append(box);
    const groups = Object.entries(filters(params));
    const totals = await Promise.all(groups.map(([, keys]) => {
      const without = new URLSearchParams(params);
      keys.forEach((key) => without.delete(key));
      without.set("limit", "1");
      return this.app.source.similar(id, similarParams(without), { signal }).then(({ total }) => total, () => 0);
    }));
    const helps = groups.map(([group, keys], at) => ({ group, keys, total: totals[at] })).filter(({ total }) => total);
    helps.sort((a, b) => b.total - a.total);
    if (signal.aborted) return;
    const loosened = ({ keys }) => changed(current(), Object.fromEntries(keys.map((key) => [key, null])));
    const ways = helps.map((way) => h("li", {},
      h("button", { type: "button", class: "button tiny", onclick: () => go(loosened(way)) },
        said.loosen[way.group]), h("span", { class: "muted" }, said.wouldBe(way.total))));
    if (ways.length) box.append(h("ul", { class: "plain-list" }, ways));
    else if (groups.length) box.append(h("p", {}, said.loosenAll));
    announce(box.textContent);
  }
}
