// The map of all films: #/map?model=&colour=&movie=&genre=&only=&x=&y=&zoom=

import { sorted } from "./colours.js";
import { controls } from "./controls.js";
import { announce, clear, filmLink, h } from "./dom.js";
import { boundsOf } from "./grid.js";
import { legend } from "./legend.js";
import { IN_AREA, IN_VIEW, filmList, filmOf, genresOf } from "./listed.js";
import { address, read } from "./mapaddress.js";
import { belongs, bothOf, mapOf } from "./maploading.js";
import { chosen, painted } from "./paint.js";
import { ordered, positions, radius, within } from "./points.js";
import { go, link, replace } from "./route.js";
import { stage } from "./stage.js";
import { note } from "./states.js";

export { miniMap } from "./minimap.js";

const NEIGHBOURS = 20;
const LABELS = 12;
const TRIED = 80;

/** Fill `main` with the map. */
export async function show(app, main, route) {
  const state = read(route.params, app.models);
  const [catalogue, map] = await bothOf(app, state.model);
  const view = new MapView(app, catalogue);
  await view.open(main, state, map);
  return { update: (next) => view.update(read(next.params, app.models)), leave: () => view.leave() };
}

class MapView {
  constructor(app, catalogue) {
    this.app = app;
    this.words = app.texts.map;
    this.catalogue = catalogue;
    this.order = ordered(catalogue);
    this.rowOf = new Map(catalogue.movieIds.map((id, row) => [id, row]));
    this.repaint = this.repaint.bind(this);
  }

  async open(main, state, map) {
    const { app, words, catalogue } = this;
    this.state = {};
    this.stage = stage(app.texts, {
      film: (at) => filmOf(catalogue, this.order.rows[at]),
      inferred: (at) => this.inferred.has(this.order.rows[at]),
      onrest: () => this.rest(),
      onopen: (at, event) => this.openFilm(at, event),
      onbox: (box, done) => this.select(box, done),
      onescape: () => this.select(null, false),
      selecting: () => this.controls.selecting(),
    });
    this.scatter = this.stage.scatter;
    this.controls = controls(app, state, catalogue.genreNames, (change) => this.choose(change), (on) => this.mode(on));
    this.legend = legend(words, (only) => this.choose({ only }));
    const point = (row) => this.stage.point(row < 0 ? -1 : this.order.ats[row]);
    this.view = filmList("map-in-view", words.inView, words.likes, point);
    this.summary = h("p", { class: "small" });
    this.area = filmList("map-in-area", words.inArea, words.likes, point, this.summary,
      button(words.clearArea, () => this.select(null, false)));
    this.area.element.hidden = true;
    this.focused = h("div", { class: "map-focus", hidden: true });
    this.missing = h("div", { hidden: true });
    this.meaning = h("p", { class: "map-meaning muted" });
    const drawn = h("div", { class: "map-drawn" }, this.focused, this.stage.element, this.meaning);
    const side = h("div", { class: "map-side" }, this.area.element, this.legend.element, this.view.element);
    this.body = h("div", { class: "map-body" }, drawn, side);
    main.append(h("div", { class: "map" }, h("h1", {}, words.title), h("p", { class: "muted" }, words.lead),
      this.controls.element, this.missing, this.body));
    app.title(words.title);
    document.addEventListener("themechange", this.repaint);
    this.scatter.resize();
    await this.update(state, map);
  }

  leave() {
    document.removeEventListener("themechange", this.repaint);
    this.scatter.close();
  }

  /** Show another state: only what differs is done anew. */
  async update(state, loaded) {
    const before = this.state;
    this.state = state;
    this.controls.set(state);
    const differs = (...names) => names.some((name) => before[name] !== state[name]);
    if (differs("model")) {
      this.body.setAttribute("aria-busy", "true");
      const map = loaded === undefined ? await mapOf(this.app, state.model) : loaded;
      if (this.state.model !== state.model) return;
      // another release is live: nothing here is right any more
      if (map && !belongs(map, this.catalogue)) return void this.app.again();
      this.body.removeAttribute("aria-busy");
      this.setMap(map);
    }
    if (!this.map) return;
    if (differs("model", "colour", "genre", "only")) this.repaint();
    this.look(state, before);
    if (differs("model", "movie")) await this.light(state, before.model === state.model);
  }

  setMap(map) {
    this.map = map;
    this.body.hidden = map === null;
    this.missing.hidden = map !== null;
    if (map === null) {
      clear(this.missing).append(note(h("p", {}, this.words.noMap(this.app.modelWord(this.state.model)))));
      return;
    }
    this.scatter.resize();
    this.inferred = new Set(map.inferred);
    this.select(null, false);
    this.scatter.setPoints({ ...positions(this.order, map), size: this.order.size });
    const { dimension } = this.app.models.models.find(({ name }) => name === this.state.model) ?? {};
    this.meaning.textContent = this.words.meaning(map.method, this.app.modelWord(this.state.model), dimension);
  }

  /** Move the camera where the state says. */
  look({ spot, model }, before) {
    const { scatter } = this;
    if (spot) {
      if (same(spot, this.spot())) return;
      const camera = { x: spot.x, y: -spot.y, unit: scatter.home.unit / spot.zoom };
      scatter.go(camera, before.model === model);
    } else if (before.spot && !scatter.atHome) scatter.go(scatter.home, true);
  }

