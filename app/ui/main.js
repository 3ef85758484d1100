// The shell: one source, one header, and one view at a time, as the address says.

import { clear, h } from "./dom.js";
import { header } from "./header.js";
import { SourceError, isAbort } from "./problem.js";
import { current, onroute } from "./route.js";
import { Places } from "./places.js";
import { createSource } from "./source.js";
import { failure } from "./states.js";
import { texts } from "./texts.js";

const VIEWS = {
  home: () => import("./home.js"),
  movie: () => import("./film.js"),
  compare: () => import("./compare.js"),
  map: () => import("./map.js"),
  taste: () => import("./taste.js"),
  card: () => import("./card.js"),
  missing: () => import("./missing.js"),
};
// Two releases that answer in turn (behind a balancer, while it switches) must not make the page flicker for ever.
const RENEW_MS = 3000;
const RETRY_SECONDS = 3;
const WRITABLE = "input:not([type=range], [type=radio], [type=checkbox]), textarea, select, [contenteditable]";

const main = document.getElementById("main");
const notice = document.getElementById("notice");
const places = new Places();
const app = { source: null, models: null, texts, genres, again, modelWord: texts.common.model };

let top;
let opened = null;
let stale = true;
let renewed = -Infinity;
let genresOf = {};

boot();

async function boot() {
  main.dataset.loading = texts.common.loading;
  app.source = await createSource();
  top = header(document.getElementById("top"), app);
  app.source.onrelease(released);
  onroute(render);
  addEventListener("keydown", shortcut);
  addEventListener("online", () => opened?.failed && again());
  document.querySelector(".skip").addEventListener("click", skip);
  await render(current(), true);
  // the other views come while nobody waits: a connection lost later does not matter then
  setTimeout(() => Object.values(VIEWS).forEach((load) => load().catch(() => null)), 1500);
}

/** Show what the address says: by the view that is open if it can, from scratch otherwise. */
async function render(route, first = false) {
  const mine = opened;
  const here = mine?.route.name === route.name;
  const same = here && mine.route.id === route.id;
  if (stale || !mine?.view?.update || !(same || (here && mine.view.anyId))) {
    const focus = !first && (!same || main.contains(document.activeElement));
    await show(route, { focus, keep: same });
    return;
  }
  places.enter();
  if (!same) arrive(mine);
  mine.route = route;
  await guarded(mine, () => mine.view.update(route));
  if (mine !== opened || mine.route !== route) return;
  main.setAttribute("aria-busy", "false");
  if (!same) places.settle();
}

/** The same place anew: the focus comes back to what had it, as far as that is there again. */
async function again() {
  const held = document.activeElement;
  const inside = main.contains(held);
  await show(current(), { focus: inside, keep: true });
  if (inside && held.id) document.getElementById(held.id)?.focus({ preventScroll: true });
}

/** Leave the open view and show another, or the same anew; `keep`: at the same line. */
async function show(route, { focus, keep }) {
  places.enter(keep);
  leave();
  const controller = new AbortController();
  const mine = { route, controller, view: null, entered: false, from: null, failed: false };
  opened = mine;
  if (focus) arrive(mine);
  clear(main);
  main.dataset.view = document.body.dataset.view = route.name;
  main.setAttribute("aria-busy", "true");
  top.here(route.name);
  await guarded(mine, async () => {
    const [module] = await Promise.all([VIEWS[route.name](), refreshed(controller.signal)]);
    if (mine !== opened) return;
    const own = { ...app, signal: controller.signal, title: (text) => entitle(mine, text) };
    const result = await module.show(own, main, route);
    const view = typeof result === "function" ? { leave: result } : (result ?? {});
    if (mine === opened) mine.view = view;
    else view.leave?.();
  });
  if (mine !== opened) return;
  main.setAttribute("aria-busy", "false");
  places.settle();
}

/** Ask what is live where that is not known, and tell it in the header. */
async function refreshed(signal) {
  if (!stale) return;
  app.models = await app.source.models({ signal, shows: true });
  stale = false;
  clear(notice);
  top.about(app.models);
}

/** Run a step of a view; what goes wrong takes the view's place. */
async function guarded(mine, step) {
  try {
    await step();
  } catch (error) {
    if (mine !== opened || isAbort(error)) return;
    const ours = error instanceof SourceError;
    if (!ours) console.error(error);
    mine.view?.leave?.();
    mine.view = null;
    mine.failed = true;
    clear(main).append(failure(error, ours ? again : () => location.reload()));
    main.setAttribute("aria-busy", "false");
    entitle(mine, main.querySelector("h1").textContent);
    if (error.status === 503 || error.status === 0) waitFor(mine, error);
  }
}

/** No release yet, or nobody there: look again and again, quietly, until there is an answer. */
function waitFor(mine, error) {
  mine.timer = setTimeout(async () => {
    try {
      await app.source.models({ signal: mine.controller.signal });
      if (mine === opened) again();
    } catch (next) {
      if (mine === opened) waitFor(mine, next);
    }
  }, seconds(error) * 1000);
}

function seconds(error) {
  return Math.min(30, Math.max(1, error.retrySeconds ?? RETRY_SECONDS));
}

function leave() {
  clearTimeout(opened?.timer);
  opened?.controller.abort();
  opened?.view?.leave?.();
}

/** A newer release answers: at once where its answer is on screen already, else when the user does something. */
function released(_, polled) {
  stale = true;
  genresOf = {};
  if (!polled && performance.now() - renewed > RENEW_MS) {
    renewed = performance.now();
    queueMicrotask(again);
    return;
  }
  clear(notice).append(
    h("span", { role: "status" }, texts.common.newRelease),
    h("button", { type: "button", class: "button tiny primary", onclick: again }, texts.common.showNewRelease));
}

/** Names of all genres, of the live release. */
function genres() {
  const { release } = app.models;
  genresOf[release] ??= app.source.search("", 500).then((found) => {
    const names = new Set(found.movies.flatMap((film) => film.genres));
    return [...names].sort((a, b) => a.localeCompare(b));
  });
  // not kept where it failed
  genresOf[release].catch(() => delete genresOf[release]);
  return genresOf[release];
}

/** The user goes somewhere: from where, so that the focus is only moved if it has stayed there. */
function arrive(mine) {
  mine.entered = true;
  mine.from = document.activeElement;
}

function entitle(mine, text) {
  document.title = mine?.route.name === "home" ? text : `${text} · ${texts.common.brand}`;
  if (!mine?.entered) return;
  mine.entered = false;
  const now = document.activeElement;
  const heading = main.querySelector("h1");
  if (!heading || (now && now !== document.body && now !== mine.from)) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
}

function shortcut(event) {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.(WRITABLE)) return;
  event.preventDefault();
  top.focusSearch();
}

function skip(event) {
  event.preventDefault();
  main.focus();
}
