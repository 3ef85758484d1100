// Words that explain a number, for pointer, touch and keyboard alike: one tooltip for all elements with [data-tip].

import { clear, h } from "./dom.js";

const GRACE_MS = 150;

/**
 * @param {HTMLElement} place what the tooltip is placed in; position: relative
 * @param {string} id
 * @param {(element: HTMLElement) => (Node | string)[]} contentOf
 */
export function tips(place, id, contentOf) {
  const tip = h("div", { id, class: "tip", role: "tooltip", hidden: true });
  let owner = null;
  let timer = 0;
  place.append(tip);
  place.addEventListener("mouseover", (event) => (tip.contains(event.target) ? stay() : reach(event)));
  place.addEventListener("mouseout", leave);
  place.addEventListener("focusin", reach);
  place.addEventListener("focusout", hide);
  place.addEventListener("click", reach);
  function reach(event) {
    const wanted = event.target.closest("[data-tip]");
    if (wanted) show(wanted);
  }

  function show(wanted) {
    stay();
    if (owner === wanted && !tip.hidden) return;
    hide();
    owner = wanted;
    clear(tip).append(...contentOf(wanted));
    tip.hidden = false;
    document.addEventListener("keydown", escape, true);
    wanted.setAttribute("aria-describedby", id);
    const from = place.getBoundingClientRect();
    const at = wanted.getBoundingClientRect();
    const left = Math.max(0, Math.min(at.right - from.left - tip.offsetWidth, from.width - tip.offsetWidth));
    const under = at.bottom + tip.offsetHeight + 8 < innerHeight;
    tip.style.left = `${left}px`;
    tip.style.top = `${under ? at.bottom - from.top + 4 : at.top - from.top - tip.offsetHeight - 4}px`;
  }

  function leave(event) {
    const to = event.relatedTarget;
    if (owner && !owner.contains(to) && !tip.contains(to) && document.activeElement !== owner) {
      timer = setTimeout(hide, GRACE_MS);
    }
  }

  /** Wherever the focus is, and before anything else is closed by it. */
  function escape(event) {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    hide();
  }

  function stay() {
    clearTimeout(timer);
  }

  function hide() {
    stay();
    document.removeEventListener("keydown", escape, true);
    owner?.removeAttribute("aria-describedby");
    owner = null;
    tip.hidden = true;
  }
}