  /** Light the current film and its neighbours. */
  async light({ model, movie, spot }, glide) {
    const { scatter, order, words } = this;
    const row = this.rowOf.get(movie) ?? -1;
    let similar = [];
    if (row >= 0) {
      const params = { model, limit: NEIGHBOURS };
      ({ similar } = await this.app.source.similar(movie, params, { signal: this.app.signal }));
    }
    if (this.state.movie !== movie || this.state.model !== model) return;
    const ats = similar.map((film) => order.ats[this.rowOf.get(film.movieId)]).filter((at) => at !== undefined);
    scatter.marks.light(row < 0 ? -1 : order.ats[row], ats);
    this.repaint();
    this.focused.hidden = !movie;
    if (!movie) return;
    const text = row < 0 ? words.unknown(movie) : words.lit(ats.length, this.app.modelWord(model));
    const film = row < 0 ? null : filmOf(this.catalogue, row);
    clear(this.focused).append(
      h("p", {}, film && filmLink(film, this.query()), text),
      button(words.unlight, () => this.choose({ movie: null })));
    announce(`${film ? film.title : ""}${text}`);
    if (row < 0 || spot) return;
    const { x, y } = scatter.points;
    const all = [order.ats[row], ...ats];
    scatter.go(scatter.around(boundsOf(all.map((at) => x[at]), all.map((at) => y[at]))), glide);
  }

  /** Colours, classes and what is lit, from scratch. */
  repaint() {
    if (!this.map) return;
    const { catalogue, order, scatter, state, words } = this;
    const { classes, of } = sorted(state.colour, catalogue, this.map.inferred, words);
    const lit = chosen(state, catalogue, order, classes, of);
    const faded = scatter.marks.current >= 0 && !lit;
    const { paint, style, colourOf } = painted(this.stage.element, order, classes, of, faded);
    scatter.setPaint(paint);
    scatter.marks.setStyle({
      ...style, radiusOf: (at) => radius(order.rows.length, scatter.screen, scatter.zoom, order.size[at]),
    });
    scatter.setLit(lit);
    this.legend.set(classes, state.only, colourOf, words.legend[state.colour]);
  }

  /** The user chose: a new state, from where back leads to this one. */
  choose(change) {
    const spot = change.model || change.movie !== undefined ? null : this.spot();
    const next = address({ ...this.state, spot, ...change }, this.app.models);
    if (Object.keys(change).join() === "only") replace(next);
    else go(next);
  }

  /** Where the camera is, for the address; null: all is shown. */
  spot() {
    const { goal, zoom, atHome } = this.scatter;
    return atHome ? null : { x: goal.x, y: -goal.y, zoom };
  }

  query() {
    const { model } = this.state;
    return { model: model === this.app.models.default ? null : model };
  }

  openFilm(at, event) {
    const href = link("movie", this.catalogue.movieIds[this.order.rows[at]], this.query());
    if (event.ctrlKey || event.metaKey || event.button === 1) window.open(href, "_blank", "noopener");
    else go(href);
  }

  mode(on) {
    this.stage.element.toggleAttribute("data-selecting", on);
  }

  /** A rectangle is being drawn, or is done; null: none any more. */
  select(box, done) {
    this.scatter.marks.area = box;
    this.scatter.touch();
    if (!box || done) this.controls.selecting(false);
    if (box && !done) return;
    this.area.element.hidden = !box;
    if (!box) return;
    const { count, ats } = within(this.scatter.points, box, this.scatter.lit, Infinity);
    const rows = ats.map((at) => this.order.rows[at]);
    const films = rows.slice(0, IN_AREA).map((row) => filmOf(this.catalogue, row));
    this.area.set(this.words.counted(count, films.length), films, this.query());
    this.summary.textContent = this.words.genresIn(genresOf(this.catalogue, rows));
  }

  /** Nothing moves any more: names, the list, the address. */
  rest() {
    if (!this.map) return;
    const { scatter, catalogue, order } = this;
    const { current, near } = scatter.marks;
    const { count, ats } = within(scatter.points, scatter.seen, scatter.lit, TRIED);
    const wanted = current < 0 ? ats : [current, ...near.map(({ at }) => at)];
    const named = wanted.map((at) => ({ at, text: catalogue.titles[order.rows[at]] }));
    scatter.marks.name(scatter, named, LABELS);
    const films = ats.slice(0, IN_VIEW).map((at) => filmOf(catalogue, order.rows[at]));
    this.view.set(this.words.counted(count, films.length), films, this.query());
    const spot = this.spot();
    const next = address({ ...this.state, spot }, this.app.models);
    if (next !== location.hash) replace(next);
  }
}

function button(text, act) {
  return h("button", { type: "button", class: "button tiny", onclick: act }, text);
}

/** Whether two spots are one, as far as an address tells. */
function same(one, other) {
  return other !== null &&
    Object.keys(one).every((key) => Math.abs(one[key] - other[key]) <= 1e-3 * Math.abs(other[key]));
}
