import { maskOf, pointsOf } from "../bitmask.ts";
import { asData, asNumbers } from "../view_state.ts";
import { shorten } from "../dom.ts";
import { cellText, countPassing, fitsFilter, readChannels } from "./columns.ts";
import { fold, meets } from "./conditions.ts";
import { PageEdits } from "./edits.ts";
import { fileOf } from "./files.ts";
import { parseQuery, scoreOf } from "./query.ts";
import { compareTopics, topicCard, topicShares } from "./topics.ts";
import type { RequestOf } from "../protocol.ts";
import type { PageModel } from "./model.ts";
import type { PageChannel } from "./columns.ts";
import type { Channel, Condition } from "./conditions.ts";

const HOVER_LENGTH = 420;
const LINE_LENGTH = 160;

/** Answers the map's questions from what lies in the page; the same questions, arguments and answers as in the notebook. */
export class PageAnswers {
  facts: any;
  blocks: Record<string, any>;
  coming: Promise<string[] | undefined>;
  /** once they are decoded */
  texts: string[] | undefined;
  /** the same with case and accents folded, once words were searched */
  folded: string[] | undefined;
  model: PageModel;
  n: any;
  channels: Map<string, PageChannel>;
  edits: PageEdits;

  /** @param blocks decoded arrays */
  constructor(facts: any, blocks: Record<string, any>, texts: Promise<string[] | undefined>, model: PageModel) {
    this.facts = facts;
    this.blocks = blocks;
    this.coming = texts;
    this.texts = undefined;
    this.folded = undefined;
    this.model = model;
    this.n = blocks.rows.length;
    this.channels = readChannels(facts, blocks);
    this.edits = new PageEdits(facts.key, { names: {}, ...facts.annotations }, () => this.showEdits(), storage());
    model.on("change:color_by", () => this.recolor());
    model.on("change:size_by", () => this.resize());
    model.on("change:filters", () => this.refilter());
  }

  async answer(question: string, args: any): Promise<any> {
    this.texts ??= (await this.coming) ?? [];
    const act = ((this as unknown) as Record<string, (args: any) => any>)[`on_${question}`];
    if (!act) throw new Error(`A page without a kernel cannot answer “${question}”.`);
    return (await act.call(this, args)) ?? {};
  }

  textOf(point: number) {
    return this.texts?.[point] ?? "";
  }

  topicOf(point: number, layer: number) {
    return this.blocks.topics[layer * this.n + point];
  }

  nameOf(layer: number, topic: number) {
    return this.edits.kept.names[`${layer}-${topic}`] ?? this.facts.layers[layer][topic];
  }

  finest(point: number) {
    const layer = this.facts.layers.length - 1;
    const topic = this.topicOf(point, layer);
    return topic >= 0 ? this.nameOf(layer, topic) : "no topic";
  }

  line(point: number) {
    return { point, row: this.blocks.rows[point], text: shorten(this.textOf(point).slice(0, 4 * LINE_LENGTH).replace(/\s+/gu, " "), LINE_LENGTH), topic: this.finest(point) };
  }

  on_describe({ point }: {point: number}) {
    return { title: this.finest(point), fields: [], text: shorten(this.textOf(point), HOVER_LENGTH) };
  }

  on_read({ point }: {point: number}) {
    const { neighbors, similarities, groups, roles, kinds, ids } = this.blocks;
    const k = neighbors ? neighbors.length / this.n : 0;
    const near = [];
    for (let at = point * k; at < (point + 1) * k; at++) {
      if (neighbors[at] >= 0) near.push({ ...this.line(neighbors[at]), similarity: similarities[at] / 255 });
    }
    const role = roles ? this.facts.roles[roles[point]] : "unique";
    const others = groups && groups[point] >= 0 ? this.on_group({ group: groups[point] }).documents.filter((one) => one.point !== point) : [];
    const { tags, pinned } = this.edits.kept;
    return {
      point,
      row: this.blocks.rows[point],
      id: ids?.[point] ?? "",
      text: this.textOf(point),
      fields: this.fieldsOf(point),
      path: this.pathOf(point),
      neighbors: near,
      copies: role === "unique" ? null : { role, kind: this.facts.kinds[kinds[point]], similarity: null, documents: others },
      tags: tags.filter((tag) => tag.points.includes(point)).map((tag) => tag.name),
      isPinned: pinned.includes(point),
    };
  }

  /** The topics that hold a point, coarse to fine. */
  pathOf(point: number) {
    const steps: {layer: number, topic: number}[] = this.facts.layers.map((_: unknown, layer: number) => ({ layer, topic: this.topicOf(point, layer) }));
    return steps.filter(({ topic }) => topic >= 0).map((one) => ({ ...one, name: this.nameOf(one.layer, one.topic) }));
  }

