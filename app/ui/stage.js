// The place where the map is drawn: canvases, buttons, what is under the pointer.

import { h } from "./dom.js";
import { listen } from "./gestures.js";
import { Scatter } from "./scatter.js";
import { tip } from "./tip.js";

const still = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * @param {object} texts
 * @param {{film: (at: number) => object, inferred: (at: number) => boolean, onrest: () => void,
 *     onopen: (at: number, event: Event) => void, onbox: (box: object | null, done: boolean) => void,
 *     onescape: () => void, selecting: () => boolean}} hooks
 * @returns {{element: HTMLElement, scatter: Scatter, point: (at: number) => void}} point: ring a film, -1: none
 */
export function stage(texts, hooks) {
  const words = texts.map;
  const canvas = h("canvas", {
    class: "map-points", tabindex: "0", role: "application", "aria-roledescription": words.role,
    "aria-label": words.label, "aria-describedby": "map-keys",
  });
  const overlay = h("canvas", { class: "map-marks", "aria-hidden": true });
  const box = tip(texts);
  const press = (label, sign, act) =>
    h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick: act }, sign);
  const scatter = new Scatter(canvas, overlay, { onrest: rest, onmove: follow, still: () => still.matches });
  const buttons = h("div", { class: "map-buttons", role: "group", "aria-label": words.zoom },
    press(words.zoomIn, "+", () => scatter.points && scatter.zoomBy(1.6)),
    press(words.zoomOut, "\u2212", () => scatter.points && scatter.zoomBy(1 / 1.6)),
    press(words.reset, "\u2922", () => scatter.points && scatter.glide(scatter.home)));
  const element = h("div", { class: "map-stage" }, canvas, overlay, box.element, buttons,
    h("p", { class: "map-hint" }, words.selecting),
    h("p", { id: "map-keys", class: "sr-only" }, words.keys));
  let tipped = -1;

  function rest() {
    const { offsetLeft: left, offsetTop: top, offsetWidth: width, offsetHeight: height } = buttons;
    scatter.marks.covered = { left, top, right: left + width, bottom: top + height };
    hooks.onrest();
  }

  function follow() {
    if (tipped >= 0) box.put(scatter.pixel(tipped), scatter.screen);
  }

  function point(at) {
    if (scatter.marks.ring === at) return;
    scatter.marks.ring = at;
    scatter.touch();
  }

  listen(canvas, scatter, {
    selecting: hooks.selecting,
    onopen: hooks.onopen,
    onbox: hooks.onbox,
    onescape: hooks.onescape,
    onpoint(at) {
      point(at);
      if (at === tipped) return;
      tipped = at;
      canvas.toggleAttribute("data-film", at >= 0);
      if (at < 0) box.hide();
      else {
        box.show(hooks.film(at), hooks.inferred(at));
        follow();
      }
    },
  });
  return { element, scatter, point };
}
