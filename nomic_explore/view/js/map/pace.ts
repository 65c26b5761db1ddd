import { clamp } from "./camera.ts";

const SLOW_MS = 36; // a frame while the view moves should not take longer
const FAST_MS = 22; // and one as short as this allows more points
const [FEWEST, MOST] = [12_000, 5_000_000]; // below the first it is not the points that take the time
const LONG_MS = 110; // a frame at rest, after which a new move would be late
const [LEAST_CHUNK, LARGEST_CHUNK] = [30_000, 2_000_000];

/** How many points a frame draws: while the view moves, so few that it keeps up; at rest, so few that a new move need not wait. */
export class Pace {
  budget = 100_000;
  chunk = 60_000;
  private mean: number | undefined;
  private last = 0;
  private wasMoving = false;

  /** A frame begins. @param now in milliseconds */
  frame(now: number, isMoving: boolean) {
    const took = now - this.last;
    if (this.last && isMoving === this.wasMoving) {
      if (isMoving) this.adapt(Math.min(400, took));
      else this.chunk = clamp(took < FAST_MS ? 2 * this.chunk : took > LONG_MS ? this.chunk / 2 : this.chunk, LEAST_CHUNK, LARGEST_CHUNK);
    }
    [this.last, this.wasMoving] = [now, isMoving];
  }

  /** No frame follows this one soon. */
  rest() {
    this.last = 0;
  }

  private adapt(took: number) {
    const mean = 0.7 * (this.mean ?? took) + 0.3 * took;
    if (mean > SLOW_MS) this.budget = Math.max(FEWEST, this.budget * Math.max(0.7, SLOW_MS / mean));
    else if (mean < FAST_MS) this.budget = Math.min(MOST, this.budget * 1.15);
    this.mean = mean;
  }
}
