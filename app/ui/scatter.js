// Many points and a camera over them. Draws only when something changed, each time all of it.

import { eased, fitting, kept, zoomed } from "./camera.js";
import { PointCanvas } from "./canvas.js";
import { Marks } from "./overlay.js";
import { Morph } from "./morph.js";

const REST_MS = 160;
const EASE_MS = 70;
const MARGIN = 28;
// how near a few films may be looked at when they are shown together, as times of the whole
const NEAREST = 40;

/** A picture that can be moved. Calls onrest() once nothing has moved for a moment. */
export class Scatter {
  /**
   * @param {HTMLCanvasElement} canvas of the points
   * @param {HTMLCanvasElement} overlay of the marks, over it
   * @param {{onrest: () => void, onmove: () => void, still: () => boolean}} hooks still: nothing may move by itself
   */
  constructor(canvas, overlay, hooks) {
    this.canvas = new PointCanvas(canvas);
    this.marks = new Marks(overlay);
    this.hooks = hooks;
    this.camera = { x: 0, y: 0, unit: 1 };
    this.goal = { x: 0, y: 0, unit: 1 };
    this.home = { x: 0, y: 0, unit: 1 };
    this.screen = { width: 0, height: 0 };
    this.lit = null;
    this.tick = this.#tick.bind(this);
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(canvas);
  }

  /** Nothing is drawn any more. */
  close() {
    this.closed = true;
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
    clearTimeout(this.timer);
  }

  /**
   * What is drawn; all of it is shown.
   * @param {{x: Float32Array, y: Float32Array, size: Uint8Array, grid: object}} points
   */
  setPoints(points) {
    const { shown, camera } = this;
    const seen = { ...camera };
    this.points = points;
    this.#fit();
    this.jump(this.home);
    this.morph = shown && !this.hooks.still() ? new Morph(shown, seen, points, camera) : null;
    this.shown = this.morph ?? points;
  }

  /** @param {{kind: Uint8Array, colours: Uint32Array, faint: Uint32Array, ground: number}} paint see PointCanvas */
  setPaint(paint) {
    this.paint = paint;
    this.request();
  }

  /** @param {Uint8Array | null} lit 1: in colour; 0: faint, and not to be pointed at */
  setLit(lit) {
    this.lit = lit;
    this.changed();
  }

  /** Times nearer than the camera that shows all. */
  get zoom() {
    return this.home.unit / this.goal.unit;
  }

  get atHome() {
    const away = Math.hypot(this.goal.x - this.home.x, this.goal.y - this.home.y) / this.goal.unit;
    return Math.abs(this.zoom - 1) < 0.01 && away < 2;
  }

  /** The part of the plane on screen. */
  get seen() {
    const { x, y, unit } = this.goal;
    const across = (this.screen.width / 2) * unit;
    const down = (this.screen.height / 2) * unit;
    return { left: x - across, right: x + across, top: y - down, bottom: y + down };
  }

  /** A place on screen, in CSS pixels from the left and the top, as a place of the plane. */
  place(px, py) {
    const { x, y, unit } = this.camera;
    return { x: x + (px - this.screen.width / 2) * unit, y: y + (py - this.screen.height / 2) * unit };
  }

  /** Where on screen a point is, in CSS pixels. */
  pixel(at) {
    const { x, y, unit } = this.camera;
    return {
      x: (this.shown.x[at] - x) / unit + this.screen.width / 2,
      y: (this.shown.y[at] - y) / unit + this.screen.height / 2,
    };
  }

  /** Which point is nearest to a place on screen; -1: none within so many CSS pixels. */
  pointAt(px, py, pixels) {
    if (!this.points || this.morph) return -1;
    const { x, y } = this.place(px, py);
    return this.points.grid.nearest(x, y, pixels * this.camera.unit, this.lit);
  }

  /** Go somewhere, at once or smoothly. */
  go(camera, glide) {
    return glide ? this.glide(camera) : this.jump(camera);
  }

  /** Go somewhere, at once. */
  jump(camera) {
    Object.assign(this.goal, kept(camera, this.points.grid.bounds));
    Object.assign(this.camera, this.goal);
    this.changed();
  }

