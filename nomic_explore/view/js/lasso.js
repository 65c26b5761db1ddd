// @ts-check
/**
 * The points inside a polygon (even-odd rule).
 * @param {Float32Array} positions x0, y0, x1, y1 …
 * @param {[number, number][]} polygon corners, in the same coordinates
 * @returns {Uint32Array} point numbers, ascending
 */
export function pointsInside(positions, polygon) {
  const n = positions.length / 2;
  if (polygon.length < 3) return new Uint32Array(0);
  const xs = polygon.map((corner) => corner[0]);
  const ys = polygon.map((corner) => corner[1]);
  const [left, right, low, high] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
  const found = [];
  for (let i = 0; i < n; i++) {
    const x = positions[2 * i];
    const y = positions[2 * i + 1];
    if (x < left || x > right || y < low || y > high) continue;
    let inside = false;
    for (let a = 0, b = polygon.length - 1; a < polygon.length; b = a++) {
      if (ys[a] > y !== ys[b] > y && x < ((xs[b] - xs[a]) * (y - ys[a])) / (ys[b] - ys[a]) + xs[a]) inside = !inside;
    }
    if (inside) found.push(i);
  }
  return Uint32Array.from(found);
}
