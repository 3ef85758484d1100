// Films liked and disliked, and what goes with all of them together. The address holds everything; nothing is kept.

import * as basket from "./basket.js";
import { curlLine } from "./curl.js";
import { announce, h } from "./dom.js";
import { current, go, link, replace } from "./route.js";
import { isAbort } from "./problem.js";
import { failure, waiting } from "./states.js";
import { basketPanel } from "./taste_basket.js";
import { tasteDials } from "./taste_dials.js";
import { recommendations } from "./taste_list.js";
import { texts } from "./texts.js";

// as long as a search may be
const LONGEST_ID = 200;
const LIMITS = [20, 50, 100];
const STARTERS = 12;
const said = texts.taste;

/**
 * #/taste?likes=592&likes=593&dislikes=1&model=&relation=&diversity=&popularity=&halfLife=&limit=
 * @param {object} app
 * @param {HTMLElement} main
 * @param {{params: URLSearchParams}} route
 * @returns {Promise<object>}
 */
export async function show(app, main, route) {
  const named = route.params.has("likes") || route.params.has("dislikes");
  if (!named && basket.likes().length + basket.dislikes().length) {
    // an address without films is the way to one's own basket
    replace(basket.address(optionsOf(route.params)));
    return {};
  }
  const view = new TasteView(app, main);
  await view.update(route);
  app.title(said.title);
  return { update: (next) => view.update(next), leave: () => view.leave() };
}

class TasteView {
  constructor(app, main) {
    Object.assign(this, { app, films: new Map(), latest: 0, filling: false, body: null });
    this.panel = basketPanel(app, (film) => this.films.set(film.movieId, film));
    this.dials = tasteDials(app, (changes) => replace(basket.address({ ...optionsOf(current().params), ...changes })));
    this.list = recommendations();
    this.results = h("div", { class: "taste-results" });
    this.curl = curlLine(() => app.source.curl("history", null, this.body ?? {}));
    this.share = h("button", { type: "button", class: "button tiny", onclick: () => this.copy() }, said.copyLink);
    this.address = h("input", { type: "text", readonly: true, "aria-label": said.address, hidden: true });
    this.clear = h("button", { type: "button", class: "button tiny quiet", onclick: () => this.empty() }, said.clear);
    this.unsubscribe = basket.onchange(() => this.filling || replace(basket.address(optionsOf(current().params))));
    main.append(
      h("header", { class: "view-head" }, h("h1", {}, said.title), h("p", { class: "muted prose" }, said.intro)),
      h("div", { class: "taste" },
        h("div", { class: "taste-side" }, this.panel.element,
          h("div", { class: "toolbar" }, this.share, this.clear), this.address),
        h("section", { class: "taste-main", "aria-labelledby": "taste-heading" },
          h("h2", { id: "taste-heading", tabindex: -1 }, said.heading), this.dials.element, this.results)));
  }

  /** The address has changed: by back, by a dial, or by the basket. */
  async update(route) {
    const mine = ++this.latest;
    const [likes, dislikes] = await Promise.all(["likes", "dislikes"].map((key) => this.ids(route.params, key)));
    if (mine !== this.latest) return;
    this.filling = true;
    basket.fill(likes, dislikes);
    this.filling = false;
    this.address.hidden = true;
    this.results.setAttribute("aria-busy", "true");
    try {
      await this.learn([...basket.likes(), ...basket.dislikes()]);
      if (mine === this.latest) await this.ask(route, mine);
    } catch (error) {
      if (mine !== this.latest || isAbort(error)) return;
      // the first answer is the view's own business, and so is its failure
      if (!this.body && error.status === 503) throw error;
      this.results.replaceChildren(failure(error, () => this.update(current()), "h3"));
    } finally {
      if (mine === this.latest) this.results.setAttribute("aria-busy", "false");
    }
  }

  leave() {
    this.latest++;
    this.unsubscribe();
  }

