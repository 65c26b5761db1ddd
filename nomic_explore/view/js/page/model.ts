import type { Question, RequestOf, ResponseOf } from "../protocol.ts";
import type { Model } from "../view_state.ts";

type Listener = Parameters<Model["on"]>[1];
/** Who answers questions in a page. */
export type Answering = { answer: <Q extends Question>(question: Q, request: RequestOf<Q>) => Promise<ResponseOf<Q>> };
type Message = { type: string; id?: string; question?: Question; with?: RequestOf<Question> };

/** A model for a page without a kernel: traits, their changes, and questions that are answered on the spot. */
export class PageModel implements Model {
  /** soon: the map is on the screen before */
  answers: Promise<Answering> | undefined;
  private readonly values: Record<string, unknown>;
  private readonly listeners = new Map<string, Set<Listener>>();

  constructor(values: Record<string, unknown>) {
    this.values = values;
  }

  get(name: string): ReturnType<Model["get"]> {
    return this.values[name];
  }

  set(name: string, value: unknown) {
    if (this.values[name] === value) return;
    this.values[name] = value;
    this.notify(`change:${name}`);
  }

  save_changes() {}

  on(event: string, act: Listener) {
    const listeners = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, listeners.add(act));
  }

  off(event: string, act: Listener) {
    this.listeners.get(event)?.delete(act);
  }

  async send(message: Message) {
    if (message.type !== "ask" || !message.question || !this.answers) return;
    const answer = { type: "answer", id: message.id };
    try {
      const value: Record<string, unknown> = { ...(await (await this.answers).answer(message.question, message.with ?? {})) };
      const bulk = Object.keys(value).filter((name) => ArrayBuffer.isView(value[name]));
      this.notify("msg:custom", { ...answer, value, bulk }, bulk.map((name) => value[name]));
    } catch (error) {
      this.notify("msg:custom", { ...answer, error: error instanceof Error ? error.message : String(error) }, []);
    }
  }

  private notify(event: string, ...values: unknown[]) {
    for (const act of [...(this.listeners.get(event) ?? [])]) act(...values);
  }
}
