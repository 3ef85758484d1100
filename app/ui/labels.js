// Names beside points, none over another.

const GAP = 4;

/**
 * Find places for labels, the first before the later ones: right of its point, left, below, above, or nowhere.
 * @param {{x: number, y: number, radius: number, width: number, must?: boolean}[]} wanted points in pixels, the width
 *     of each name; must: rather over something else than nowhere
 * @param {{width: number, height: number}} screen labels stay within it
 * @param {number} line how tall a label is
 * @param {number} most how many labels there may be
 * @param {{left: number, right: number, top: number, bottom: number}[]} [taken] rectangles to keep clear of
 * @returns {{at: number, left: number, right: number, top: number, bottom: number}[]} at: which of `wanted`
 */
export function placed(wanted, screen, line, most, taken = []) {
  const found = [];
  const full = [...taken];
  for (let at = 0; at < wanted.length && found.length < most; at++) {
    const { x, y, radius } = wanted[at];
    const point = box(x - radius, y - radius, 2 * radius, 2 * radius);
    // a point under another's name is not named: nobody would see what the name belongs to
    if (found.some((one) => overlap(one, point))) continue;
    const fits = (one) => inside(one, screen) && !full.some((other) => overlap(one, other));
    const boxes = around(wanted[at], line);
    const free = boxes.find(fits) ?? (wanted[at].must ? boxes.find((one) => inside(one, screen)) : undefined);
    if (!free) continue;
    found.push({ at, ...free });
    full.push(grown(free), point);
  }
  return found;
}

function around({ x, y, radius, width }, line) {
  const away = radius + GAP;
  return [
    box(x + away, y - line / 2, width, line),
    box(x - away - width, y - line / 2, width, line),
    box(x - width / 2, y + away, width, line),
    box(x - width / 2, y - away - line, width, line),
  ];
}

function box(left, top, width, height) {
  return { left, right: left + width, top, bottom: top + height };
}

/** With some room, so that two names do not read as one. */
function grown({ left, right, top, bottom }) {
  return { left: left - 2 * GAP, right: right + 2 * GAP, top: top - GAP / 2, bottom: bottom + GAP / 2 };
}

function inside({ left, right, top, bottom }, { width, height }) {
  return left >= 0 && top >= 0 && right <= width && bottom <= height;
}

/** Whether two rectangles share more than an edge. */
export function overlap(one, other) {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}
