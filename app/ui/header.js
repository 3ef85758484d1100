// The head of every page: name, search, ways to the other views, and what the numbers were learned from.

import * as basket from "./basket.js";
import { clear, h } from "./dom.js";
import { go, link } from "./route.js";
import { searchBox } from "./search.js";
import { texts } from "./texts.js";
import { themeButton } from "./theme.js";

/**
 * Fill <header id="top">.
 * @param {Element} top
 * @param {object} app
 * @returns {{here: (name: string) => void, about: (models: object) => void, focusSearch: () => void}}
 */
export function header(top, app) {
  const search = searchBox({
    app, id: "search", label: texts.search.label, placeholder: texts.search.placeholder,
    onpick: (film) => go(link("movie", film.movieId)),
  });
  search.input.setAttribute("aria-keyshortcuts", "/");
  search.element.append(h("kbd", { class: "search-key", "aria-hidden": true }, "/"));
  const count = h("span", { class: "count", hidden: true });
  const ways = {
    map: h("a", { href: link("map") }, texts.common.map),
    taste: h("a", { href: link("taste") }, texts.common.taste, count),
    card: h("a", { href: link("card") }, texts.common.card),
  };
  const about = h("p", { id: "about" });
  top.append(
    h("div", { class: "top-row" },
      h("a", { class: "brand", href: link("home"), "aria-label": texts.common.brand },
        h("img", { src: "ui/icon.svg", alt: "", width: 26, height: 26 }),
        h("span", { class: "brand-word" }, texts.common.brand)),
      h("search", { class: "top-search", role: "search" }, search.element),
      h("nav", { class: "top-nav", "aria-label": texts.common.views },
        h("ul", {}, Object.values(ways).map((way) => h("li", {}, way)))),
      themeButton()),
    about);
  basket.onchange(showCount);
  return { here, about: tell, focusSearch };

  function here(name) {
    for (const [its, way] of Object.entries(ways)) {
      if (its === name) way.setAttribute("aria-current", "page");
      else way.removeAttribute("aria-current");
    }
  }

  function showCount() {
    const all = basket.likes().length + basket.dislikes().length;
    count.hidden = !all;
    clear(count).append(String(all), h("span", { class: "sr-only" }, texts.common.inBasket(all)));
    ways.taste.href = basket.address();
  }

  function tell(models) {
    const { label, ratingsFile } = models.data;
    const from = label || ratingsFile?.name || texts.common.unnamedData;
    clear(about).append(
      h("span", {}, texts.common.dataLabel, h("strong", {}, from)),
      h("span", { title: models.release }, texts.common.releaseLabel,
        h("a", { href: link("card") }, short(models.release)), texts.common.releasedOn(models.createdAt)));
  }

  function focusSearch() {
    search.input.focus();
    search.input.select();
  }
}

/** The part of an id that tells releases apart: "20261125T025450Z-b30388ff" -> "b30388ff". */
function short(release) {
  return release.split("-").at(-1);
}
