// Where two films stand among all, as a small picture and in words.

import { css, mixed, palette } from "./colours.js";
import { fitting } from "./camera.js";
import { h } from "./dom.js";
import { boundsOf } from "./grid.js";
import { nearer } from "./points.js";
import { Raster, packed } from "./raster.js";

const MARGIN = 14;

/**
 * All films faint, two of them marked A and B. Never rejects: where there is no map, it says so.
 * @param {object} app
 * @param {string} model
 * @param {[string, string]} ids movie ids of A and B
 * @param {{width: number, height: number}} [size] CSS pixels
 * @returns {Promise<HTMLElement>}
 */
export async function miniMap(app, model, [idA, idB], { width = 280, height = 180 } = {}) {
  const words = app.texts.map;
  try {
    const map = await app.source.map(model, { signal: app.signal });
    const rows = [map.movieIds.indexOf(idA), map.movieIds.indexOf(idB)];
    if (rows.includes(-1)) return h("p", { class: "muted small" }, words.miniNone);
    const share = nearer(map, rows[0], rows[1]);
    const canvas = h("canvas", {
      class: "mini-map", role: "img", "aria-label": words.miniLabel(share),
      style: { width: `${width}px`, height: `${height}px` },
    });
    keepDrawn(canvas, map, rows, width, height);
    return h("figure", { class: "mini-figure" }, canvas, h("figcaption", { class: "small muted" }, words.mini(share)));
  } catch (error) {
    return h("p", { class: "muted small" }, error.status === 404 ? words.miniNone : words.miniFailed);
  }
}

/** Drawn once it is part of the page, where its colours are known, and again whenever they change. */
function keepDrawn(canvas, map, rows, width, height) {
  const again = () => {
    if (canvas.isConnected) draw(canvas, map, rows, width, height);
    else document.removeEventListener("themechange", again);
  };
  document.addEventListener("themechange", again);
  const seen = new ResizeObserver(() => {
    if (!canvas.isConnected) return;
    seen.disconnect();
    again();
  });
  seen.observe(canvas);
}

function draw(canvas, map, [rowA, rowB], width, height) {
  const ratio = Math.min(2, Math.max(1, window.devicePixelRatio));
  const read = palette(canvas.parentElement);
  const ground = read("--map-ground");
  const raster = new Raster(Math.round(width * ratio), Math.round(height * ratio));
  const x = Float32Array.from(map.x);
  const y = Float32Array.from(map.y, (value) => -value);
  const camera = fitting(boundsOf(x, y), width, height, MARGIN);
  const scale = ratio / camera.unit;
  const view = { scale, left: raster.width / 2 - camera.x * scale, top: raster.height / 2 - camera.y * scale };
  const all = new Uint8Array(x.length);
  const wide = Math.min(2, Math.max(0.8, 0.12 * Math.sqrt((width * height) / x.length)));
  raster.clear(packed(ground));
  raster.draw({ x, y, size: all }, view, [raster.masksOf(wide * ratio)], null, all,
    Uint32Array.of(packed(mixed(read("--map-other"), ground, 0.5))), packed(ground), null, 1);
  canvas.width = raster.width;
  canvas.height = raster.height;
  const context = canvas.getContext("2d");
  context.putImageData(new ImageData(raster.bytes, raster.stride, raster.lines), -raster.margin, -raster.margin);
  context.scale(ratio, ratio);
  const at = (row) => ({ x: (x[row] * scale + view.left) / ratio, y: (y[row] * scale + view.top) / ratio });
  const style = { ink: css(read("--map-ink")), lit: css(read("--map-lit")), ground: css(ground) };
  pair(context, at(rowA), at(rowB), style, getComputedStyle(canvas).fontFamily, width);
}

function pair(context, a, b, { ink, lit, ground }, font, width) {
  context.strokeStyle = lit;
  context.lineWidth = 1.5;
  context.beginPath();
  context.moveTo(a.x, a.y);
  context.lineTo(b.x, b.y);
  context.stroke();
  context.font = `600 13px ${font}`;
  context.textBaseline = "middle";
  context.lineJoin = "round";
  // names on the sides that look away from each other, and never off the picture
  const leftFirst = a.x <= b.x;
  for (const [spot, name, left] of [[b, "B", !leftFirst], [a, "A", leftFirst]]) {
    context.beginPath();
    context.arc(spot.x, spot.y, 5, 0, 2 * Math.PI);
    context.fillStyle = name === "A" ? lit : ground;
    context.strokeStyle = lit;
    context.lineWidth = 2;
    context.fill();
    context.stroke();
    const toLeft = left ? spot.x > 22 : spot.x > width - 22;
    context.textAlign = toLeft ? "right" : "left";
    const x = spot.x + (toLeft ? -10 : 10);
    context.strokeStyle = ground;
    context.lineWidth = 4;
    context.strokeText(name, x, spot.y);
    context.fillStyle = ink;
    context.fillText(name, x, spot.y);
  }
}
