// Lines between the same film in neighbouring lists; they show what the words say already, so nobody is told of them.

import { svg } from "./dom.js";

/**
 * Draw the lines and mark a film in all lists while it is pointed at or has the focus.
 * @param {HTMLElement} columns holds the lists; their items have data-movie-id
 * @returns {{stop: () => void}}
 */
export function links(columns) {
  const overlay = svg("svg", { class: "compare-lines", "aria-hidden": true });
  columns.prepend(overlay);
  let marked = null;
  const watcher = new ResizeObserver(draw);
  watcher.observe(columns);
  columns.addEventListener("pointerover", (event) => mark(filmAt(event.target) ?? focused()));
  columns.addEventListener("pointerleave", () => mark(focused()));
  columns.addEventListener("focusin", (event) => mark(filmAt(event.target)));
  columns.addEventListener("focusout", () => mark(null));
  return { stop: () => watcher.disconnect() };

  function draw() {
    const lists = [...columns.querySelectorAll("ol")].map((list) => [...list.children]);
    const origin = columns.getBoundingClientRect();
    const boxes = lists.map((items) =>
      new Map(items.map((item) => [item.dataset.movieId, item.getBoundingClientRect()])));
    const everywhere = new Set([...columns.querySelectorAll(".everywhere")].map((item) => item.dataset.movieId));
    const paths = boxes.slice(1).flatMap((right, place) =>
      [...boxes[place]].filter(([film]) => right.has(film)).map(([film, from]) =>
        svg("path", {
          d: curve(from.right - origin.left, middle(from) - origin.top,
            right.get(film).left - origin.left, middle(right.get(film)) - origin.top),
          class: everywhere.has(film) ? "everywhere" : "",
          "data-movie-id": film,
        })));
    overlay.setAttribute("width", String(columns.scrollWidth));
    overlay.setAttribute("height", String(columns.scrollHeight));
    overlay.replaceChildren(...paths);
    const film = marked;
    marked = null;
    mark(film);
  }

  function mark(film) {
    if (film === marked) return;
    marked = film;
    for (const element of columns.querySelectorAll("[data-movie-id]")) {
      element.classList.toggle("marked", element.dataset.movieId === film);
    }
    columns.classList.toggle("marking", film !== null);
    // what is marked lies above the others
    overlay.append(...overlay.querySelectorAll(".marked"));
  }

  function focused() {
    return columns.contains(document.activeElement) ? filmAt(document.activeElement) : null;
  }
}

function filmAt(target) {
  return target.closest?.("li[data-movie-id]")?.dataset.movieId ?? null;
}

function middle(box) {
  return (box.top + box.bottom) / 2;
}

function curve(x, y, toX, toY) {
  const bend = (toX - x) / 2;
  const points = [[x, y], [x + bend, y], [toX - bend, toY], [toX, toY]].map((point) =>
    point.map((value) => Math.round(value * 10) / 10).join(" "));
  return `M${points[0]}C${points.slice(1).join(" ")}`;
}
