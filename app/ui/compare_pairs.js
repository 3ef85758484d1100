// How much each two lists agree, in numbers and in words.

import { h } from "./dom.js";
import { headOf, scrolled } from "./tables.js";
import { texts } from "./texts.js";

const WORDS = [[0.8, "nearly"], [0.5, "much"], [0.2, "some"], [1e-9, "little"], [0, "nothing"]];

/**
 * The table of pairs, and what its columns mean; nothing where there is only one list.
 * @param {{lists: object[], pairs: {models: string[], overlap: number|null, rbo: number|null}[]}} found
 * @returns {Node[]}
 */
export function pairsTable({ lists, pairs }) {
  if (!pairs.length) return [];
  const said = texts.compare, word = texts.common.model;
  const length = new Map(lists.map((list) => [list.model, list.similar.length]));
  const rows = [...pairs].sort((a, b) => (b.rbo ?? -1) - (a.rbo ?? -1)).map(({ models: [one, other], overlap, rbo }) =>
    h("tr", {},
      h("th", { scope: "row" }, word(one), h("span", { class: "muted" }, said.and), word(other)),
      overlap === null
        ? h("td", { colspan: 3, class: "muted" }, said.noPair)
        : [
          h("td", {}, h("span", { class: "pair-count" }, shared(overlap, length.get(one), length.get(other))),
            bar(overlap)),
          h("td", {}, h("span", { class: "pair-count" }, rbo.toFixed(2)), bar(rbo)),
          h("td", {}, inWords(overlap)),
        ]));
  return [
    h("section", { class: "compare-pairs", "aria-labelledby": "agreement" },
      h("h2", { id: "agreement" }, said.agreement),
      scrolled(said.agreement, h("table", { class: "table" }, headOf(said.pairColumns), h("tbody", {}, rows))),
      h("p", { class: "small muted prose" }, said.meaning)),
  ];
}

function shared(overlap, one, other) {
  const longer = Math.max(one, other);
  return texts.compare.shared(Math.round(overlap * longer), longer);
}

function bar(share) {
  const width = `${(share * 100).toFixed(1)}%`;
  return h("span", { class: "bar", "aria-hidden": true }, h("span", { style: { "--w": width } }));
}

function inWords(overlap) {
  const [, key] = WORDS.find(([least]) => overlap >= least);
  return texts.compare.words[key];
}
