// From classes and custom properties to what is drawn: which colour each point has, and which of them are in colour.

import { css, mixed, palette } from "./colours.js";
import { packed } from "./raster.js";

// how far all others step back behind a lit film
const FADED = 0.6;

/**
 * @param {Element} element whose custom properties count
 * @param {{rows: Uint32Array}} order points.ordered()
 * @param {{colour: string | number}[]} classes colours.sorted()
 * @param {Uint8Array} of class of each row
 * @param {boolean} faded whether a film is lit
 * @returns {{paint: object, style: object, colourOf: (one: object) => string}} for PointCanvas, Marks, the legend
 */
export function painted(element, order, classes, of, faded) {
  const read = palette(element);
  const kind = Uint8Array.from(order.rows, (row) => of[row]);
  const ground = read("--map-ground");
  const plain = classes.map(({ colour }) => read(colour));
  const colours = Uint32Array.from(plain, (rgb) => packed(mixed(rgb, ground, faded ? FADED : 0)));
  const faint = new Uint32Array(classes.length).fill(packed(read("--map-faint")));
  const style = {
    ink: css(read("--map-ink")), lit: css(read("--map-lit")), ground: css(ground),
    font: getComputedStyle(element).fontFamily,
    colourOf: (at) => css(plain[kind[at]]),
  };
  return {
    paint: { kind, colours, faint, ground: packed(ground) }, style, colourOf: ({ colour }) => css(read(colour)),
  };
}

/**
 * Which films the legend and the genre leave in colour.
 * @param {{only: string | null, genre: string | null}} state
 * @param {object} catalogue
 * @param {{rows: Uint32Array}} order
 * @param {{key: string}[]} classes
 * @param {Uint8Array} of class of each row
 * @returns {Uint8Array | null} 1 for each of them, in the order of drawing; null: all
 */
export function chosen(state, { genreNames, genres }, { rows }, classes, of) {
  const only = classes.findIndex(({ key }) => key === state.only);
  const genre = genreNames.indexOf(state.genre);
  if (only < 0 && genre < 0) return null;
  return Uint8Array.from(rows, (row) =>
    Number((only < 0 || of[row] === only) && (genre < 0 || genres[row].includes(genre))));
}
