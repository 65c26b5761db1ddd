/** A model for a page without a kernel: traits, their changes, and questions that are answered on the spot. */
export class PageModel {
  values: Record<string, any>;
  listeners: Map<string, Set<Function>>;
  answers: {answer: (question: string, args: any) => Promise<any>} | undefined;

  constructor(values: Record<string, any>) {
    this.values = values;
    this.listeners = new Map();
    this.answers = undefined;
  }

  get(name: string) {
    return this.values[name];
  }

  set(name: string, value: unknown) {
    if (this.values[name] === value) return;
    this.values[name] = value;
    this.tell(`change:${name}`);
  }

  save_changes() {}

  on(event: string, act: (...args: any[]) => void) {
    const listeners = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, listeners.add(act));
  }

  off(event: string, act: (...args: any[]) => void) {
    this.listeners.get(event)?.delete(act);
  }

  tell(event: string, ...args: any[]) {
    for (const act of [...(this.listeners.get(event) ?? [])]) act(...args);
  }

  async send(message: {type: string, id?: string, question?: string, with?: any}) {
    if (message.type !== "ask" || !this.answers) return;
    const answer = { type: "answer", id: message.id };
    try {
      const value = { ...(await this.answers.answer(String(message.question), message.with ?? {})) };
      const bulk = Object.keys(value).filter((name) => ArrayBuffer.isView(value[name]));
      const buffers = bulk.map((name) => new DataView(value[name].buffer, value[name].byteOffset, value[name].byteLength));
      this.tell("msg:custom", { ...answer, value, bulk }, buffers);
    } catch (error) {
      this.tell("msg:custom", { ...answer, error: error instanceof Error ? error.message : String(error) }, []);
    }
  }
}
