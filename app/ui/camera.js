// What part of a plane is on screen. x and y: what is in the middle; unit: how much of the plane one CSS pixel is wide.
// Everything that moves is eased along a straight line of (x, y, unit): what is under the pointer then stays under it.

// how far one can zoom in, as times of the whole
export const MOST_ZOOM = 400;

/**
 * The camera that shows a rectangle whole.
 * @param {{left: number, right: number, top: number, bottom: number}} bounds of the plane
 * @param {number} width CSS pixels
 * @param {number} height CSS pixels
 * @param {number} margin CSS pixels left free at each side
 * @returns {{x: number, y: number, unit: number}}
 */
export function fitting({ left, right, top, bottom }, width, height, margin) {
  const across = Math.max(1, width - 2 * margin);
  const down = Math.max(1, height - 2 * margin);
  const unit = Math.max((right - left) / across, (bottom - top) / down);
  return { x: (left + right) / 2, y: (top + bottom) / 2, unit: unit > 0 ? unit : 1 / Math.min(across, down) };
}

/**
 * Nearer or farther, while one place of the screen stays where it is.
 * @param {{x: number, y: number, unit: number}} camera
 * @param {number} factor above 1 is nearer
 * @param {number} dx CSS pixels from the middle of the screen to that place
 * @param {number} dy
 * @param {{unit: number}} home the camera that shows all
 * @returns {{x: number, y: number, unit: number}}
 */
export function zoomed(camera, factor, dx, dy, home) {
  const unit = Math.min(home.unit * 1.25, Math.max(home.unit / MOST_ZOOM, camera.unit / factor));
  return { x: camera.x + dx * (camera.unit - unit), y: camera.y + dy * (camera.unit - unit), unit };
}

/**
 * The same camera, its middle kept where there is something to see.
 * @param {{x: number, y: number, unit: number}} camera
 * @param {{left: number, right: number, top: number, bottom: number}} bounds
 * @returns {{x: number, y: number, unit: number}}
 */
export function kept(camera, { left, right, top, bottom }) {
  const x = Math.min(right, Math.max(left, camera.x));
  return { x, y: Math.min(bottom, Math.max(top, camera.y)), unit: camera.unit };
}

/**
 * Move one camera a part of the way to another, in place.
 * @param {{x: number, y: number, unit: number}} camera changed
 * @param {{x: number, y: number, unit: number}} goal
 * @param {number} part 0..1
 * @returns {boolean} false once it is there
 */
export function eased(camera, goal, part) {
  camera.x += (goal.x - camera.x) * part;
  camera.y += (goal.y - camera.y) * part;
  camera.unit += (goal.unit - camera.unit) * part;
  const far = Math.abs(goal.x - camera.x) + Math.abs(goal.y - camera.y) > 0.2 * goal.unit;
  if (far || Math.abs(goal.unit - camera.unit) > 0.0005 * goal.unit) return true;
  Object.assign(camera, goal);
  return false;
}
