/** Tags, names of topics, pinned documents and views of a page: kept in the browser, undone and redone, downloadable. */

const COLORS = ["#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#f0e442", "#7a5195"];
const MOST = 200;

export type Kept = {tags: {name: string, color: string, points: number[]}[], names: Record<string, string>, pinned: number[], views: {name: string, view: any}[]};

export class PageEdits {
  key: string;
  changed: () => void;
  storage: Storage | undefined;
  past: string[];
  future: string[];
  kept: Kept;

  constructor(key: string, start: Kept, changed: () => void, storage: Storage | undefined) {
    this.key = `nomic_explore:${key}`;
    this.changed = changed;
    this.storage = storage;
    this.past = [];
    this.future = [];
    this.kept = start;
    const saved = this.read();
    if (saved) this.kept = saved;
  }

  read(): Kept | undefined {
    try {
      return JSON.parse(this.storage?.getItem(this.key) ?? "null") ?? undefined;
    } catch {
      return undefined; // storage is closed to this page, or holds something else: begin anew
    }
  }

  edit(act: (kept: Kept) => void) {
    const before = JSON.stringify(this.kept);
    const next = JSON.parse(before);
    act(next);
    if (JSON.stringify(next) === before) return;
    this.past = [...this.past, before].slice(-MOST);
    this.future = [];
    this.keep(next);
  }

  keep(kept: Kept) {
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

  step(from: string[], to: string[], done: string, none: string) {
    const state = from.pop();
    if (!state) return { note: none };
    to.push(JSON.stringify(this.kept));
    this.keep(JSON.parse(state));
    return { note: done };
  }

  tag(name: string, points: Iterable<number>, color?: string) {
    this.edit((kept) => {
      let tag = kept.tags.find((one) => one.name === name);
      if (!tag) kept.tags.push((tag = { name, color: color ?? COLORS[kept.tags.length % COLORS.length], points: [] }));
      tag.points = [...new Set([...tag.points, ...points])];
    });
  }

  untag(name: string, points: Iterable<number>) {
    const gone = new Set(points);
    this.edit((kept) => kept.tags.filter((tag) => tag.name === name).forEach((tag) => (tag.points = tag.points.filter((point) => !gone.has(point)))));
  }

  editTag({ name, new: renamed, color, delete: gone }: {name: string, new?: string, color?: string, delete?: boolean}) {
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