  /** Ids of a parameter: one each time it is given, or written by hand with commas, unless a film is called so. */
  async ids(params, key) {
    const given = params.getAll(key).filter(Boolean);
    const [text] = given;
    if (given.length !== 1 || !text.includes(",")) return given;
    // a search finds ids too; asking for the film would be an error in the browser's log
    const found = text.length > LONGEST_ID ? [] : (await this.app.source.search(text, 1, this.app)).movies;
    return found[0]?.movieId === text ? given : text.split(",").map((id) => id.trim()).filter(Boolean);
  }

  /** Titles of films not met before; null for what the release does not know. */
  async learn(ids) {
    const { source, signal } = this.app;
    await Promise.all(ids.filter((id) => !this.films.has(id)).map(async (id) => {
      const film = await source.movie(id, { signal }).catch((error) => {
        if (error.status !== 404) throw error;
        return null;
      });
      this.films.set(id, film);
    }));
  }

  async ask(route, mine) {
    const { source, signal } = this.app;
    const options = this.dials.sync(route.params);
    const limit = LIMITS.find((one) => String(one) === route.params.get("limit")) ?? LIMITS[0];
    const known = (ids) => ids.filter((id) => this.films.get(id));
    const likes = known(basket.likes()), dislikes = known(basket.dislikes());
    this.panel.draw(this.films, options.halfLife);
    this.share.hidden = this.clear.hidden = !basket.likes().length && !basket.dislikes().length;
    if (!likes.length) {
      this.body = null;
      await this.starters(dislikes.length > 0, mine);
      return;
    }
    this.body = { likes, dislikes, limit, ...options };
    const answer = await waiting(source.history(this.body, { signal }), this.results);
    if (mine !== this.latest) return;
    this.draw(answer, limit);
    const parts = await this.list.explain(this.app, answer, this.body, this.films);
    if (mine === this.latest) this.panel.pulled(parts);
  }

  draw(answer, limit) {
    const model = this.app.modelWord(answer.model.name);
    const next = LIMITS.find((one) => one > limit);
    const onclick = () => replace(basket.address({ ...optionsOf(current().params), limit: next }));
    const more = next && answer.similar.length < answer.total
      && h("button", { type: "button", class: "button", onclick }, said.more);
    this.curl?.refresh();
    const rows = answer.similar.length ? this.list.draw(answer) : null;
    this.results.replaceChildren(...[
      h("div", { class: "list-head" },
        h("p", { class: "muted" }, said.count(answer.similar.length, answer.total, model)), this.curl?.button),
      this.curl?.line,
      rows ? rows.element : h("p", { class: "notice" }, said.none),
      more && h("div", { class: "list-foot" }, more),
    ].filter(Boolean));
    rows?.focus();
    announce(said.announced(answer.similar.length, answer.total));
  }

  /** Nothing liked yet: some films that many like, to begin with. */
  async starters(disliked, mine) {
    const { source, signal } = this.app;
    const { movies } = await waiting(source.search("", STARTERS, { signal }), this.results);
    if (mine !== this.latest) return;
    const free = movies.filter((film) => !basket.has(film.movieId));
    this.results.replaceChildren(
      h("div", { class: "taste-empty" },
        h("p", {}, disliked ? said.onlyDislikes : said.empty),
        h("p", { class: "label" }, said.starters),
        h("ul", { class: "chips", role: "list" }, free.map((film) =>
          h("li", {}, h("button", { type: "button", class: "chip", onclick: () => this.panel.add(film, "like") },
            said.addNamed(film)))))));
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(location.href);
      announce(said.copied);
      this.share.textContent = said.copied;
      setTimeout(() => {
        this.share.textContent = said.copyLink;
      }, 2500);
    } catch {
      this.address.hidden = false;
      this.address.value = location.href;
      this.address.select();
      announce(said.selected);
    }
  }

  empty() {
    this.filling = true;
    basket.fill([], []);
    this.filling = false;
    announce(said.cleared);
    // back brings them back
    go(link("taste", null, optionsOf(current().params)));
    this.panel.focus();
  }
}

/** What an address says besides films. */
function optionsOf(params) {
  const rest = new URLSearchParams(params);
  rest.delete("likes");
  rest.delete("dislikes");
  return Object.fromEntries(rest);
}