  /** What the channels say of a point. */
  fieldsOf(point: number): [string, string][] {
    const fields: [string, string][] = [];
    for (const [name, channel] of this.channels) {
      if (/^topic( \(\d+(, layer \d+)?\))?$/u.test(name) || (name === "tags" && !this.facts.hasTagColumn)) continue;
      const text = cellText(channel, point);
      if (text) fields.push([name, text]);
    }
    return fields;
  }

  on_search({ query }: {query: string}) {
    const found = this.matching(query);
    return { hits: found.slice(0, 2000).map((point) => ({ ...this.line(point), by: "words", similarity: null })), total: found.length };
  }

  /** The points with all words that meet all conditions, best first. */
  matching(query: string): number[] {
    const { words, conditions } = parseQuery(query, ["id", "tags", ...(this.facts.absent ?? []), ...this.channels.keys()]);
    const fits = conditions.map((one) => this.meets(one));
    this.folded ??= (this.texts ?? []).map(fold);
    const found = [];
    for (let point = 0; point < this.n; point++) {
      if (!fits.every((act) => act(point))) continue;
      const score = words.length ? scoreOf(this.folded[point] ?? "", words) : 1;
      if (score > 0) found.push({ point, score });
    }
    return found.sort((a, b) => b.score - a.score || a.point - b.point).map((one) => one.point);
  }

  /** Which points meet a condition. */
  meets(wanted: Condition): (point: number) => boolean {
    const { column, value, negated } = wanted;
    const channel = this.channels.get(column);
    if (column === "tags") return this.meetsTags(wanted, channel);
    if (channel) return meets(wanted, channel);
    const { ids } = this.blocks;
    if (column !== "id" || !ids) throw new Error(`Column '${column}' is not in this page; there are ${[...this.channels.keys()].join(", ")}.`);
    return (point) => (value !== undefined && ids[point] === value) !== negated;
  }

  /** Tags that people gave, here or before, and the values of an input column that is called so. */
  meetsTags(wanted: Condition, channel: Channel | undefined): (point: number) => boolean {
    const { value, missing = false, negated } = wanted;
    const own = this.edits.kept.tags.filter((tag) => missing || (value !== undefined && fold(tag.name) === fold(value)));
    const tagged = new Set(own.flatMap((tag) => tag.points));
    const given = channel && this.facts.hasTagColumn ? meets({ ...wanted, negated: false }, channel) : () => missing;
    return (point) => (missing ? given(point) && !tagged.has(point) : given(point) || tagged.has(point)) !== negated;
  }

  on_members({ kind, layer, topic, name, group, query }: {kind: string, layer: number, topic: number, name: string, group: number, query: string}) {
    const where = (fits: (point: number) => boolean) => Uint32Array.from({ length: this.n }, (_, point) => point).filter(fits);
    if (kind === "topic") return { points: where((point) => this.topicOf(point, layer) === topic) };
    if (kind === "tag") return { points: Uint32Array.from(this.edits.kept.tags.find((tag) => tag.name === name)?.points ?? []) };
    if (kind === "duplicates") return { points: where((point) => this.blocks.groups?.[point] === group) };
    return { points: Uint32Array.from(this.matching(query)) };
  }

  on_columns({ names }: RequestOf<"columns">) {
    const columns = [...this.channels.values()].map((channel) => channel.summary);
    return { columns: names ? columns.filter(({ name }) => names.includes(name)) : columns };
  }

  on_filter_counts(request: RequestOf<"filter_counts">) {
    const selected = pointsOf(asNumbers(this.model.get("selected"), Uint8Array));
    return { counts: countPassing(request, this.channels, selected.length ? selected : this.n) };
  }

  on_rows({ points }: {points: number[]}) {
    return { rows: points.map((point) => this.line(point)) };
  }

  on_groups({ show = "all", start = 0 }: {show?: string, start?: number}) {
    const { groups, roles } = this.blocks;
    const found: Map<number, {group: number, size: number, keeper: number, drop: number, review: number}> = new Map();
    const all = { drop: 0, review: 0 };
    for (let point = 0; point < this.n; point++) {
      const role = this.facts.roles[roles[point]];
      if (role === "drop" || role === "review") all[(role as "drop" | "review")]++;
      if (groups[point] < 0) continue;
      const one = found.get(groups[point]) ?? { group: groups[point], size: 0, keeper: point, drop: 0, review: 0 };
      const more = role === "drop" || role === "review" ? { [role]: one[(role as "drop" | "review")] + 1 } : {};
      found.set(groups[point], { ...one, ...more, size: one.size + 1, keeper: role === "keep" ? point : one.keeper });
    }
    const wanted = [...found.values()].filter((one) => one.size > 1 && (show === "all" || one[(show as "drop" | "review")] > 0));
    wanted.sort((a, b) => b.size - a.size);
    const listed = wanted.slice(start, start + 200).map((one) => ({ ...this.line(one.keeper), ...one, similarity: null }));
    return { groups: listed, nListed: wanted.length, nGroups: this.facts.nGroups, ...all };
  }

