import { holds } from "../bitmask.ts";

/**
 * A coarse grid over the points: finds the one under the pointer, and what of the map is seen, without looking at all.
 * It is built in slices, so that ten million points never block the page. Inside a cell points stay in their shuffled
 * order, so the first part of a cell is a fair sample of it.
 */
export class PointGrid {
  n: number;
  positions: Float32Array;
  side: number;
  starts: Uint32Array;
  points: Uint32Array;
  phase: "count" | "fill" | "done";
  at: number;
  next: Uint32Array | undefined;

  /** @param positions x0, y0, x1, y1 … in world coordinates, -1 to 1 */
  constructor(positions: Float32Array) {
    this.n = positions.length / 2;
    this.positions = positions;
    this.side = Math.max(1, Math.min(512, Math.round(Math.sqrt(this.n / 8))));
    this.starts = new Uint32Array(this.side * this.side + 1);
    this.points = new Uint32Array(this.n);
    this.phase = ((this.n ? "count" : "done") as "count" | "fill" | "done");
    this.at = 0;
  }

  get isReady() {
    return this.phase === "done";
  }

  /** Builds a little further. @param steps points looked at @returns whether it is ready */
  build(steps: number): boolean {
    const end = Math.min(this.n, this.at + steps);
    if (this.phase === "count") {
      for (; this.at < end; this.at++) this.starts[this.cellOf(this.at) + 1]++;
      if (this.at < this.n) return false;
      for (let cell = 0; cell < this.side * this.side; cell++) this.starts[cell + 1] += this.starts[cell];
      this.next = this.starts.slice();
      [this.phase, this.at] = ["fill", 0];
      return false;
    }
    if (this.phase === "fill" && this.next) {
      for (; this.at < end; this.at++) this.points[this.next[this.cellOf(this.at)]++] = this.at;
      if (this.at < this.n) return false;
      this.next = undefined;
      this.phase = "done";
    }
    return true;
  }

  /** Builds all that is left. */
  finish() {
    while (!this.build(1 << 24));
    return this;
  }

  cellOf(i: number) {
    return this.index(this.positions[2 * i + 1]) * this.side + this.index(this.positions[2 * i]);
  }

  index(value: number) {
    return Math.min(this.side - 1, Math.max(0, Math.floor(((value + 1) / 2) * this.side)));
  }

  /** Calls `act` with each line of cells in a rectangle: the first and the last-but-one entry of `points`. @param box x low, y low, x high, y high */
  eachCell([left, low, right, high]: number[], act: (from: number, to: number, cell: number) => void) {
    for (let row = this.index(low); row <= this.index(high); row++) {
      for (let column = this.index(left); column <= this.index(right); column++) {
        const cell = row * this.side + column;
        if (this.starts[cell] < this.starts[cell + 1]) act(this.starts[cell], this.starts[cell + 1], cell);
      }
    }
  }

  /** How many points lie in the cells of a rectangle. */
  countIn(box: number[]) {
    let total = 0;
    for (let row = this.index(box[1]); row <= this.index(box[3]); row++) {
      total += this.starts[row * this.side + this.index(box[2]) + 1] - this.starts[row * this.side + this.index(box[0])];
    }
    return total;
  }

  /** A share of the points of each cell in a rectangle. @param from 0 to 1 @param to 0 to 1 */
  sampleIn(box: number[], from: number, to: number) {
    const cells = (this.index(box[3]) - this.index(box[1]) + 1) * (this.index(box[2]) - this.index(box[0]) + 1);
    const found = new Uint32Array(Math.min(this.countIn(box), Math.ceil(this.countIn(box) * (to - from)) + cells));
    let n = 0;
    this.eachCell(box, (first, last) => {
      const end = first + Math.ceil((last - first) * to);
      for (let at = first + Math.ceil((last - first) * from); at < end; at++) found[n++] = this.points[at];
    });
    return found.subarray(0, n);
  }

  /** The nearest point within a radius, -1 if there is none. @param but a mask of points that are passed over */
  nearest(x: number, y: number, radius: number, but?: Uint8Array) {
    let best = -1;
    let bestSquare = radius * radius;
    this.eachCell([x - radius, y - radius, x + radius, y + radius], (first, last) => {
      for (let at = first; at < last; at++) {
        const point = this.points[at];
        if (but?.length && holds(but, point)) continue;
        const dx = this.positions[2 * point] - x;
        const dy = this.positions[2 * point + 1] - y;
        if (dx * dx + dy * dy < bestSquare) {
          bestSquare = dx * dx + dy * dy;
          best = point;
        }
      }
    });
    return best;
  }
}
