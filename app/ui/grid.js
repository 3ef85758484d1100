// Points of a plane, put into equal cells, so that the nearest one is found without looking at all.

const PER_CELL = 4;

/** The smallest rectangle around points. */
export function boundsOf(x, y) {
  const bounds = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity };
  for (let at = 0; at < x.length; at++) {
    bounds.left = Math.min(bounds.left, x[at]);
    bounds.right = Math.max(bounds.right, x[at]);
    bounds.top = Math.min(bounds.top, y[at]);
    bounds.bottom = Math.max(bounds.bottom, y[at]);
  }
  return x.length ? bounds : { left: 0, right: 0, top: 0, bottom: 0 };
}

/** Cells in order of rows; the points of each stand one after the other. Memory: 4 bytes for each point and cell. */
export class Grid {
  /**
   * @param {Float32Array} x
   * @param {Float32Array} y as long as x
   */
  constructor(x, y) {
    this.x = x;
    this.y = y;
    this.bounds = boundsOf(x, y);
    const width = this.bounds.right - this.bounds.left;
    const height = this.bounds.bottom - this.bounds.top;
    const cells = Math.max(1, x.length / PER_CELL);
    this.cell = Math.max(Math.sqrt((width * height) / cells), width / cells, height / cells) || 1;
    this.columns = Math.floor(width / this.cell) + 1;
    this.rows = Math.floor(height / this.cell) + 1;
    this.#sort();
  }

  #sort() {
    const cellOf = new Int32Array(this.x.length);
    this.first = new Int32Array(this.columns * this.rows + 1);
    for (let at = 0; at < cellOf.length; at++) {
      cellOf[at] = this.#row(this.y[at]) * this.columns + this.#column(this.x[at]);
      this.first[cellOf[at] + 1]++;
    }
    for (let cell = 0; cell < this.first.length - 1; cell++) this.first[cell + 1] += this.first[cell];
    const next = this.first.slice();
    this.points = new Int32Array(this.x.length);
    for (let at = 0; at < cellOf.length; at++) this.points[next[cellOf[at]]++] = at;
  }

  #column(x) {
    return Math.min(this.columns - 1, Math.max(0, Math.floor((x - this.bounds.left) / this.cell)));
  }

  #row(y) {
    return Math.min(this.rows - 1, Math.max(0, Math.floor((y - this.bounds.top) / this.cell)));
  }

  /**
   * The point nearest to a place; of points equally near the last, which is drawn on top.
   * @param {number} x
   * @param {number} y
   * @param {number} within the farthest that it may be
   * @param {Uint8Array | null} [wanted] 1 where a point counts; all if left out
   * @returns {number} -1: none
   */
  nearest(x, y, within, wanted = null) {
    let found = -1;
    let best = within * within;
    for (let row = this.#row(y - within); row <= this.#row(y + within); row++) {
      const start = row * this.columns;
      const end = this.first[start + this.#column(x + within) + 1];
      for (let place = this.first[start + this.#column(x - within)]; place < end; place++) {
        const at = this.points[place];
        const far = (this.x[at] - x) ** 2 + (this.y[at] - y) ** 2;
        if ((far < best || (far === best && at > found)) && (wanted === null || wanted[at] === 1)) {
          best = far;
          found = at;
        }
      }
    }
    return found;
  }
}
