// The map's state as the query of an address, and back.

import { MOST_ZOOM } from "./camera.js";
import { WAYS } from "./colours.js";
import { link } from "./route.js";

/**
 * Read a state; what makes no sense is as if left out.
 * @param {URLSearchParams} params
 * @param {{default: string}} models answer of source.models()
 * @returns {{model: string, colour: string, movie: string | null, genre: string | null, only: string | null,
 *     spot: {x: number, y: number, zoom: number} | null}} only: key of a class of the legend; spot: in the map's own
 *     coordinates, y points up
 */
export function read(params, models) {
  const text = (name) => params.get(name) || null;
  const [x, y, zoom] = ["x", "y", "zoom"].map((name) => (text(name) === null ? NaN : Number(text(name))));
  const sound = Number.isFinite(x) && Number.isFinite(y) && zoom > 0;
  return {
    model: text("model") ?? models.default,
    colour: WAYS.includes(text("colour")) ? text("colour") : WAYS[0],
    movie: text("movie") ?? text("film"),
    genre: text("genre"),
    only: text("only"),
    spot: sound ? { x, y, zoom: Math.min(MOST_ZOOM, Math.max(0.8, zoom)) } : null,
  };
}

/**
 * Write a state.
 * @param {object} state as `read` gives it
 * @param {{default: string}} models
 * @returns {string}
 */
export function address({ model, colour, movie, genre, only, spot }, models) {
  return link("map", null, {
    model: model === models.default ? null : model,
    colour: colour === WAYS[0] ? null : colour,
    movie, genre, only,
    x: spot && short(spot.x), y: spot && short(spot.y), zoom: spot && short(spot.zoom),
  });
}

const short = (value) => Number(value.toPrecision(5));
