// Mouse, fingers, pen and keys -> a scatter that moves.

const CLICK_PX = 4;
const NEAR_PX = 12;
const FINGER_PX = 22;
const STEP_PX = 90;
const SLIDE_MS = 160;
const MEAN_MS = 30;
const WHEEL_LINE_PX = 16;

/**
 * Listen to a canvas.
 * @param {HTMLCanvasElement} canvas
 * @param {import("./scatter.js").Scatter} scatter
 * @param {{selecting: () => boolean, onpoint: (at: number, px: number, py: number) => void,
 *     onopen: (at: number, event: Event) => void, onbox: (box: object | null, done: boolean) => void,
 *     onescape: () => void}} hooks onpoint: pointed at a film, or at none (-1); onbox: a rectangle of the plane
 */
export function listen(canvas, scatter, hooks) {
  const fingers = new Map();
  let start = null;
  let shown = -1;

  function point(at, px, py) {
    shown = at;
    hooks.onpoint(at, px, py);
  }

  function boxTo(px, py, done) {
    const one = scatter.place(start.x, start.y);
    const other = scatter.place(px, py);
    const [left, right] = [Math.min(one.x, other.x), Math.max(one.x, other.x)];
    hooks.onbox({ left, right, top: Math.min(one.y, other.y), bottom: Math.max(one.y, other.y) }, done);
  }

  function down(event) {
    if (event.button !== 0 || !scatter.points) return;
    canvas.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, { x: event.offsetX, y: event.offsetY });
    scatter.held = true;
    const boxing = fingers.size === 1 && (event.shiftKey || hooks.selecting());
    start = { x: event.offsetX, y: event.offsetY, moved: fingers.size > 1, boxing, speed: { x: 0, y: 0 }, time: 0 };
  }

  function move(event) {
    const before = fingers.get(event.pointerId);
    const { offsetX: px, offsetY: py } = event;
    if (!before) {
      if (event.pointerType !== "touch") point(scatter.pointAt(px, py, NEAR_PX), px, py);
      return;
    }
    if (!start.moved && Math.hypot(px - start.x, py - start.y) < CLICK_PX) return;
    if (!start.moved) {
      start.moved = true;
      point(-1, 0, 0);
      canvas.dataset.moving = "";
    }
    if (start.boxing) boxTo(px, py, false);
    else if (fingers.size === 2) pinch(event.pointerId, before, px, py);
    else drag(before, px, py, event.timeStamp);
    fingers.set(event.pointerId, { x: px, y: py });
  }

  function drag(before, px, py, time) {
    const passed = Math.max(1, time - start.time);
    // fingers tremble: the speed is a mean of the last moves; who pauses before letting go does not throw
    const old = Math.exp(-passed / MEAN_MS);
    start.speed.x = old * start.speed.x + ((1 - old) * (px - before.x)) / passed;
    start.speed.y = old * start.speed.y + ((1 - old) * (py - before.y)) / passed;
    start.time = time;
    scatter.panBy(px - before.x, py - before.y, false);
  }

  function pinch(id, before, px, py) {
    const [, other] = [...fingers].find(([its]) => its !== id);
    const apart = Math.hypot(before.x - other.x, before.y - other.y);
    const wide = Math.hypot(px - other.x, py - other.y) / Math.max(1, apart);
    scatter.panBy((px - before.x) / 2, (py - before.y) / 2, false);
    scatter.zoomBy(wide, false, (px + other.x) / 2, (py + other.y) / 2);
  }

  function up(event) {
    if (!fingers.delete(event.pointerId)) return;
    if (fingers.size) {
      start.speed = { x: 0, y: 0 };
      return;
    }
    scatter.held = false;
    delete canvas.dataset.moving;
    const { offsetX: px, offsetY: py } = event;
    if (event.type === "pointercancel") return hooks.onbox(null, false);
    if (!start.moved) return click(event, px, py);
    if (start.boxing) return boxTo(px, py, true);
    const { speed } = start;
    const fast = event.timeStamp - start.time < 60 && Math.hypot(speed.x, speed.y) > 0.15;
    if (fast && !scatter.hooks.still()) scatter.panBy(speed.x * SLIDE_MS, speed.y * SLIDE_MS, true, SLIDE_MS);
    else scatter.changed();
  }

  function click(event, px, py) {
    const touch = event.pointerType === "touch";
    const at = scatter.pointAt(px, py, touch ? FINGER_PX : NEAR_PX);
    // a finger cannot point without touching: it points first, then opens
    if (at < 0 || (touch && at !== shown)) return point(at, px, py);
    return hooks.onopen(at, event);
  }

  function wheel(event) {
    if (!scatter.points) return;
    event.preventDefault();
    const pixels = event.deltaY * (event.deltaMode === 1 ? WHEEL_LINE_PX : 1);
    // browsers report the pinch of a touchpad as a wheel with the control key, in small steps
    const factor = Math.exp(-pixels * (event.ctrlKey ? 0.01 : 0.0022));
    scatter.zoomBy(Math.min(4, Math.max(0.25, factor)), true, event.offsetX, event.offsetY);
  }

  function twice(event) {
    if (scatter.points) scatter.zoomBy(2, true, event.offsetX, event.offsetY);
  }

  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !scatter.points) return;
    const act = KEYS[event.key];
    if (event.key === "Escape") hooks.onescape();
    else if (act) {
      event.preventDefault();
      act(scatter);
    }
  }

  canvas.addEventListener("pointerdown", down);
  canvas.addEventListener("pointermove", move);
  canvas.addEventListener("pointerup", up);
  canvas.addEventListener("pointercancel", up);
  canvas.addEventListener("pointerleave", (event) => event.pointerType !== "touch" && point(-1, 0, 0));
  canvas.addEventListener("auxclick", (event) => event.button === 1 && click(event, event.offsetX, event.offsetY));
  canvas.addEventListener("dblclick", twice);
  canvas.addEventListener("wheel", wheel, { passive: false });
  canvas.addEventListener("keydown", key);
}

const KEYS = {
  ArrowLeft: (scatter) => scatter.panBy(STEP_PX, 0),
  ArrowRight: (scatter) => scatter.panBy(-STEP_PX, 0),
  ArrowUp: (scatter) => scatter.panBy(0, STEP_PX),
  ArrowDown: (scatter) => scatter.panBy(0, -STEP_PX),
  "+": (scatter) => scatter.zoomBy(1.5),
  "=": (scatter) => scatter.zoomBy(1.5),
  "-": (scatter) => scatter.zoomBy(1 / 1.5),
  _: (scatter) => scatter.zoomBy(1 / 1.5),
  0: (scatter) => scatter.glide(scatter.home),
};
