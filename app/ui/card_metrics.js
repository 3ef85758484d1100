// The held-out numbers of models beside the baselines: one table with a picture in it.

import { h, number, signed } from "./dom.js";
import { link, replace } from "./route.js";
import { scrolled } from "./tables.js";
import { texts } from "./texts.js";
import { axis, interval, scaleOf, whisker } from "./whiskers.js";

const PLOTTED = ["hr@10", "ndcg@10", "mrr"];
const SHARES = ["coverage", "gini"];
const TASKS = ["A", "B"];

/**
 * The section "how good it is".
 * @param {object[]} details answers of model(), one or several
 * @param {{id: string|null, params: URLSearchParams}} route
 * @returns {{section: HTMLElement, update: (route: {params: URLSearchParams}) => void}}
 */
export function metricsSection(details, route) {
  const said = texts.card;
  const section = h("section", { class: "card-part", "aria-labelledby": "measured" },
    h("h2", { id: "measured" }, said.measured));
  const measured = details.map((detail) => detail.metrics).filter((metrics) => metrics.rows?.length);
  if (!measured.length) {
    section.append(h("div", { class: "notice" }, h("p", {}, said.notMeasured), h("p", {}, said.howToMeasure)));
    return { section, update() {} };
  }
  const rows = [...measured.flatMap((metrics) => metrics.rows), ...(measured[0].baselines ?? [])];
  const table = scrolled(said.measured);
  let chosen = choiceOf(route.params);
  const choose = (key) => (value) => replace(link("card", route.id, withoutUsual({ ...chosen, [key]: value })));
  const choices = h("div", { class: "toolbar card-choices" },
    choice("task", said.task, TASKS, (one) => said.tasks[one], choose("task")),
    choice("metric", said.metric, PLOTTED, (one) => said.metrics[one].name, choose("metric")));
  const about = h("p", { class: "prose" }, said.heldOut(measured[0]));
  section.append(about, choices, table, ...remarks(measured[0]), glossary());
  const update = (now) => {
    chosen = choiceOf(now.params);
    for (const input of choices.querySelectorAll("input")) input.checked = chosen[input.name] === input.value;
    table.replaceChildren(tableOf(rows, chosen, measured[0]));
  };
  update(route);
  return { section, update };
}

function choiceOf(params) {
  const one = (key, values) => values.find((value) => value === params.get(key)) ?? values[0];
  return { task: one("task", TASKS), metric: one("metric", PLOTTED) };
}

function withoutUsual(chosen) {
  return Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== TASKS[0] && value !== PLOTTED[0]));
}

function choice(name, label, values, words, onchoose) {
  const options = values.map((value) =>
    h("label", {},
      h("input", { type: "radio", name, value, onchange: () => onchoose(value) }),
      h("span", {}, words(value))));
  return h("fieldset", {}, h("legend", { class: "label" }, label), h("div", { class: "segmented" }, options));
}

function tableOf(all, { task, metric }, metrics) {
  const said = texts.card;
  const rows = all.filter((row) => row.task === task && typeof row[metric] === "number");
  rows.sort((a, b) => b[metric] - a[metric] || (a.name < b.name ? -1 : 1));
  const scale = scaleOf(rows.map((row) => interval(row[metric], row[`${metric}_se`])[1]));
  const best = Math.max(...rows.filter((row) => row.kind === "baseline").map((row) => row[metric]));
  const reference = Number.isFinite(best) ? best : null;
  const lists = SHARES.filter((key) => rows.some((row) => typeof row[key] === "number"));
  const compared = rows.some((row) => typeof row.difference === "number");
  const head = h("tr", {},
    h("th", { scope: "col" }, said.who),
    h("th", { scope: "col", class: "plot" },
      h("span", { class: "sr-only" }, said.plot(said.metrics[metric].name)), axis(scale)),
    PLOTTED.map((key) => h("th", { scope: "col", class: "num" }, said.metrics[key].name)),
    lists.map((key) => h("th", { scope: "col", class: "num" }, said.metrics[key].name)),
    compared && h("th", { scope: "col", class: "num" }, said.versus));
  const body = rows.map((row) =>
    h("tr", { class: row.kind },
      h("th", { scope: "row" }, nameOf(row)),
      h("td", { class: "plot" }, whisker(scale, row[metric], row[`${metric}_se`], reference)),
      PLOTTED.map((key) => h("td", { class: "num" }, withError(row, key, key === metric))),
      lists.map((key) => h("td", { class: "num" }, typeof row[key] === "number" ? row[key].toFixed(2) : "")),
      compared && h("td", { class: "num" }, difference(row))));
  return h("table", { class: "table measures" },
    h("caption", {},
      h("span", {}, said.caption(said.metrics[metric].name, said.tasks[task], number(metrics.questions)))),
    h("thead", {}, head), h("tbody", {}, body));
}

function nameOf(row) {
  if (row.kind === "baseline") return [texts.card.baselines[row.name] ?? row.name, kind(texts.card.baseline)];
  const word = texts.common.model(row.name);
  return [h("a", { href: link("card", row.name) }, word), kind(texts.card.relations[row.relation] ?? "")];
}

function kind(text) {
  return h("span", { class: "kind" }, text);
}

function withError(row, key, plotted) {
  if (typeof row[key] !== "number") return "";
  const se = row[`${key}_se`], value = row[key].toFixed(3);
  if (!plotted || typeof se !== "number") return value;
  return [h("strong", {}, value), h("span", { class: "muted" }, ` ± ${(1.96 * se).toFixed(3)}`)];
}

function difference(row) {
  if (typeof row.difference !== "number") return "";
  const sure = row.differenceLow > 0 ? "better" : row.differenceHigh < 0 ? "worse" : "level";
  const words = `${plus(row.difference)} ${texts.card.sure[sure]}`;
  return [h("span", { class: sure }, words), kind(`${plus(row.differenceLow)} … ${plus(row.differenceHigh)}`)];
}

function plus(value) {
  return signed(`${value > 0 ? "+" : ""}${value.toFixed(3)}`);
}

function remarks(metrics) {
  const said = texts.card;
  const lines = [said.reference];
  for (const [name, reason] of Object.entries(metrics.skipped ?? {})) {
    lines.push(said.skipped(said.baselines[name] ?? name, reason));
  }
  return lines.map((line) => h("p", { class: "small muted prose" }, line));
}

function glossary() {
  const said = texts.card;
  const entries = Object.values(said.metrics).map(({ name, means }) => [h("dt", {}, name), h("dd", {}, means)]);
  const own = Object.entries(said.baselines).map(([key, name]) =>
    [h("dt", {}, name), h("dd", {}, said.baselinesMean[key])]);
  return h("details", { class: "glossary" }, h("summary", {}, said.glossary), h("dl", {}, entries, own));
}
