// @ts-check
import { combine, emptyMask, maskOf, size } from "./bits.js";
import { PointGrid } from "./picking.js";

/**
 * What every part of the screen works with: the traits of the model, questions to the kernel (or, in an exported page, to
 * the page's own data), and the selection. Arrays and the grid are kept once for all views of a model.
 */

/** @type {WeakMap<object, Map<string, {from: unknown, values: any}>>} */
const kept = new WeakMap();
let asked = 0;

export class Desk {
  /** @param {any} model an anywidget model, or one that behaves like it */
  constructor(model) {
    this.model = model;
    this.id = `${Math.random().toString(36).slice(2)}`;
    /** @type {(() => void)[]} */
    this.endings = [];
    /** @type {Map<string, {resolve: (value: any) => void, reject: (error: Error) => void}>} */
    this.waiting = new Map();
    /** @type {"replace" | "add" | "subtract" | "intersect"} */
    this.mode = "replace";
    this.signal = new AbortController();
    const hear = (/** @type {any} */ message, /** @type {DataView[]} */ buffers) => this.hear(message, buffers);
    model.on("msg:custom", hear);
    this.endings.push(() => model.off("msg:custom", hear));
  }

  /** @param {string} name @returns {any} */
  get(name) {
    return this.model.get(name);
  }

  /** @param {Record<string, unknown>} values */
  set(values) {
    for (const [name, value] of Object.entries(values)) this.model.set(name, value);
    this.model.save_changes();
  }

  /** Calls `act` whenever one of some traits changes. @param {string[]} names @param {() => void} act */
  on(names, act) {
    for (const name of names) {
      this.model.on(`change:${name}`, act);
      this.endings.push(() => this.model.off(`change:${name}`, act));
    }
  }

  /** @param {() => void} ending called when the view goes */
  atEnd(ending) {
    this.endings.push(ending);
  }

  /**
   * A binary trait as numbers, copied only if it does not lie right.
   * @template {Uint8Array | Uint16Array | Uint32Array | Float32Array} T
   * @param {string} name @param {{new (buffer: ArrayBufferLike, offset: number, length: number): T, BYTES_PER_ELEMENT: number}} Kind @returns {T}
   */
  numbers(name, Kind) {
    return this.keep(name, this.get(name), (data) => asNumbers(data, Kind));
  }

  /** What `make` makes of a value, made once for each value. @template T @param {string} name @param {any} from @param {(from: any) => T} make @returns {T} */
  keep(name, from, make) {
    const all = kept.get(this.model) ?? new Map();
    kept.set(this.model, all);
    const found = all.get(name);
    if (found && found.from === from) return found.values;
    const values = make(from);
    all.set(name, { from, values });
    return values;
  }

  get positions() {
    return this.numbers("positions", Float32Array);
  }

  /** How many points there are. */
  get n() {
    return this.positions.length / 2;
  }

  get grid() {
    return this.keep("grid", this.get("positions"), () => new PointGrid(this.positions));
  }

  /** The colours of the points, as places in the palette. */
  get colors() {
    const wide = (this.get("colors")?.byteLength ?? 0) >= 2 * this.n && this.n > 0;
    return wide ? this.numbers("colors", Uint16Array) : this.numbers("colors", Uint8Array);
  }

  get selected() {
    return this.numbers("selected", Uint8Array);
  }

  get nSelected() {
    return this.keep("nSelected", this.selected, size);
  }

  /** @param {Uint8Array} found a mask, combined with what is selected as the mode says @param {typeof this.mode} [mode] */
  select(found, mode = this.mode) {
    const mask = combine(this.selected, found, mode);
    this.set({ selected: asData(size(mask) ? mask : new Uint8Array(0)) });
  }

  /** @param {ArrayLike<number>} points @param {typeof this.mode} [mode] */
  selectPoints(points, mode = this.mode) {
    this.select(maskOf(points, this.n), mode);
  }

  selectNothing() {
    if (this.selected.length) this.select(emptyMask(this.n), "replace");
  }

  /** @param {ArrayLike<number>} points lit in this order; none lights all */
  light(points) {
    this.set({ hits: asData(Uint32Array.from(points)) });
  }

  get hits() {
    return this.numbers("hits", Uint32Array);
  }

  /**
   * Asks the kernel. Later answers to the same question can be told by the caller.
   * @param {string} question @param {Record<string, unknown>} [args] @returns {Promise<any>}
   */
  ask(question, args = {}) {
    const id = `${this.id}-${asked++}`;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.model.send({ type: "ask", id, question, with: args });
    });
  }

  /** @param {any} message @param {DataView[]} buffers */
  hear(message, buffers) {
    const wait = this.waiting.get(message?.id);
    if (message?.type !== "answer" || !wait) return;
    this.waiting.delete(message.id);
    if (message.error !== undefined) wait.reject(new Error(message.error));
    else {
      const value = message.value;
      (message.bulk ?? []).forEach((/** @type {string} */ name, /** @type {number} */ at) => (value[name] = buffers[at]));
      wait.resolve(value);
    }
  }

  dispose() {
    for (const ending of this.endings) ending();
    this.signal.abort();
    this.waiting.clear();
  }
}

/**
 * @template T @param {any} data a DataView, or nothing
 * @param {{new (buffer: ArrayBufferLike, offset: number, length: number): T, BYTES_PER_ELEMENT: number}} Kind @returns {T}
 */
export function asNumbers(data, Kind) {
  if (!data?.byteLength) return new Kind(new ArrayBuffer(0), 0, 0);
  const { buffer, byteOffset, byteLength } = data;
  const length = Math.floor(byteLength / Kind.BYTES_PER_ELEMENT);
  if (byteOffset % Kind.BYTES_PER_ELEMENT === 0) return new Kind(buffer, byteOffset, length);
  return new Kind(buffer.slice(byteOffset, byteOffset + byteLength), 0, length);
}

/** @param {Uint8Array | Uint32Array} values */
export function asData(values) {
  return new DataView(values.buffer, values.byteOffset, values.byteLength);
}
