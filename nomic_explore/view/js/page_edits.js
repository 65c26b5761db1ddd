// @ts-check
/** Tags, names of topics, pinned documents and views of a page: kept in the browser, undone and redone, downloadable. */

const COLORS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#7a5195"];
const MOST = 200;

/** @typedef {{tags: {name: string, color: string, points: number[]}[], names: Record<string, string>, pinned: number[], views: {name: string, view: any}[]}} Kept */

export class PageEdits {
  /** @param {string} key @param {Kept} start @param {() => void} changed @param {Storage | undefined} storage */
  constructor(key, start, changed, storage) {
    this.key = `nomic_explore:${key}`;
    this.changed = changed;
    this.storage = storage;
    /** @type {string[]} */
    this.past = [];
    /** @type {string[]} */
    this.future = [];
    /** @type {Kept} */
    this.kept = start;
    const saved = this.read();
    if (saved) this.kept = saved;
  }

  /** @returns {Kept | undefined} */
  read() {
    try {
      return JSON.parse(this.storage?.getItem(this.key) ?? "null") ?? undefined;
    } catch {
      return undefined; // storage is closed to this page, or holds something else: begin anew
    }
  }

  /** @param {(kept: Kept) => void} act */
  edit(act) {
    const before = JSON.stringify(this.kept);
    const next = JSON.parse(before);
    act(next);
    if (JSON.stringify(next) === before) return;
    this.past = [...this.past, before].slice(-MOST);
    this.future = [];
    this.keep(next);
  }

  /** @param {Kept} kept */
  keep(kept) {
    this.kept = kept;
    try {
      this.storage?.setItem(this.key, JSON.stringify(kept));
    } catch {
      // A browser that keeps nothing for files still edits; the tags can be downloaded.
    }
    this.changed();
  }

  undo() {
    return this.step(this.past, this.future, "undone", "nothing to undo");
  }

  redo() {
    return this.step(this.future, this.past, "made again", "nothing to redo");
  }

  /** @param {string[]} from @param {string[]} to @param {string} done @param {string} none */
  step(from, to, done, none) {
    const state = from.pop();
    if (!state) return { note: none };
    to.push(JSON.stringify(this.kept));
    this.keep(JSON.parse(state));
    return { note: done };
  }

  /** @param {string} name @param {Iterable<number>} points @param {string} [color] */
  tag(name, points, color) {
    this.edit((kept) => {
      let tag = kept.tags.find((one) => one.name === name);
      if (!tag) kept.tags.push((tag = { name, color: color ?? COLORS[kept.tags.length % COLORS.length], points: [] }));
      tag.points = [...new Set([...tag.points, ...points])];
    });
  }

  /** @param {string} name @param {Iterable<number>} points */
  untag(name, points) {
    const gone = new Set(points);
    this.edit((kept) => kept.tags.filter((tag) => tag.name === name).forEach((tag) => (tag.points = tag.points.filter((point) => !gone.has(point)))));
  }

  /** @param {{name: string, new?: string, color?: string, delete?: boolean}} wanted */
  editTag({ name, new: renamed, color, delete: gone }) {
    this.edit((kept) => {
      const tag = kept.tags.find((one) => one.name === name);
      if (!tag) throw new Error(`There is no tag “${name}”.`);
      if (color) tag.color = color;
      const other = renamed && kept.tags.find((one) => one !== tag && one.name === renamed);
      if (other) other.points = [...new Set([...other.points, ...tag.points])];
      else if (renamed) tag.name = renamed;
      if (gone || other) kept.tags = kept.tags.filter((one) => one !== tag);
    });
  }
}
