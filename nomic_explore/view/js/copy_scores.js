// @ts-check
import { clamp } from "./camera.js";
import { count, element, words } from "./dom.js";

const NS = "http://www.w3.org/2000/svg";
const HEIGHT = 64;
const STEP = 0.005; // of the arrow keys; with Shift four times as much

/** @typedef {{low: number, high: number, counts: Record<string, number[]>}} Scores */

/** The kinds of evidence as bars are stacked, from below. */
export const KINDS = ["exact", "lexical", "semantic"];

/**
 * Bars of counts, stacked by kind. Heights follow the square root, so that one heap of exact copies does not flatten the rest.
 * @param {Scores} scores @returns {{kind: string, at: number, value: number, y: number, height: number}[]} y from above
 */
export function stackBars({ counts }) {
  const totals = counts[KINDS[0]].map((_, at) => KINDS.reduce((sum, kind) => sum + counts[kind][at], 0));
  const most = Math.max(1, ...totals);
  const bars = [];
  for (const [at, total] of totals.entries()) {
    const full = total ? Math.max(2, Math.sqrt(total / most) * (HEIGHT - 2)) : 0;
    let top = HEIGHT;
    for (const kind of KINDS) {
      const value = counts[kind][at];
      const height = total ? (full * value) / total : 0;
      top -= height;
      if (value) bars.push({ kind, at, value, y: top, height });
    }
  }
  return bars;
}

/** A threshold as it can be set: three digits, not below the floor. @param {number} value @param {number} floor */
export function asThreshold(value, floor) {
  return Math.round(1000 * clamp(value, floor, 1)) / 1000;
}

/** Where a key moves the threshold; undefined for keys that do not. @param {number} value @param {string} key @param {boolean} isWide @param {number} floor */
export function stepThreshold(value, key, isWide, floor) {
  const step = STEP * (isWide ? 4 : 1);
  /** @type {Record<string, number>} */
  const moved = { ArrowLeft: value - step, ArrowDown: value - step, ArrowRight: value + step, ArrowUp: value + step, PageDown: value - 4 * STEP, PageUp: value + 4 * STEP, Home: floor, End: 1 };
  return key in moved ? asThreshold(moved[key], floor) : undefined;
}

/** How pairs score, with the threshold as a line that is dragged or moved by arrow keys. */
export class ScoreChart {
  /**
   * @param {HTMLElement} parent
   * @param {{onMove: (value: number) => void, onRelease: (value: number) => void}} acts while it moves, and once it rests
   */
  constructor(parent, acts) {
    this.acts = acts;
    this.floor = 0.8;
    this.value = 0.9;
    /** @type {Scores} */
    this.scores = { low: 0.6, high: 1, counts: { exact: [], lexical: [], semantic: [] } };
    this.isMoving = false;
    this.root = element(parent, "div", "nx-scores", "atlas-copy-scores");
    this.svg = document.createElementNS(NS, "svg");
    this.svg.setAttribute("preserveAspectRatio", "none");
    this.root.append(this.svg);
    this.handle = element(this.root, "div", "nx-threshold", "atlas-threshold");
    this.handle.tabIndex = 0;
    this.handle.setAttribute("role", "slider");
    this.handle.setAttribute("aria-label", "Threshold: the similarity from which meaning alone counts. Arrow keys move it");
    this.handle.title = "Drag, or arrow keys: the similarity from which meaning alone counts";
    this.told = words(this.handle, "span", "nx-threshold-told", "");
    const axis = element(parent, "div", "nx-ends nx-soft nx-score-ends");
    this.left = words(axis, "span", "", "");
    this.makeKey(axis);
    words(axis, "span", "", "1");
    this.listen();
  }

  /** @param {HTMLElement} axis */
  makeKey(axis) {
    const key = element(axis, "span", "nx-key");
    for (const [kind, title] of [["exact", "Equal, or equal but for case, space and punctuation"], ["lexical", "Much of the same letters"], ["semantic", "Near in meaning alone; pale below the threshold"]]) {
      const one = element(key, "span", "");
      one.title = title;
      element(one, "i", `nx-swatch nx-kind-${kind}`);
      words(one, "span", "", kind);
    }
  }

