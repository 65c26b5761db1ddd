// @ts-check
import { maskOf, pointsOf } from "./bits.js";
import { asData, asNumbers } from "./desk.js";
import { shorten } from "./dom.js";
import { cellText, fitsFilter, readChannels } from "./page_columns.js";
import { fold, meets } from "./page_conditions.js";
import { PageEdits } from "./page_edits.js";
import { fileOf } from "./page_files.js";
import { parseQuery, scoreOf } from "./page_search.js";
import { compareTopics, topicCard, topicShares } from "./page_topics.js";

const HOVER_LENGTH = 420;
const LINE_LENGTH = 160;

/** Answers the map's questions from what lies in the page; the same questions, arguments and answers as in the notebook. */
export class PageAnswers {
  /**
   * @param {any} facts @param {Record<string, any>} blocks decoded arrays @param {Promise<string[] | undefined>} texts
   * @param {import("./page_model.js").PageModel} model
   */
  constructor(facts, blocks, texts, model) {
    this.facts = facts;
    this.blocks = blocks;
    this.coming = texts;
    /** @type {string[] | undefined} once they are decoded */
    this.texts = undefined;
    /** @type {string[] | undefined} the same with case and accents folded, once words were searched */
    this.folded = undefined;
    this.model = model;
    this.n = blocks.rows.length;
    this.channels = readChannels(facts, blocks);
    this.edits = new PageEdits(facts.key, { names: {}, ...facts.annotations }, () => this.showEdits(), storage());
    model.on("change:color_by", () => this.recolor());
    model.on("change:size_by", () => this.resize());
    model.on("change:filters", () => this.refilter());
  }

  /** @param {string} question @param {any} args @returns {Promise<any>} */
  async answer(question, args) {
    this.texts ??= (await this.coming) ?? [];
    const act = /** @type {Record<string, (args: any) => any>} */ (/** @type {unknown} */ (this))[`on_${question}`];
    if (!act) throw new Error(`A page without a kernel cannot answer “${question}”.`);
    return (await act.call(this, args)) ?? {};
  }

  /** @param {number} point */
  textOf(point) {
    return this.texts?.[point] ?? "";
  }

  /** @param {number} point @param {number} layer */
  topicOf(point, layer) {
    return this.blocks.topics[layer * this.n + point];
  }

  /** @param {number} layer @param {number} topic */
  nameOf(layer, topic) {
    return this.edits.kept.names[`${layer}-${topic}`] ?? this.facts.layers[layer][topic];
  }

  /** @param {number} point */
  finest(point) {
    const layer = this.facts.layers.length - 1;
    const topic = this.topicOf(point, layer);
    return topic >= 0 ? this.nameOf(layer, topic) : "no topic";
  }

  /** @param {number} point */
  line(point) {
    return { point, row: this.blocks.rows[point], text: shorten(this.textOf(point).slice(0, 4 * LINE_LENGTH).replace(/\s+/gu, " "), LINE_LENGTH), topic: this.finest(point) };
  }

  /** @param {{point: number}} args */
  on_describe({ point }) {
    return { title: this.finest(point), fields: [], text: shorten(this.textOf(point), HOVER_LENGTH) };
  }

