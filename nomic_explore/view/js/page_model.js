// @ts-check
/** A model for a page without a kernel: traits, their changes, and questions that are answered on the spot. */
export class PageModel {
  /** @param {Record<string, any>} values */
  constructor(values) {
    this.values = values;
    /** @type {Map<string, Set<Function>>} */
    this.listeners = new Map();
    /** @type {{answer: (question: string, args: any) => Promise<any>} | undefined} */
    this.answers = undefined;
  }

  /** @param {string} name */
  get(name) {
    return this.values[name];
  }

  /** @param {string} name @param {unknown} value */
  set(name, value) {
    if (this.values[name] === value) return;
    this.values[name] = value;
    this.tell(`change:${name}`);
  }

  save_changes() {}

  /** @param {string} event @param {Function} act */
  on(event, act) {
    const listeners = this.listeners.get(event) ?? new Set();
    this.listeners.set(event, listeners.add(act));
  }

  /** @param {string} event @param {Function} act */
  off(event, act) {
    this.listeners.get(event)?.delete(act);
  }

  /** @param {string} event @param {any[]} args */
  tell(event, ...args) {
    for (const act of [...(this.listeners.get(event) ?? [])]) act(...args);
  }

  /** @param {{type: string, id?: string, question?: string, with?: any}} message */
  async send(message) {
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
