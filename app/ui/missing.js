// An address that leads nowhere.

import { h } from "./dom.js";
import { link } from "./route.js";

/**
 * @param {object} app
 * @param {Element} main
 */
export async function show(app, main) {
  const { missing, missingText, home } = app.texts.errors;
  main.append(h("section", { class: "state" },
    h("h1", {}, missing), h("p", {}, missingText),
    h("div", { class: "toolbar" }, h("a", { class: "button", href: link("home") }, home))));
  app.title(missing);
}
