import { effect, type ReadonlySignal, signal } from "@preact/signals-core";
import { combine, emptyMask, maskOf, size } from "./bitmask.ts";
import { messages } from "./messages.ts";
import { PointGrid } from "./map/picking.ts";
import type { Question, RequestOf, ResponseOf } from "./protocol.ts";

const TIMEOUT_MS = 60_000; // after which the kernel is taken to be busy or gone

/** What anywidget passes to a view, and what `PageModel` imitates. */
export type Model = {
  get: (name: string) => any;
  set: (name: string, value: unknown) => void;
  save_changes: () => void;
  on: (event: string, act: (...args: any[]) => void) => void;
  off: (event: string, act: (...args: any[]) => void) => void;
  send: (message: { type: string } & Record<string, unknown>) => void;
};

export type SelectionMode = "replace" | "add" | "subtract" | "intersect";

type Waiting = { resolve: (value: any) => void; reject: (error: Error) => void };
type Answer = { type: string; id: string; error?: string; value: Record<string, unknown>; bulk?: string[] };

const kept = new WeakMap<object, Map<string, { from: unknown; values: any }>>();
let nAsked = 0;

/**
 * What every part of the screen works with: the traits of the model, questions to the kernel (or, in an exported page, to
 * the page's own data), and the selection. Arrays and the grid are kept once for all views of a model.
 */

export class ViewState {
  model: Model;
  mode: SelectionMode = "replace";
  /** The words searched for, to be marked wherever text is read; see `markWords`. */
  readonly searchWords = signal<readonly string[]>([]);
  /** How many questions have no answer yet. */
  readonly nWaiting = signal(0);
  private readonly id = Math.random().toString(36).slice(2);
  private readonly endings: (() => void)[] = [];
  private readonly waiting = new Map<string, Waiting>();
  private readonly traits = new Map<string, ReadonlySignal<any>>();
  private readonly abort = new AbortController();

  constructor(model: Model) {
    this.model = model;
    const receive = (message: Answer, buffers: DataView[]) => this.receive(message, buffers);
    model.on("msg:custom", receive);
    this.endings.push(() => model.off("msg:custom", receive));
  }

  /** Aborted when the view goes. */
  get signal(): AbortSignal {
    return this.abort.signal;
  }

  get(name: string): any {
    return this.model.get(name);
  }

  set(values: Record<string, unknown>) {
    for (const [name, value] of Object.entries(values)) this.model.set(name, value);
    this.model.save_changes();
  }

  /** Calls `act` whenever one of some traits changes. */
  on(names: string[], act: () => void) {
    for (const name of names) {
      this.model.on(`change:${name}`, act);
      this.endings.push(() => this.model.off(`change:${name}`, act));
    }
  }

  /** A trait as a signal, for panels: `state.effect(() => render(view(state.trait("filters").value), host))`. */
  trait<T = any>(name: string): ReadonlySignal<T> {
    const known = this.traits.get(name);
    if (known) return known;
    const made = signal<T>(this.get(name));
    this.traits.set(name, made);
    this.on([name], () => (made.value = this.get(name)));
    return made;
  }

  /** Runs `act` now and whenever a signal that it reads changes, until the view goes. */
  effect(act: () => void) {
    this.endings.push(effect(act));
  }

  /** @param ending called when the view goes */
  atEnd(ending: () => void) {
    this.endings.push(ending);
  }

  /** A binary trait as numbers, copied only if it does not lie right. */
  numbers<T extends Uint8Array | Uint16Array | Uint32Array | Float32Array>(name: string, Kind: {new (buffer: ArrayBufferLike, offset: number, length: number): T, BYTES_PER_ELEMENT: number}): T {
    return this.keep(name, this.get(name), (data) => asNumbers(data, Kind));
  }

  /** What `make` makes of a value, made once for each value. */
  keep<T>(name: string, from: any, make: (from: any) => T): T {
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

  /** The colors of the points, as places in the palette. */
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

  /** @param found a mask, combined with what is selected as the mode says */
  select(found: Uint8Array, mode: typeof this.mode = this.mode) {
    const mask = combine(this.selected, found, mode);
    this.set({ selected: asData(size(mask) ? mask : new Uint8Array(0)) });
  }

  selectPoints(points: ArrayLike<number>, mode: typeof this.mode = this.mode) {
    this.select(maskOf(points, this.n), mode);
  }

  selectNothing() {
    if (this.selected.length) this.select(emptyMask(this.n), "replace");
  }

  /** @param points highlighted, the best first; none highlights nothing @param strengths 0 to 255 for each; none highlights all in full */
  highlight(points: ArrayLike<number>, strengths: Uint8Array = new Uint8Array(0)) {
    this.set({ strengths: asData(strengths), hits: asData(Uint32Array.from(points)) });
  }

  get hits() {
    return this.numbers("hits", Uint32Array);
  }

  /**
   * Asks the kernel, or the page, and returns its response.
   * @param options `signal` gives the question up; `timeoutMs` is how long to wait
   */
  ask<Q extends Question>(question: Q, request: RequestOf<Q>, options: { signal?: AbortSignal; timeoutMs?: number } = {}): Promise<ResponseOf<Q>> {
    const id = `${this.id}-${nAsked++}`;
    const { signal, timeoutMs = TIMEOUT_MS } = options;
    return new Promise((resolve, reject) => {
      const giveUp = (message: string) => () => this.settle(id)?.reject(new Error(message));
      const timer = setTimeout(giveUp(messages.frame.noAnswer(timeoutMs / 1000)), timeoutMs);
      const onAbort = giveUp(messages.frame.canceled);
      signal?.addEventListener("abort", onAbort, { once: true });
      const end = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", onAbort);
      };
      this.waiting.set(id, { resolve: (value) => (end(), resolve(value)), reject: (error) => (end(), reject(error)) });
      this.nWaiting.value = this.waiting.size;
      if (signal?.aborted) return onAbort();
      this.model.send({ type: "ask", id, question, with: request });
    });
  }

  private settle(id: string): Waiting | undefined {
    const found = this.waiting.get(id);
    this.waiting.delete(id);
    this.nWaiting.value = this.waiting.size;
    return found;
  }

  private receive(message: Answer, buffers: DataView[]) {
    const waiting = message?.type === "answer" ? this.settle(message.id) : undefined;
    if (!waiting) return;
    if (message.error !== undefined) return waiting.reject(new Error(message.error));
    (message.bulk ?? []).forEach((name, at) => (message.value[name] = buffers[at]));
    waiting.resolve(message.value);
  }

  dispose() {
    for (const ending of this.endings) ending();
    this.abort.abort();
    for (const id of [...this.waiting.keys()]) this.settle(id)?.reject(new Error(messages.frame.closed));
  }
}

/** @param data a DataView, or nothing */
export function asNumbers<T>(data: any, Kind: {new (buffer: ArrayBufferLike, offset: number, length: number): T, BYTES_PER_ELEMENT: number}): T {
  if (!data?.byteLength) return new Kind(new ArrayBuffer(0), 0, 0);
  const { buffer, byteOffset, byteLength } = data;
  const length = Math.floor(byteLength / Kind.BYTES_PER_ELEMENT);
  if (byteOffset % Kind.BYTES_PER_ELEMENT === 0) return new Kind(buffer, byteOffset, length);
  return new Kind(buffer.slice(byteOffset, byteOffset + byteLength), 0, length);
}

export function asData<B extends ArrayBufferLike>(values: Uint8Array<B> | Uint16Array<B> | Uint32Array<B>): DataView<B> {
  return new DataView(values.buffer, values.byteOffset, values.byteLength);
}
