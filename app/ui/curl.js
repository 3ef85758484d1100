// What is on screen, as a line for a terminal.

import { announce, h } from "./dom.js";
import { icon } from "./marks.js";
import { texts } from "./texts.js";

/**
 * A button that copies the line, and the line to select where the clipboard is not to be had.
 * @param {() => string | null} lineOf
 * @returns {{button: HTMLElement, line: HTMLElement, refresh: () => void} | null} null where there is no service to ask
 */
export function curlLine(lineOf) {
  if (lineOf() === null) return null;
  const code = h("code", { tabindex: "0", "aria-label": texts.film.curlLabel });
  const line = h("pre", { class: "curl", hidden: true }, code);
  const word = h("span", {}, texts.film.curl);
  const button = h("button", { type: "button", class: "button tiny quiet", onclick: copy }, icon("copy"), word);
  let timer = 0;
  refresh();
  return { button, line, refresh };

  function refresh() {
    code.textContent = lineOf();
  }

  async function copy() {
    line.hidden = false;
    refresh();
    try {
      await navigator.clipboard.writeText(code.textContent);
      tell(texts.film.copied);
    } catch {
      // not a secure origin, or not allowed: selected, so that it can be copied by hand
      getSelection().selectAllChildren(code);
      code.focus();
      tell(texts.film.selected);
    }
  }

  function tell(text) {
    clearTimeout(timer);
    word.textContent = text;
    announce(text);
    timer = setTimeout(() => {
      word.textContent = texts.film.curl;
    }, 2500);
  }
}
