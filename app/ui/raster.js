// Discs with smooth edges, drawn by the processor into pixels: no graphics card is asked for anything.
// A disc is stamped from a mask: which pixels it covers whole, which in part. Masks are made once for each radius
// (in quarters of a pixel) and each place within a pixel (in quarters, too), and kept.

export const MOST_RADIUS = 18;
const STEPS = 4;
// of a mask that touches the screen from outside, all pixels lie within the margin
const MARGIN = 2 * (MOST_RADIUS + 2);

/** Pixels with a margin, so that a disc whose middle is on screen needs no clipping. */
export class Raster {
  /**
   * @param {number} width device pixels
   * @param {number} height device pixels
   */
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.margin = MARGIN;
    this.stride = width + 2 * MARGIN;
    this.lines = height + 2 * MARGIN;
    this.bytes = new Uint8ClampedArray(4 * this.stride * this.lines);
    this.pixels = new Uint32Array(this.bytes.buffer);
    this.masks = new Map();
  }

  /** All pixels in one colour, as `packed` makes it. */
  clear(colour) {
    this.pixels.fill(colour);
  }

  /**
   * The 16 masks of a radius.
   * @param {number} radius device pixels
   * @returns {{whole: Int32Array, edge: Int32Array, part: Uint16Array}[]} offsets of pixels; part: 1..255 of 256
   */
  masksOf(radius) {
    const steps = Math.round(Math.min(MOST_RADIUS, Math.max(0.5, radius)) * STEPS);
    let masks = this.masks.get(steps);
    if (masks === undefined) {
      masks = [];
      for (let place = 0; place < STEPS * STEPS; place++) {
        const down = Math.floor(place / STEPS);
        masks.push(maskOf(steps / STEPS, (place % STEPS) / STEPS, down / STEPS, this.stride));
      }
      this.masks.set(steps, masks);
    }
    return masks;
  }

  /**
   * Draw points as discs, one after the other.
   * @param {{x: Float32Array, y: Float32Array, size: Uint8Array}} points size: which of `discs`
   * @param {{left: number, top: number, scale: number}} view device pixels: left + scale * x
   * @param {object[][]} discs masks for each size
   * @param {object[][] | null} rims masks drawn before them in the colour of the ground; null: none
   * @param {Uint8Array} kind which of `colours` each point has
   * @param {Uint32Array} colours as `packed` makes them
   * @param {number} ground the colour of the rims
   * @param {Uint8Array | null} chosen only points that have `wanted` there; null: all
   * @param {number} wanted
   */
  draw({ x, y, size }, { left, top, scale }, discs, rims, kind, colours, ground, chosen, wanted) {
    const { pixels, width, height, stride } = this;
    for (let at = 0; at < x.length; at++) {
      if (chosen !== null && chosen[at] !== wanted) continue;
      const across = x[at] * scale + left;
      const down = y[at] * scale + top;
      const { reach } = discs[size[at]][0];
      const inside = across > -reach && across < width + reach && down > -reach && down < height + reach;
      if (!inside) continue;
      const u = Math.floor((across + MARGIN) * STEPS);
      const v = Math.floor((down + MARGIN) * STEPS);
      const base = (v >> 2) * stride + (u >> 2);
      const place = (v & 3) * STEPS + (u & 3);
      if (rims !== null) stamp(pixels, base, rims[size[at]][place], ground);
      stamp(pixels, base, discs[size[at]][place], colours[kind[at]]);
    }
  }
}

function stamp(pixels, base, { whole, edge, part }, colour) {
  for (let at = 0; at < whole.length; at++) pixels[base + whole[at]] = colour;
  const odd = colour & 0xff00ff;
  const even = colour & 0x00ff00;
  for (let at = 0; at < edge.length; at++) {
    const pixel = base + edge[at];
    const under = pixels[pixel];
    const much = part[at];
    const rest = 256 - much;
    // under * (1 - part) + colour * part, red and blue at once
    const mixed = ((Math.imul(under & 0xff00ff, rest) + Math.imul(odd, much)) >>> 8) & 0xff00ff;
    const green = ((Math.imul(under & 0x00ff00, rest) + Math.imul(even, much)) >>> 8) & 0x00ff00;
    pixels[pixel] = 0xff000000 | mixed | green;
  }
}

/** How much of each pixel a disc covers, whose middle is (dx, dy) into the pixel at offset 0. */
function maskOf(radius, dx, dy, stride) {
  const whole = [];
  const edge = [];
  const part = [];
  const reach = Math.ceil(radius + 1);
  // the place within a pixel is known to a quarter: its middle is an eighth further
  const middle = 1 / (2 * STEPS) - 0.5;
  for (let line = -reach; line <= reach; line++) {
    for (let column = -reach; column <= reach; column++) {
      const far = Math.hypot(column - dx - middle, line - dy - middle);
      const much = Math.round(256 * Math.min(1, Math.max(0, radius + 0.5 - far)));
      if (much >= 256) whole.push(line * stride + column);
      else if (much > 0) {
        edge.push(line * stride + column);
        part.push(much);
      }
    }
  }
  return { whole: Int32Array.from(whole), edge: Int32Array.from(edge), part: Uint16Array.from(part), reach };
}

/**
 * A colour as a pixel of an ImageData, on machines that put the low byte first, as all browsers' do.
 * @param {number[]} rgb 0..255 each
 * @returns {number}
 */
export function packed([red, green, blue]) {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
