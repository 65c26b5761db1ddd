/** Masks over points: one bit a point, the first in the lowest bit, as `pack_mask` of the kernel makes them. */

/** @param n points */
export function emptyMask(n: number): Uint8Array {
  return new Uint8Array((n + 7) >> 3);
}

export function maskOf(points: ArrayLike<number>, n: number): Uint8Array {
  const mask = emptyMask(n);
  for (let i = 0; i < points.length; i++) mask[points[i] >> 3] |= 1 << (points[i] & 7);
  return mask;
}

export function holds(mask: Uint8Array, point: number) {
  return (mask[point >> 3] & (1 << (point & 7))) !== 0;
}

/** @returns the points in it, ascending */
export function pointsOf(mask: Uint8Array): Uint32Array {
  const points = new Uint32Array(size(mask));
  let at = 0;
  for (let byte = 0; byte < mask.length; byte++) {
    for (let bits = mask[byte]; bits; bits &= bits - 1) points[at++] = 8 * byte + 31 - Math.clz32(bits & -bits);
  }
  return points;
}

/** @param mask how many points are in it */
export function size(mask: Uint8Array) {
  let total = 0;
  for (let bits of mask) {
    bits -= (bits >> 1) & 0x55;
    bits = (bits & 0x33) + ((bits >> 2) & 0x33);
    total += (bits + (bits >> 4)) & 0x0f;
  }
  return total;
}

/** A selection after more was selected. @param old may be empty */
export function combine(old: Uint8Array, found: Uint8Array, mode: "replace" | "add" | "subtract" | "intersect") {
  if (mode === "replace") return found;
  const result = new Uint8Array(found.length);
  for (let at = 0; at < found.length; at++) {
    const before = old[at] ?? 0;
    result[at] = mode === "add" ? before | found[at] : mode === "subtract" ? before & ~found[at] : before & found[at];
  }
  return result;
}

/** What is not in the mask. @param mask may be empty */
export function invert(mask: Uint8Array, n: number) {
  const result = emptyMask(n);
  for (let at = 0; at < result.length; at++) result[at] = ~(mask[at] ?? 0);
  if (n & 7) result[result.length - 1] &= (1 << (n & 7)) - 1;
  return result;
}
