// Small pictures of 24 x 24, drawn in the colour of the text beside them.

import { svg } from "./dom.js";

const PATHS = {
  like: "M12 20C5 15 3 11.6 3 8.6A4.6 4.6 0 0 1 12 6.9A4.6 4.6 0 0 1 21 8.6C21 11.6 19 15 12 20Z",
  dislike: "M12 3.5A8.5 8.5 0 1 1 12 20.5A8.5 8.5 0 1 1 12 3.5ZM6 6L18 18",
  map: "M4 6.5L9.5 4L14.5 6.5L20 4V17.5L14.5 20L9.5 17.5L4 20ZM9.5 4V17.5M14.5 6.5V20",
  compare: "M4 5H10V19H4ZM14 5H20V19H14ZM10 9H14M10 14H14",
  close: "M6 6L18 18M18 6L6 18",
  copy: "M9 9H20V20H9ZM15 9V4H4V15H9",
  search: "M10.5 4A6.5 6.5 0 1 1 10.5 17A6.5 6.5 0 1 1 10.5 4ZM15.3 15.3L20.5 20.5",
  sun: "M12 8A4 4 0 1 1 12 16A4 4 0 1 1 12 8ZM12 2.5V5M12 19V21.5M2.5 12H5M19 12H21.5M5.3 5.3L7 7M17 17L18.7 18.7"
    + "M5.3 18.7L7 17M17 7L18.7 5.3",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4A8.5 8.5 0 1 0 20 14.5Z",
};

/**
 * A picture that says nothing the words beside it do not say.
 * @param {"like" | "dislike" | "map" | "compare" | "close" | "copy" | "search" | "sun" | "moon"} name
 * @returns {SVGElement}
 */
export function icon(name) {
  return svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": true }, svg("path", { d: PATHS[name] }));
}