  on_group({ group }: {group: number}) {
    const documents = [];
    for (let point = 0; point < this.n && documents.length < 300; point++) {
      if (this.blocks.groups[point] === group) documents.push({ ...this.line(point), role: this.facts.roles[this.blocks.roles[point]] });
    }
    return { documents };
  }

  /** The selected points, or those given. */
  chosen(points: number[] | undefined) {
    return points ?? pointsOf(asNumbers(this.model.get("selected"), Uint8Array));
  }

  on_tag({ name, points, color }: {name: string, points?: number[], color?: string}) {
    this.edits.tag(name, this.chosen(points), color);
  }

  on_untag({ name, points }: {name: string, points?: number[]}) {
    this.edits.untag(name, this.chosen(points));
  }

  on_edit_tag(args: any) {
    this.edits.editTag(args);
  }

  on_rename_topic({ layer, topic, name }: {layer: number, topic: number, name: string}) {
    this.edits.edit((kept) => {
      if (name.trim()) kept.names[`${layer}-${topic}`] = name.trim();
      else delete kept.names[`${layer}-${topic}`];
    });
  }

  on_pin({ point, on = true }: {point: number, on?: boolean}) {
    this.edits.edit((kept) => (kept.pinned = on ? [...new Set([...kept.pinned, point])] : kept.pinned.filter((other) => other !== point)));
  }

  on_save_view({ name, view }: {name: string, view: any}) {
    this.edits.edit((kept) => (kept.views = [...kept.views.filter((other) => other.name !== name), { name, view }]));
  }

  on_delete_view({ name }: {name: string}) {
    this.edits.edit((kept) => (kept.views = kept.views.filter((other) => other.name !== name)));
  }

  on_undo() {
    return this.edits.undo();
  }

  on_redo() {
    return this.edits.redo();
  }

  on_export({ format }: {format: string}) {
    return fileOf(this, format);
  }

  on_topic_shares() {
    return topicShares(this);
  }

  on_topic_card(args: {layer: number, topic: number}) {
    return topicCard(this, args);
  }

  on_compare_topics(args: {a: [number, number], b: [number, number]}) {
    return compareTopics(this, args);
  }

  showEdits() {
    const { kept } = this.edits;
    const tags = kept.tags.map(({ name, color, points }) => ({ name, color, size: points.length }));
    this.model.set("annotations", { tags, pinned: kept.pinned.map((point) => this.line(point)), views: kept.views });
    const labels = this.facts.labels.map((label: any) => {
      const name = kept.names[`${label.layer}-${label.topic}`];
      return name && name !== label.text ? { ...label, text: name, lines: [name] } : label;
    });
    this.model.set("labels", labels);
  }

  recolor() {
    const channel = this.channels.get(this.model.get("color_by"));
    if (!channel) return;
    this.model.set("colors", asData((channel.codes as any)));
    this.model.set("legend", channel.legend);
  }

  resize() {
    const values = this.channels.get(this.model.get("size_by"))?.values;
    if (!values) return this.model.set("sizes", new DataView(new ArrayBuffer(0)));
    const distinct = [...new Set([...values].filter((value) => !Number.isNaN(value)))].sort((a, b) => a - b);
    const rank = new Map(distinct.map((value, at) => [value, at / Math.max(1, distinct.length - 1)]));
    this.model.set("sizes", asData(Uint8Array.from(values, (value) => 255 * (rank.get(value) ?? 0) ** 2)));
  }

  refilter() {
    const filters = this.model.get("filters");
    if (!filters.length) return this.model.set("filtered", new DataView(new ArrayBuffer(0)));
    const tests = filters.map((filter: any) => fitsFilter(filter, (this.channels.get(filter.column) as any)));
    const out = [];
    for (let point = 0; point < this.n; point++) if (!tests.every((fits: any) => fits(point))) out.push(point);
    this.model.set("filtered", asData(maskOf(out, this.n)));
  }
}

/** The browser's store, if it lets a file have one. */
function storage() {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}
