// A box that finds films while one types: the combobox of the ARIA authoring practices, with a list under it.

import { announce, clear, h, number, year } from "./dom.js";
import { marked } from "./marked.js";
import { icon } from "./marks.js";
import { isAbort } from "./problem.js";
import { texts } from "./texts.js";

const WAIT_MS = 120;
const MOST = 8;
const LONGEST = 200;

/**
 * @param {{app: object, id: string, label: string, placeholder: string, onpick: (film: object) => void}} options
 * @returns {{element: HTMLElement, input: HTMLInputElement}}
 */
export function searchBox({ app, id, label, placeholder, onpick }) {
  const listId = `${id}-list`;
  const input = h("input", {
    id, type: "text", inputmode: "search", enterkeyhint: "search", autocomplete: "off", autocapitalize: "off",
    spellcheck: "false", maxlength: LONGEST, placeholder, role: "combobox", "aria-label": label,
    "aria-autocomplete": "list", "aria-expanded": false, "aria-controls": listId, "aria-haspopup": "listbox",
    oninput: typed, onkeydown: key, onblur: close, onclick: () => found.length && !isOpen() && draw(),
  });
  const list = h("ul", { id: listId, role: "listbox", "aria-label": texts.search.results, hidden: true });
  const hint = h("p", { class: "search-hint", hidden: true });
  const panel = h("div", { class: "search-panel", hidden: true }, hint, list);
  // a press on the panel must not take the focus away, or the list would close under the pointer
  panel.addEventListener("mousedown", (event) => event.preventDefault());
  const element = h("div", { class: "search" }, icon("search"), input, panel);

  let found = [];
  let active = -1;
  let timer = 0;
  let controller = null;
  let asked = Promise.resolve();

  return { element, input };

  function typed() {
    clearTimeout(timer);
    controller?.abort();
    if (input.value.trim() === "") {
      found = [];
      close();
      return;
    }
    asked = new Promise((resolve) => {
      timer = setTimeout(() => resolve(look()), WAIT_MS);
    });
  }

  async function look() {
    const query = input.value.trim();
    controller = new AbortController();
    const { signal } = controller;
    try {
      const exact = await app.source.search(query, MOST, { signal });
      const near = exact.movies.length ? null : await nearest(query, signal);
      if (signal.aborted) return;
      found = (near ?? exact).movies;
      said(near ? texts.search.nothing(query, found.length) : "");
      announce(near ? hint.textContent : texts.search.count(exact.total));
    } catch (error) {
      if (isAbort(error)) return;
      found = [];
      said(error.status === 503 ? texts.search.noRelease : texts.search.failed);
      announce(hint.textContent);
    }
    if (document.activeElement === input) draw();
  }

  /** Nothing is like it: perhaps its beginning is, where a word was misspelt beyond recognition. */
  function nearest(query, signal) {
    return app.source.search(query.slice(0, Math.ceil(query.length / 2)), MOST, { signal });
  }

  function said(text) {
    hint.textContent = text;
    hint.hidden = !text;
  }

  function draw() {
    active = -1;
    clear(list).append(...found.map(option));
    list.hidden = !found.length;
    panel.hidden = list.hidden && hint.hidden;
    input.setAttribute("aria-expanded", String(!list.hidden));
    input.removeAttribute("aria-activedescendant");
  }

  function option(film, index) {
    return h("li", { id: `${listId}-${index}`, role: "option", "aria-selected": false, onclick: () => pick(film) },
      h("span", { class: "option-title" }, marked(film.title || texts.common.untitled(film.movieId), input.value),
        h("span", { class: "year" }, year(film))),
      h("span", { class: "option-facts" }, texts.search.facts(film.genres, number(film.likes))));
  }

  function close() {
    panel.hidden = true;
    active = -1;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function isOpen() {
    return !panel.hidden && !list.hidden;
  }

  function activate(index) {
    list.children[active]?.setAttribute("aria-selected", "false");
    active = index;
    const chosen = list.children[active];
    chosen.setAttribute("aria-selected", "true");
    chosen.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", chosen.id);
  }

  function key(event) {
    if (event.isComposing) return;
    const last = found.length - 1;
    const moves = {
      ArrowDown: () => (active >= last ? 0 : active + 1),
      ArrowUp: () => (active <= 0 ? last : active - 1),
      Home: () => 0,
      End: () => last,
    };
    if (event.key === "Enter") enter(event);
    else if (event.key === "Escape") escape(event);
    else if (event.key === "Tab") close();
    else if (event.key in moves && found.length && (active >= 0 || event.key.startsWith("Arrow"))) {
      event.preventDefault();
      if (!isOpen()) draw();
      activate(moves[event.key]());
    }
  }

  async function enter(event) {
    event.preventDefault();
    if (active >= 0) {
      pick(found[active]);
      return;
    }
    // typed and sent at once: the best answer, as soon as it is there; what is only near is not meant
    await asked;
    if (found.length && hint.hidden && document.activeElement === input) pick(found[0]);
  }

  function escape(event) {
    if (!panel.hidden) close();
    else if (input.value) {
      input.value = "";
      found = [];
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function pick(film) {
    clearTimeout(timer);
    controller?.abort();
    close();
    input.value = "";
    found = [];
    onpick(film);
  }
}
