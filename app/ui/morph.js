// From one picture to the next: every point goes straight from where it is on screen to where it belongs.

const MS = 600;

/** Columns x and y that change with time; `size` stays. */
export class Morph {
  /**
   * @param {{x: Float32Array, y: Float32Array}} before where points are
   * @param {{x: number, y: number, unit: number}} seen the camera they are seen by
   * @param {{x: Float32Array, y: Float32Array, size: Uint8Array}} after where they go, in the same order
   * @param {{x: number, y: number, unit: number}} camera the one that they will be seen by
   */
  constructor(before, seen, after, camera) {
    const scale = camera.unit / seen.unit;
    this.fromX = before.x.map((value) => (value - seen.x) * scale + camera.x);
    this.fromY = before.y.map((value) => (value - seen.y) * scale + camera.y);
    this.after = after;
    this.x = this.fromX.slice();
    this.y = this.fromY.slice();
    this.size = after.size;
    this.start = 0;
  }

  /**
   * Where points are at a time.
   * @param {number} now milliseconds
   * @returns {boolean} false once all are where they belong
   */
  step(now) {
    this.start ||= now;
    const share = Math.min(1, (now - this.start) / MS);
    const part = share * share * (3 - 2 * share);
    for (let at = 0; at < this.x.length; at++) {
      this.x[at] = this.fromX[at] + (this.after.x[at] - this.fromX[at]) * part;
      this.y[at] = this.fromY[at] + (this.after.y[at] - this.fromY[at]) * part;
    }
    return share < 1;
  }
}