  listen() {
    const { root, handle, acts } = this;
    const valueAt = (/** @type {PointerEvent} */ event) => {
      const box = this.svg.getBoundingClientRect();
      const share = (event.clientX - box.left) / Math.max(1, box.width);
      return asThreshold(this.scores.low + share * (this.scores.high - this.scores.low), this.floor);
    };
    const move = (/** @type {number} */ value) => {
      if (value === this.value && this.isMoving) return;
      this.isMoving = true;
      this.setValue(value);
      acts.onMove(value);
    };
    const release = () => {
      if (!this.isMoving) return;
      this.isMoving = false;
      acts.onRelease(this.value);
    };
    let isHeld = false;
    let offset = 0; // between the pointer and the line it took hold of
    root.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      isHeld = true;
      const isHandle = event.target instanceof Node && handle.contains(event.target);
      offset = isHandle ? this.value - valueAt(event) : 0;
      root.setPointerCapture(event.pointerId);
      handle.focus({ preventScroll: true });
      event.preventDefault();
      if (!isHandle) move(valueAt(event));
    });
    root.addEventListener("pointermove", (event) => {
      const value = asThreshold(valueAt(event) + offset, this.floor);
      if (isHeld && value !== this.value) move(value);
    });
    for (const end of ["pointerup", "pointercancel"]) {
      root.addEventListener(end, () => {
        isHeld = false;
        release();
      });
    }
    handle.addEventListener("keydown", (event) => {
      const value = stepThreshold(this.value, event.key, event.shiftKey, this.floor);
      if (value === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      if (value !== this.value) move(value);
    });
    handle.addEventListener("keyup", release);
    handle.addEventListener("blur", () => isHeld || release());
  }

  /** @param {Scores} scores @param {number} floor @param {number} value */
  show(scores, floor, value) {
    const isNew = JSON.stringify(scores) !== JSON.stringify(this.scores);
    this.scores = scores;
    this.floor = floor;
    this.left.textContent = `≤ ${scores.low}`;
    if (isNew) this.draw();
    if (!this.isMoving) this.setValue(value);
  }

  draw() {
    const { counts, low, high } = this.scores;
    const n = counts.exact.length;
    this.svg.setAttribute("viewBox", `0 0 ${n} ${HEIGHT}`);
    this.svg.replaceChildren();
    for (const { kind, at, value, y, height } of stackBars(this.scores)) {
      const bar = document.createElementNS(NS, "rect");
      for (const [name, number] of Object.entries({ x: at + 0.08, y, width: 0.84, height })) bar.setAttribute(name, String(number));
      bar.setAttribute("class", `nx-kind-${kind}`);
      bar.dataset.from = String(low + ((high - low) * at) / n);
      const title = document.createElementNS(NS, "title");
      title.textContent = `${count(value)} ${kind} ${value === 1 ? "pair" : "pairs"} from ${(low + ((high - low) * at) / n).toFixed(3)} on`;
      bar.append(title);
      this.svg.append(bar);
    }
  }

  /** @param {number} value */
  setValue(value) {
    const { scores, handle } = this;
    this.value = value;
    const share = (value - scores.low) / (scores.high - scores.low);
    handle.style.left = `${100 * share}%`;
    handle.classList.toggle("nx-at-end", share > 0.85);
    handle.setAttribute("aria-valuemin", String(this.floor));
    handle.setAttribute("aria-valuemax", "1");
    handle.setAttribute("aria-valuenow", String(value));
    this.told.textContent = value.toFixed(3).replace(/0$/u, "");
    const middle = (scores.high - scores.low) / (2 * Math.max(1, scores.counts.exact.length));
    for (const bar of this.svg.querySelectorAll("rect.nx-kind-semantic")) {
      bar.classList.toggle("nx-below", Number(/** @type {SVGElement} */ (bar).dataset.from) + middle < value);
    }
  }
}
