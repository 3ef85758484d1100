// The evidence for one neighbour, beside the list where there is room, else under the film it is about.

import { changed, looks } from "./asked.js";
import { announce, clear, h } from "./dom.js";
import { evidence, whyTitle } from "./evidence.js";
import { icon } from "./marks.js";
import { isAbort } from "./problem.js";
import { current, go } from "./route.js";
import { failure, waiting } from "./states.js";
import { texts } from "./texts.js";

const BESIDE = "(min-width: 1100px)";
const said = texts.why;

export class WhyPanel {
  /**
   * @param {object} app
   * @param {object} film whose page it is
   * @param {{row: (id: string) => HTMLElement, opened: (id: string | null) => void}} list
   * @param {HTMLElement} listed what stands before it where it is about a film that is not in the list
   * @param {HTMLElement} fallback what gets the focus when the film's row is gone
   */
  constructor(app, film, list, listed, fallback) {
    Object.assign(this, { app, film, list, listed, fallback, id: null, panel: null, controller: null });
    this.place = h("div", { class: "why-place" });
    this.media = matchMedia(BESIDE);
    this.moved = () => this.placed();
    this.media.addEventListener("change", this.moved);
    this.escaped = (event) => this.escape(event);
    document.addEventListener("keydown", this.escaped);
  }

  leave() {
    this.controller?.abort();
    this.media.removeEventListener("change", this.moved);
    document.removeEventListener("keydown", this.escaped);
  }

  /** The button of a row. */
  toggle(other) {
    go(changed(current(), { why: other.movieId === this.id ? null : other.movieId }));
  }

  /** Show what the address asks for; `focus`: because the user wanted it now. */
  follow(route, focus) {
    this.params = route.params;
    const wanted = route.params.get("why");
    const list = `${route.params.get("model")} ${route.params.get("relation")}`;
    if (wanted === this.id && (wanted === null || list === this.shownList)) return;
    const same = wanted === this.id;
    const left = this.id;
    this.shownList = list;
    this.id = wanted;
    this.list.opened(wanted);
    if (wanted === null) this.close(left, focus);
    else this.open(focus && !same, same);
  }

  close(left, focus) {
    this.controller?.abort();
    const inside = this.panel?.contains(document.activeElement);
    this.panel?.remove();
    this.panel = null;
    this.place.classList.remove("open");
    if (focus || inside) (this.list.row(left)?.querySelector(".why") ?? this.fallback).focus();
  }

  async open(focus, same) {
    this.controller?.abort();
    this.controller = new AbortController();
    const { signal } = this.controller;
    if (!same) this.start();
    if (focus) {
      this.heading.focus({ preventScroll: true });
      this.panel.scrollIntoView({ block: "nearest" });
    }
    try {
      const asked = this.app.source.explain(this.film.movieId, this.id, { signal });
      const found = await (same ? asked : waiting(asked, this.body));
      if (signal.aborted) return;
      const model = this.params.get("model") ?? this.app.models.default;
      const shown = { model, relation: this.params.get("relation") ?? "similar" };
      this.heading.replaceChildren(...whyTitle(found.other, looks(this.params)));
      clear(this.body).append(...evidence(this.app, found, shown));
      this.mini(model, signal);
      if (focus) announce(said.ready(found.other.title));
    } catch (error) {
      if (!isAbort(error)) clear(this.body).append(failure(error, () => this.open(true, false), "h3"));
    }
  }

  /** The empty panel with the name of the film, as far as it is known. */
  start() {
    const known = this.list.row(this.id)?.querySelector("a.film-link")?.textContent;
    this.heading = h("h2", { id: "why-heading", tabindex: "-1" }, said.heading, known ?? this.id, "?");
    this.body = h("div", { class: "why-body" });
    const close = h("button", {
      type: "button", class: "icon-button", "aria-label": said.close, title: said.close,
      onclick: () => this.dismiss(),
    }, icon("close"));
    this.panel?.remove();
    this.panel = h("section", { class: "why-panel", "aria-labelledby": "why-heading" },
      h("div", { class: "why-head" }, this.heading, close), this.body);
    this.placed();
  }

  dismiss() {
    go(changed(current(), { why: null }));
  }

  escape(event) {
    // a menu that is open is what Escape means first
    const elsewhere = event.defaultPrevented || event.target.matches?.("select");
    if (event.key === "Escape" && this.panel && !elsewhere) this.dismiss();
  }

  /** Put the panel where it belongs now: the list may have been made anew, or the window become narrow. */
  placed() {
    if (!this.panel) return;
    const focused = this.panel.contains(document.activeElement) ? document.activeElement : null;
    const row = this.list.row(this.id);
    const home = this.media.matches ? this.place : row;
    this.place.classList.toggle("open", this.media.matches);
    if (home && this.panel.parentElement !== home) home.append(this.panel);
    else if (!home) this.listed.querySelector(".rows-place, .state")?.before(this.panel);
    focused?.focus({ preventScroll: true });
  }

  /** Where both films are on the map, if there is one. */
  async mini(model, signal) {
    try {
      const { miniMap } = await import("./map.js");
      const own = { ...this.app, signal };
      const picture = await miniMap(own, model, [this.film.movieId, this.id], { width: 360, height: 220 });
      if (signal.aborted || !picture) return;
      this.body.append(h("section", { class: "why-part" }, h("h3", {}, said.map(this.app.modelWord(model))), picture));
    } catch (error) {
      // a release without maps, or no way to draw one: all else stands without it
      if (!isAbort(error) && error?.status === undefined) console.warn(error);
    }
  }
}