  /** Go somewhere, smoothly where that is wanted. */
  glide(camera, ease = EASE_MS) {
    if (this.hooks.still() || !this.points) return this.jump(camera);
    Object.assign(this.goal, kept(camera, this.points.grid.bounds));
    this.ease = ease;
    return this.changed();
  }

  /** Nearer or farther; what is at (px, py) stays there, or else the middle. */
  zoomBy(factor, glide = true, px = this.screen.width / 2, py = this.screen.height / 2) {
    const goal = zoomed(this.goal, factor, px - this.screen.width / 2, py - this.screen.height / 2, this.home);
    this.go(goal, glide);
  }

  /** Move what is seen by CSS pixels. */
  panBy(dx, dy, glide = true, ease = EASE_MS) {
    const { x, y, unit } = this.goal;
    const goal = { x: x - dx * unit, y: y - dy * unit, unit };
    return glide ? this.glide(goal, ease) : this.jump(goal);
  }

  /** The camera that shows a rectangle of the plane with some room around it. */
  around(bounds) {
    const { width, height } = this.screen;
    const goal = fitting(bounds, width, height, Math.min(90, width / 5, height / 5));
    return { ...goal, unit: Math.min(this.home.unit, Math.max(goal.unit, this.home.unit / NEAREST)) };
  }

  /** Something is no longer where it was. */
  changed() {
    if (this.closed) return;
    this.moving = true;
    this.since = performance.now();
    this.timer ??= setTimeout(() => this.#rest(), REST_MS);
    this.request();
  }

  /** Draw all of it with the next frame. */
  request() {
    this.stale = true;
    this.touch();
  }

  /** Draw the marks with the next frame; the points only if they are no longer right. */
  touch() {
    if (!this.frame && !this.closed) this.frame = requestAnimationFrame(this.tick);
  }

  #rest() {
    this.timer = null;
    const left = REST_MS - (performance.now() - this.since);
    if (this.held || this.frame || left > 0) {
      this.timer = setTimeout(() => this.#rest(), Math.max(left, REST_MS / 4));
      return;
    }
    this.moving = false;
    this.hooks.onrest();
    this.request();
  }

  /** The canvas has another size, or is seen for the first time. */
  resize() {
    const { clientWidth: width, clientHeight: height } = this.canvas.element;
    if (!width || !height || (width === this.screen.width && height === this.screen.height)) return;
    const atHome = !this.screen.width || this.atHome;
    this.screen = { width, height };
    this.canvas.resize(width, height);
    if (!this.points) return;
    this.#fit();
    if (atHome) this.jump(this.home);
    // not with the next frame: until then the canvas would be seen stretched
    this.stale = true;
    this.#draw();
    this.changed();
  }

  #fit() {
    const { width, height } = this.screen;
    if (width) this.home = fitting(this.points.grid.bounds, width, height, Math.min(MARGIN, width / 10));
  }

  #tick(now) {
    this.frame = 0;
    const passed = Math.min(50, Math.max(1, now - (this.last ?? now - 16)));
    let on = eased(this.camera, this.goal, 1 - Math.exp(-passed / (this.ease ?? EASE_MS)));
    if (this.morph && !this.morph.step(now)) {
      this.morph = null;
      this.shown = this.points;
    }
    on ||= this.morph !== null && this.morph !== undefined;
    this.#draw();
    this.last = on ? now : null;
    if (on) this.changed();
  }

  #draw() {
    const { camera, screen, home, shown, paint, canvas } = this;
    if (!shown || !paint || !screen.width) return;
    const started = performance.now();
    this.marks.draw(this);
    if (!this.stale) return;
    this.stale = false;
    canvas.draw(shown, camera, home.unit / camera.unit, paint, this.lit, this.moving);
    canvas.took(performance.now() - started);
    const scale = 1 / camera.unit;
    const [left, top] = [screen.width / 2 - camera.x * scale, screen.height / 2 - camera.y * scale];
    // where a film is on screen, for whoever has only its coordinates; the map's own y points up
    canvas.element.dataset.view = `${scale} ${left} ${top} ${-scale}`;
    this.hooks.onmove();
  }
}
