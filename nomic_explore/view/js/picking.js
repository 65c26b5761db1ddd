// @ts-check
/** A coarse grid over the points, to find the one under the pointer without looking at all of them. */
export class PointGrid {
  /** @param {Float32Array} positions x0, y0, x1, y1 … in world coordinates, -1 to 1 */
  constructor(positions) {
    const n = positions.length / 2;
    this.positions = positions;
    this.side = Math.max(1, Math.min(512, Math.round(Math.sqrt(n / 4))));
    this.starts = new Uint32Array(this.side * this.side + 1);
    for (let i = 0; i < n; i++) this.starts[this.cellOf(i) + 1]++;
    for (let c = 0; c < this.side * this.side; c++) this.starts[c + 1] += this.starts[c];
    this.points = new Uint32Array(n);
    const next = this.starts.slice();
    for (let i = 0; i < n; i++) this.points[next[this.cellOf(i)]++] = i;
  }

  /** @param {number} i */
  cellOf(i) {
    return this.index(this.positions[2 * i + 1]) * this.side + this.index(this.positions[2 * i]);
  }

  /** @param {number} value */
  index(value) {
    return Math.min(this.side - 1, Math.max(0, Math.floor(((value + 1) / 2) * this.side)));
  }

  /** The nearest point within a radius, -1 if there is none. @param {number} x @param {number} y @param {number} radius */
  nearest(x, y, radius) {
    let best = -1;
    let bestSquare = radius * radius;
    for (let row = this.index(y - radius); row <= this.index(y + radius); row++) {
      for (let column = this.index(x - radius); column <= this.index(x + radius); column++) {
        const cell = row * this.side + column;
        for (let at = this.starts[cell]; at < this.starts[cell + 1]; at++) {
          const point = this.points[at];
          const dx = this.positions[2 * point] - x;
          const dy = this.positions[2 * point + 1] - y;
          if (dx * dx + dy * dy < bestSquare) {
            bestSquare = dx * dx + dy * dy;
            best = point;
          }
        }
      }
    }
    return best;
  }
}
