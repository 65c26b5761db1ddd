import { clamp } from "../../map/camera.ts";
import { count, element, textElement } from "../../dom.ts";
import { messages } from "../../messages.ts";

const NS = "http://www.w3.org/2000/svg";
const HEIGHT = 64;
const STEP = 0.005; // of the arrow keys; with Shift four times as much

export type Scores = {low: number, high: number, counts: Record<string, number[]>};

/** The kinds of evidence as bars are stacked, from below. */
export const KINDS = ["exact", "lexical", "semantic"];

/** Bars of counts, stacked by kind. Heights follow the square root, so that one heap of equal texts does not flatten the rest. @returns y from above */
export function stackBars({ counts }: Scores): {kind: string, at: number, value: number, y: number, height: number}[] {
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

/** A threshold as it can be set: three digits, not below the floor. */
export function asThreshold(value: number, floor: number) {
  return Math.round(1000 * clamp(value, floor, 1)) / 1000;
}

/** Where a key moves the threshold; undefined for keys that do not. */
export function stepThreshold(value: number, key: string, isWide: boolean, floor: number) {
  const step = STEP * (isWide ? 4 : 1);
  const moved: Record<string, number> = { ArrowLeft: value - step, ArrowDown: value - step, ArrowRight: value + step, ArrowUp: value + step, PageDown: value - 4 * STEP, PageUp: value + 4 * STEP, Home: floor, End: 1 };
  return key in moved ? asThreshold(moved[key], floor) : undefined;
}

/** How pairs score, with the threshold as a line that is dragged or moved by arrow keys. */
export class ScoreChart {
  acts: { onMove: (value: number) => void; onRelease: (value: number) => void; };
  floor: number;
  value: number;
  scores: Scores;
  isMoving: boolean;
  root: HTMLElement;
  svg: SVGSVGElement;
  handle: HTMLElement;
  readout: HTMLElement;
  left: HTMLElement;

  /** @param acts while it moves, and once it rests */
  constructor(parent: HTMLElement, acts: {onMove: (value: number) => void, onRelease: (value: number) => void}) {
    this.acts = acts;
    this.floor = 0.8;
    this.value = 0.9;
    this.scores = { low: 0.6, high: 1, counts: { exact: [], lexical: [], semantic: [] } };
    this.isMoving = false;
    this.root = element(parent, "div", "nx-scores", "atlas-copy-scores");
    this.svg = document.createElementNS(NS, "svg");
    this.svg.setAttribute("preserveAspectRatio", "none");
    this.root.append(this.svg);
    this.handle = element(this.root, "div", "nx-threshold", "atlas-threshold");
    this.handle.tabIndex = 0;
    this.handle.setAttribute("role", "slider");
    this.handle.setAttribute("aria-label", messages.duplicates.threshold);
    this.handle.title = messages.duplicates.threshold;
    this.readout = textElement(this.handle, "span", "nx-threshold-told", "");
    const axis = element(parent, "div", "nx-ends nx-soft nx-score-ends");
    this.left = textElement(axis, "span", "", "");
    this.makeKey(axis);
    textElement(axis, "span", "", "1");
    this.listen();
  }

  makeKey(axis: HTMLElement) {
    const key = element(axis, "span", "nx-key");
    for (const [kind, title] of Object.entries(messages.duplicates.kindsDrawn)) {
      const one = element(key, "span", "");
      one.title = title;
      element(one, "i", `nx-swatch nx-kind-${kind}`);
      textElement(one, "span", "", kind);
    }
  }

  listen() {
    const { root, handle, acts } = this;
    const valueAt = (event: PointerEvent) => {
      const box = this.svg.getBoundingClientRect();
      const share = (event.clientX - box.left) / Math.max(1, box.width);
      return asThreshold(this.scores.low + share * (this.scores.high - this.scores.low), this.floor);
    };
    const move = (value: number) => {
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

  show(scores: Scores, floor: number, value: number) {
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
      title.textContent = messages.duplicates.bar(value, count(value), kind, (low + ((high - low) * at) / n).toFixed(3));
      bar.append(title);
      this.svg.append(bar);
    }
  }

  setValue(value: number) {
    const { scores, handle } = this;
    this.value = value;
    const share = (value - scores.low) / (scores.high - scores.low);
    handle.style.left = `${100 * share}%`;
    handle.classList.toggle("nx-at-end", share > 0.85);
    handle.setAttribute("aria-valuemin", String(this.floor));
    handle.setAttribute("aria-valuemax", "1");
    handle.setAttribute("aria-valuenow", String(value));
    this.readout.textContent = value.toFixed(3).replace(/0$/u, "");
    const middle = (scores.high - scores.low) / (2 * Math.max(1, scores.counts.exact.length));
    for (const bar of this.svg.querySelectorAll("rect.nx-kind-semantic")) {
      bar.classList.toggle("nx-below", Number((bar as SVGElement).dataset.from) + middle < value);
    }
  }
}
