// A canvas whose points are drawn pixel by pixel, sharp at rest, coarse while a large one moves.

import { SIZES, radius } from "./points.js";
import { Raster } from "./raster.js";

// more pixels than this are drawn at half the sharpness while they move
const MANY_PIXELS = 1.5e6;
const KEPT_TIMES = 240;
const RIMMED = 2;

/** Draws discs into a canvas element. */
export class PointCanvas {
  /**
   * @param {HTMLCanvasElement} element gets `frameTimes`, milliseconds of the last 240 drawings (frame n stands at
   *     n % 240), and `frameCount`, how many there were
   */
  constructor(element) {
    this.element = element;
    this.context = element.getContext("2d", { alpha: false });
    this.rasters = new Map();
    this.view = { left: 0, top: 0, scale: 1 };
    this.discs = new Array(SIZES);
    this.rims = new Array(SIZES);
    element.frameTimes = new Float64Array(KEPT_TIMES);
    element.frameCount = 0;
  }

  /** Another size; memory is taken with the next drawing. */
  resize(width, height) {
    this.width = width;
    this.height = height;
    this.rasters.clear();
  }

  #raster(moving) {
    const sharp = Math.min(2, Math.max(1, window.devicePixelRatio));
    const ratio = moving && this.width * this.height * sharp * sharp > MANY_PIXELS ? 1 : sharp;
    let found = this.rasters.get(ratio);
    if (!found) {
      const raster = new Raster(Math.round(this.width * ratio), Math.round(this.height * ratio));
      found = { ratio, raster, image: new ImageData(raster.bytes, raster.stride, raster.lines) };
      this.rasters.set(ratio, found);
    }
    return found;
  }

  /**
   * Draw all points.
   * @param {{x: Float32Array, y: Float32Array, size: Uint8Array}} points
   * @param {{x: number, y: number, unit: number}} camera
   * @param {number} zoom times nearer than all
   * @param {{kind: Uint8Array, colours: Uint32Array, faint: Uint32Array, ground: number}} paint kind: which colour
   * @param {Uint8Array | null} lit 1: in colour; 0: in the faint one, below the others; null: all in colour
   * @param {boolean} moving
   */
  draw(points, camera, zoom, paint, lit, moving) {
    const { ratio, raster, image } = this.#raster(moving);
    const { element, view } = this;
    if (element.width !== raster.width || element.height !== raster.height) {
      element.width = raster.width;
      element.height = raster.height;
    }
    view.scale = ratio / camera.unit;
    view.left = raster.width / 2 - camera.x * view.scale;
    view.top = raster.height / 2 - camera.y * view.scale;
    const rims = this.#choose(raster, points.x.length, zoom, ratio);
    raster.clear(paint.ground);
    if (lit) raster.draw(points, view, this.discs, null, paint.kind, paint.faint, paint.ground, lit, 0);
    raster.draw(points, view, this.discs, rims, paint.kind, paint.colours, paint.ground, lit, 1);
    this.context.putImageData(image, -raster.margin, -raster.margin);
  }

  /** Discs of all sizes, as large as this zoom has them; large ones have a rim, so that one over another is seen. */
  #choose(raster, count, zoom, ratio) {
    const rimmed = radius(count, this, zoom, 0) > RIMMED;
    for (let size = 0; size < SIZES; size++) {
      const wide = radius(count, this, zoom, size) * ratio;
      this.discs[size] = raster.masksOf(wide);
      if (rimmed) this.rims[size] = raster.masksOf(wide + ratio);
    }
    return rimmed ? this.rims : null;
  }

  /** Note how long a drawing took. */
  took(ms) {
    const { element } = this;
    element.frameTimes[element.frameCount % KEPT_TIMES] = ms;
    element.frameCount += 1;
  }
}
