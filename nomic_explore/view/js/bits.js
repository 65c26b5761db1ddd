// @ts-check
/** Masks over points: one bit a point, the first in the lowest bit, as `pack_mask` of the kernel makes them. */

/** @param {number} n points @returns {Uint8Array} */
export function emptyMask(n) {
  return new Uint8Array((n + 7) >> 3);
}

/** @param {ArrayLike<number>} points @param {number} n @returns {Uint8Array} */
export function maskOf(points, n) {
  const mask = emptyMask(n);
  for (let i = 0; i < points.length; i++) mask[points[i] >> 3] |= 1 << (points[i] & 7);
  return mask;
}

/** @param {Uint8Array} mask @param {number} point */
export function holds(mask, point) {
  return (mask[point >> 3] & (1 << (point & 7))) !== 0;
}

/** @param {Uint8Array} mask @returns {Uint32Array} the points in it, ascending */
export function pointsOf(mask) {
  const points = new Uint32Array(size(mask));
  let at = 0;
  for (let byte = 0; byte < mask.length; byte++) {
    for (let bits = mask[byte]; bits; bits &= bits - 1) points[at++] = 8 * byte + 31 - Math.clz32(bits & -bits);
  }
  return points;
}

/** @param {Uint8Array} mask how many points are in it */
export function size(mask) {
  let total = 0;
  for (let bits of mask) {
    bits -= (bits >> 1) & 0x55;
    bits = (bits & 0x33) + ((bits >> 2) & 0x33);
    total += (bits + (bits >> 4)) & 0x0f;
  }
  return total;
}

/**
 * A selection after more was selected.
 * @param {Uint8Array} old may be empty @param {Uint8Array} found @param {"replace" | "add" | "subtract" | "intersect"} mode
 */
export function combine(old, found, mode) {
  if (mode === "replace") return found;
  const result = new Uint8Array(found.length);
  for (let at = 0; at < found.length; at++) {
    const before = old[at] ?? 0;
    result[at] = mode === "add" ? before | found[at] : mode === "subtract" ? before & ~found[at] : before & found[at];
  }
  return result;
}

/** What is not in the mask. @param {Uint8Array} mask may be empty @param {number} n */
export function invert(mask, n) {
  const result = emptyMask(n);
  for (let at = 0; at < result.length; at++) result[at] = ~(mask[at] ?? 0);
  if (n & 7) result[result.length - 1] &= (1 << (n & 7)) - 1;
  return result;
}