  /** @param {{point: number}} args */
  on_read({ point }) {
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

  /** The topics that hold a point, coarse to fine. @param {number} point */
  pathOf(point) {
    /** @type {{layer: number, topic: number}[]} */
    const steps = this.facts.layers.map((/** @type {unknown} */ _, /** @type {number} */ layer) => ({ layer, topic: this.topicOf(point, layer) }));
    return steps.filter(({ topic }) => topic >= 0).map((one) => ({ ...one, name: this.nameOf(one.layer, one.topic) }));
  }

  /** What the channels say of a point. @param {number} point @returns {[string, string][]} */
  fieldsOf(point) {
    /** @type {[string, string][]} */
    const fields = [];
    for (const [name, channel] of this.channels) {
      if (/^topic( \(\d+(, layer \d+)?\))?$/u.test(name) || (name === "tags" && !this.facts.hasTagColumn)) continue;
      const text = cellText(channel, point);
      if (text) fields.push([name, text]);
    }
    return fields;
  }

  /** @param {{query: string}} args */
  on_search({ query }) {
    const found = this.matching(query);
    return { hits: found.slice(0, 2000).map((point) => ({ ...this.line(point), by: "words", similarity: null })), total: found.length };
  }

  /** The points with all words that meet all conditions, best first. @param {string} query @returns {number[]} */
  matching(query) {
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

  /** Which points meet a condition. @param {import("./page_conditions.js").Condition} wanted @returns {(point: number) => boolean} */
  meets(wanted) {
    const { column, value, negated } = wanted;
    const channel = this.channels.get(column);
    if (column === "tags") return this.meetsTags(wanted, channel);
    if (channel) return meets(wanted, channel);
    const { ids } = this.blocks;
    if (column !== "id" || !ids) throw new Error(`Column '${column}' is not in this page; there are ${[...this.channels.keys()].join(", ")}.`);
    return (point) => (value !== undefined && ids[point] === value) !== negated;
  }

  /** Tags that people gave, here or before, and the values of an input column that is called so. @param {import("./page_conditions.js").Condition} wanted @param {import("./page_conditions.js").Channel | undefined} channel @returns {(point: number) => boolean} */
  meetsTags(wanted, channel) {
    const { value, missing = false, negated } = wanted;
    const own = this.edits.kept.tags.filter((tag) => missing || (value !== undefined && fold(tag.name) === fold(value)));
    const tagged = new Set(own.flatMap((tag) => tag.points));
    const given = channel && this.facts.hasTagColumn ? meets({ ...wanted, negated: false }, channel) : () => missing;
    return (point) => (missing ? given(point) && !tagged.has(point) : given(point) || tagged.has(point)) !== negated;
  }

  /** @param {{kind: string, layer: number, topic: number, name: string, group: number, query: string}} args */
  on_members({ kind, layer, topic, name, group, query }) {
    const where = (/** @type {(point: number) => boolean} */ fits) => Uint32Array.from({ length: this.n }, (_, point) => point).filter(fits);
    if (kind === "topic") return { points: where((point) => this.topicOf(point, layer) === topic) };
    if (kind === "tag") return { points: Uint32Array.from(this.edits.kept.tags.find((tag) => tag.name === name)?.points ?? []) };
    if (kind === "duplicates") return { points: where((point) => this.blocks.groups?.[point] === group) };
    return { points: Uint32Array.from(this.matching(query)) };
  }

  on_columns() {
    return { columns: [...this.channels.values()].map((channel) => channel.summary) };
  }

  /** @param {{points: number[]}} args */
  on_rows({ points }) {
    return { rows: points.map((point) => this.line(point)) };
  }

  /** @param {{show?: string, start?: number}} args */
  on_groups({ show = "all", start = 0 }) {
    const { groups, roles } = this.blocks;
    /** @type {Map<number, {group: number, size: number, keeper: number, drop: number, review: number}>} */
    const found = new Map();
    const all = { drop: 0, review: 0 };
    for (let point = 0; point < this.n; point++) {
      const role = this.facts.roles[roles[point]];
      if (role === "drop" || role === "review") all[/** @type {"drop" | "review"} */ (role)]++;
      if (groups[point] < 0) continue;
      const one = found.get(groups[point]) ?? { group: groups[point], size: 0, keeper: point, drop: 0, review: 0 };
      const more = role === "drop" || role === "review" ? { [role]: one[/** @type {"drop" | "review"} */ (role)] + 1 } : {};
      found.set(groups[point], { ...one, ...more, size: one.size + 1, keeper: role === "keep" ? point : one.keeper });
    }
    const wanted = [...found.values()].filter((one) => one.size > 1 && (show === "all" || one[/** @type {"drop" | "review"} */ (show)] > 0));
    wanted.sort((a, b) => b.size - a.size);
    const listed = wanted.slice(start, start + 200).map((one) => ({ ...this.line(one.keeper), ...one, similarity: null }));
    return { groups: listed, nListed: wanted.length, nGroups: this.facts.nGroups, ...all };
  }

  /** @param {{group: number}} args */
  on_group({ group }) {
    const documents = [];
    for (let point = 0; point < this.n && documents.length < 300; point++) {
      if (this.blocks.groups[point] === group) documents.push({ ...this.line(point), role: this.facts.roles[this.blocks.roles[point]] });
    }
    return { documents };
  }

  /** The selected points, or those given. @param {number[] | undefined} points */
  chosen(points) {
    return points ?? pointsOf(asNumbers(this.model.get("selected"), Uint8Array));
  }

  /** @param {{name: string, points?: number[], color?: string}} args */
  on_tag({ name, points, color }) {
    this.edits.tag(name, this.chosen(points), color);
  }

  /** @param {{name: string, points?: number[]}} args */
  on_untag({ name, points }) {
    this.edits.untag(name, this.chosen(points));
  }

  /** @param {any} args */
  on_edit_tag(args) {
    this.edits.editTag(args);
  }

  /** @param {{layer: number, topic: number, name: string}} args */
  on_rename_topic({ layer, topic, name }) {
    this.edits.edit((kept) => {
      if (name.trim()) kept.names[`${layer}-${topic}`] = name.trim();
      else delete kept.names[`${layer}-${topic}`];
    });
  }

  /** @param {{point: number, on?: boolean}} args */
  on_pin({ point, on = true }) {
    this.edits.edit((kept) => (kept.pinned = on ? [...new Set([...kept.pinned, point])] : kept.pinned.filter((other) => other !== point)));
  }

  /** @param {{name: string, view: any}} args */
  on_save_view({ name, view }) {
    this.edits.edit((kept) => (kept.views = [...kept.views.filter((other) => other.name !== name), { name, view }]));
  }

  /** @param {{name: string}} args */
  on_delete_view({ name }) {
    this.edits.edit((kept) => (kept.views = kept.views.filter((other) => other.name !== name)));
  }

  on_undo() {
    return this.edits.undo();
  }

  on_redo() {
    return this.edits.redo();
  }

  /** @param {{format: string}} args */
  on_export({ format }) {
    return fileOf(this, format);
  }

  on_topic_shares() {
    return topicShares(this);
  }

  /** @param {{layer: number, topic: number}} args */
  on_topic_card(args) {
    return topicCard(this, args);
  }

  /** @param {{a: [number, number], b: [number, number]}} args */
  on_compare_topics(args) {
    return compareTopics(this, args);
  }

  showEdits() {
    const { kept } = this.edits;
    const tags = kept.tags.map(({ name, color, points }) => ({ name, color, size: points.length }));
    this.model.set("annotations", { tags, pinned: kept.pinned.map((point) => this.line(point)), views: kept.views });
    const labels = this.facts.labels.map((/** @type {any} */ label) => {
      const name = kept.names[`${label.layer}-${label.topic}`];
      return name && name !== label.text ? { ...label, text: name, lines: [name] } : label;
    });
    this.model.set("labels", labels);
  }

  recolor() {
    const channel = this.channels.get(this.model.get("color_by"));
    if (!channel) return;
    this.model.set("colors", asData(/** @type {any} */ (channel.codes)));
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
    const tests = filters.map((/** @type {any} */ filter) => fitsFilter(filter, /** @type {any} */ (this.channels.get(filter.column))));
    const out = [];
    for (let point = 0; point < this.n; point++) if (!tests.every((/** @type {any} */ fits) => fits(point))) out.push(point);
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
