/** Tags, names of topics, pinned documents and views of a page: kept in the browser, undone and redone as in a notebook. */
import { messages } from "../messages.ts";
import type { EditTagRequest, NoteResponse, PinRequest, RenameTopicRequest, SavedView } from "../protocol.ts";

const MAX_STEPS = 200;
const MAX_NAME = 80;

export type PageTag = { name: string; color: string; points: number[] };
/** What was edited; the names of topics by layer and number, "0-3". */
export type Kept = { tags: PageTag[]; names: Record<string, string>; pinned: number[]; views: SavedView[] };
type Step = { what: string; state: string };

export class PageEdits {
  kept: Kept;
  private past: Step[] = [];
  private future: Step[] = [];
  private readonly key: string;
  private readonly facts: { tagColors: string[]; layers: string[][] };
  private readonly changed: () => void;
  private readonly storage: Storage | undefined;

  /** @param facts the colors that tags take, and the computed names of topics by layer */
  constructor(key: string, start: Kept, facts: { tagColors: string[]; layers: string[][] }, changed: () => void, storage: Storage | undefined) {
    this.key = `nomic_explore:${key}`;
    this.facts = facts;
    this.changed = changed;
    this.storage = storage;
    this.kept = this.read() ?? start;
  }

  /** What was kept when the page was open before. */
  read(): Kept | undefined {
    try {
      return JSON.parse(this.storage?.getItem(this.key) ?? "null") ?? undefined;
    } catch {
      return undefined; // storage is closed to this page, or holds something else: begin anew
    }
  }

  undo(): NoteResponse {
    return this.step(this.past, this.future, messages.edits.undone, messages.edits.nothingToUndo);
  }

  redo(): NoteResponse {
    return this.step(this.future, this.past, messages.edits.redone, messages.edits.nothingToRedo);
  }

  tag(given: string, points: number[], color?: string | null) {
    const name = checkName(given, "tag");
    this.edit(messages.edits.tagged(points.length, quoted(name)), (kept) => {
      const tag = kept.tags.find((one) => one.name === name) ?? this.newTag(kept, name);
      tag.points = [...new Set([...tag.points, ...points])];
      tag.color = color?.toLowerCase() ?? tag.color;
    });
  }

  untag(name: string, points: number[]) {
    const gone = new Set(points);
    this.edit(messages.edits.untagged(quoted(name), points.length), (kept) => {
      const tag = findTag(kept, name);
      tag.points = tag.points.filter((point) => !gone.has(point));
    });
  }

  editTag({ name, new: renamed, color, delete: isDeleted }: EditTagRequest) {
    if (renamed) this.renameTag(name, checkName(renamed, "tag"));
    if (color) {
      const lower = color.toLowerCase();
      this.edit(messages.edits.recolored(quoted(name), lower), (kept) => (findTag(kept, name).color = lower));
    }
    if (isDeleted) this.edit(messages.edits.deletedTag(quoted(name)), (kept) => (kept.tags = kept.tags.filter((tag) => tag !== findTag(kept, name))));
  }

  renameTopic({ layer, topic, name: given }: RenameTopicRequest) {
    const { names } = this.kept;
    const nameOf = (number: number) => names[`${layer}-${number}`] ?? this.facts.layers[layer][number];
    const [name, old] = [checkName(given, "topic", 0), nameOf(topic)];
    const taken = this.facts.layers[layer].findIndex((_, number) => number !== topic && nameOf(number) === name);
    if (name && taken >= 0) throw new Error(messages.edits.topicNameTaken(taken, layer, quoted(name)));
    this.edit(name ? messages.edits.renamedTopic(quoted(old), quoted(name)) : messages.edits.restoredTopic(quoted(old)), (kept) => {
      delete kept.names[`${layer}-${topic}`];
      if (name && name !== this.facts.layers[layer][topic]) kept.names[`${layer}-${topic}`] = name;
    });
  }

  pin({ point, on = true }: PinRequest) {
    this.edit(on ? messages.edits.pinned : messages.edits.unpinned, (kept) => (kept.pinned = on ? [...new Set([...kept.pinned, point])] : kept.pinned.filter((other) => other !== point)));
  }

  saveView({ name: given, view }: SavedView) {
    const name = checkName(given, "view");
    this.edit(messages.edits.savedView(quoted(name)), (kept) => {
      const known = kept.views.find((one) => one.name === name);
      if (known) known.view = view;
      else kept.views.push({ name, view });
    });
  }

  deleteView(name: string) {
    this.edit(messages.edits.deletedView(quoted(name)), (kept) => (kept.views = kept.views.filter((one) => one.name !== name)));
  }

  private renameTag(name: string, renamed: string) {
    const isMerge = this.kept.tags.some((tag) => tag.name === renamed);
    this.edit(messages.edits.renamedTag(quoted(name), quoted(renamed), isMerge), (kept) => {
      const tag = findTag(kept, name);
      const other = kept.tags.find((one) => one !== tag && one.name === renamed);
      tag.name = renamed;
      if (!other) return;
      other.points = [...new Set([...other.points, ...tag.points])];
      kept.tags = kept.tags.filter((one) => one !== tag);
    });
  }

  /** Adds a tag in the first color that the fewest tags have. */
  private newTag(kept: Kept, name: string): PageTag {
    const nUsed = (color: string) => kept.tags.filter((tag) => tag.color === color).length;
    const color = this.facts.tagColors.reduce((best, one) => (nUsed(one) < nUsed(best) ? one : best));
    const tag = { name, color, points: [] };
    kept.tags.push(tag);
    return tag;
  }

  /** Makes an edit, unless it changes nothing. @param what it does, as undo and redo say it */
  private edit(what: string, act: (kept: Kept) => void) {
    const state = JSON.stringify(this.kept);
    const next: Kept = JSON.parse(state);
    act(next);
    if (JSON.stringify(next) === state) return;
    this.past = [...this.past, { what, state }].slice(-MAX_STEPS);
    this.future = [];
    this.keep(next);
  }

  private step(from: Step[], to: Step[], done: (what: string) => string, none: string): NoteResponse {
    const step = from.pop();
    if (!step) return { note: none };
    to.push({ what: step.what, state: JSON.stringify(this.kept) });
    this.keep(JSON.parse(step.state));
    return { note: done(step.what) };
  }

  private keep(kept: Kept) {
    this.kept = kept;
    try {
      this.storage?.setItem(this.key, JSON.stringify(kept));
    } catch {
      // A browser that keeps nothing for files still edits; the tags can be downloaded.
    }
    this.changed();
  }
}

function findTag(kept: Kept, name: string): PageTag {
  const found = kept.tags.find((tag) => tag.name === name);
  if (!found) throw new Error(messages.edits.noTag(quoted(name), kept.tags.map((tag) => quoted(tag.name))));
  return found;
}

/** A name without the white space around it. */
function checkName(name: string, what: string, minLength = 1): string {
  const stripped = name.trim();
  const length = [...stripped].length;
  if (length < minLength || length > MAX_NAME) throw new Error(messages.edits.badName(quoted(name), what, minLength, MAX_NAME));
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(stripped)) throw new Error(messages.edits.twoLines(quoted(name), what));
  return stripped;
}

/** A name in the quotes that Python would write. */
function quoted(name: string): string {
  return name.includes("'") && !name.includes('"') ? `"${name}"` : `'${name}'`;
}
