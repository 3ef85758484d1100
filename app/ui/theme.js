// Light and dark: as the system has it, until the button says otherwise; forgotten with the tab.

import { clear, h } from "./dom.js";
import { icon } from "./marks.js";
import { texts } from "./texts.js";

const KEY = "theme";
const system = matchMedia("(prefers-color-scheme: dark)");

/**
 * Whether the page is dark now.
 * @returns {boolean}
 */
export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : system.matches;
}

/**
 * The button that switches; whenever colours change, "themechange" is dispatched on the document.
 * @returns {HTMLButtonElement}
 */
export function themeButton() {
  const remembered = recall();
  if (remembered) document.documentElement.dataset.theme = remembered;
  const button = h("button", { type: "button", class: "icon-button", onclick: flip });
  show();
  system.addEventListener("change", tell);
  return button;

  function flip() {
    const next = isDark() ? "light" : "dark";
    document.documentElement.dataset.theme = next;
    remember(next);
    tell();
  }

  function tell() {
    show();
    document.dispatchEvent(new Event("themechange"));
  }

  function show() {
    const label = isDark() ? texts.common.toLight : texts.common.toDark;
    button.setAttribute("aria-label", label);
    button.title = label;
    clear(button).append(icon(isDark() ? "sun" : "moon"));
  }
}

// a browser may refuse to keep anything
function recall() {
  try {
    const kept = sessionStorage.getItem(KEY);
    return kept === "dark" || kept === "light" ? kept : null;
  } catch {
    return null;
  }
}

function remember(theme) {
  try {
    sessionStorage.setItem(KEY, theme);
  } catch {
    // then only until the page is closed
  }
}
