import { maskOf, pointsOf } from "../bitmask.ts";
import { shorten } from "../dom.ts";
import { messages } from "../messages.ts";
import type { Topic } from "../panels/topics/tree.ts";
import type {
  ColumnFilter, ColumnsRequest, ColumnsResponse, CompareTopicsRequest, DescribeResponse, DocumentDuplicates, DocumentLine, EditTagRequest, ExportRequest, ExportResponse, ExportTableRequest, GroupRequest, GroupResponse, GroupsResponse, ListRequest,
  MembersRequest, MembersResponse, MoreLikeRequest, NameRequest, PathStep, PinRequest, PointRequest, PointsRequest, Question, ReadResponse, RenameTopicRequest, RequestOf, ResponseOf, RowsResponse, SaveViewRequest,
  SearchRequest, TableRequest, TableResponse, TagRequest, TopicRequest, UntagRequest,
} from "../protocol.ts";
import { asData, asNumbers } from "../view_state.ts";
import { countPassing, fitsFilter, type PageChannel, readChannels } from "./columns.ts";
import { type Channel, type Condition, fold, meets } from "./conditions.ts";
import { listGroups, listMembers } from "./duplicates.ts";
import { PageDocuments } from "./documents.ts";
import { exportTable, tablePage } from "./table.ts";
import { PageEdits } from "./edits.ts";
import type { PageBlocks, PageFacts } from "./facts.ts";
import { fileOf } from "./files.ts";
import type { Answering, PageModel } from "./model.ts";
import { PageSearch } from "./search/search.ts";
import { describeSelection } from "./selection.ts";
import { compareTopics, topicCard } from "./topics.ts";

const HOVER_LENGTH = 420;
const UNKNOWN = 2 ** 16 - 1; // a similarity that there is not

/** The questions that a page answers: a method for each. */
type Handlers = { [Q in Question as `on_${Q}`]?: (request: RequestOf<Q>) => ResponseOf<Q> | Promise<ResponseOf<Q>> };

/** Answers the map's questions from what lies in the page; the same questions, requests and responses as in the notebook. */
export class PageAnswers implements Answering, Handlers {
  readonly facts: PageFacts;
  readonly blocks: PageBlocks;
  readonly n: number;
  readonly channels: Map<string, PageChannel>;
  readonly edits: PageEdits;
  readonly texts: string[];
  private readonly finds = new PageSearch(this);
  readonly model: PageModel;
  readonly documents: PageDocuments;

  /** @param texts those of the documents, by point; none if the page has none */
  constructor(facts: PageFacts, blocks: PageBlocks, texts: string[], model: PageModel) {
    this.facts = facts;
    this.blocks = blocks;
    this.texts = texts;
    this.model = model;
    this.n = blocks.rows.length;
    this.channels = readChannels(facts, blocks);
    this.documents = new PageDocuments(facts.inputs, this.channels, blocks, texts);
    this.edits = new PageEdits(facts.key, { names: {}, ...facts.annotations }, facts, () => this.showEdits(), storage());
  }

  async answer<Q extends Question>(question: Q, request: RequestOf<Q>): Promise<ResponseOf<Q>> {
    const handlers: Handlers = this;
    const act = handlers[`on_${question}`] as ((request: RequestOf<Q>) => ResponseOf<Q>) | undefined;
    if (!act) throw new Error(messages.frame.needsKernel);
    return act.call(this, request);
  }

  /** The names of the map as they are now. */
  get labels(): Topic[] {
    return this.model.get("labels");
  }

  textOf(point: number): string {
    return this.texts[point] ?? "";
  }

  topicOf(point: number, layer: number): number {
    return this.blocks.topics[layer * this.n + point];
  }

  nameOf(layer: number, topic: number): string {
    return this.edits.kept.names[`${layer}-${topic}`] ?? this.facts.layers[layer][topic];
  }

  finest(point: number): string {
    const layer = this.facts.layers.length - 1;
    const topic = this.topicOf(point, layer);
    return topic >= 0 ? this.nameOf(layer, topic) : messages.topics.none;
  }

  pointsWhere(fits: (point: number) => boolean): Uint32Array<ArrayBuffer> {
    return Uint32Array.from({ length: this.n }, (_, point) => point).filter(fits);
  }

  line(point: number): DocumentLine {
    return { point, row: this.blocks.rows[point], ...this.documents.line(point), topic: this.finest(point) };
  }

  on_describe({ point }: PointRequest): DescribeResponse {
    return { title: this.documents.title(point), topic: this.finest(point), fields: [], text: shorten(this.documents.rest(point), HOVER_LENGTH) };
  }

  on_read({ point }: PointRequest): ReadResponse {
    const { neighbors, similarities, ids } = this.blocks;
    const k = neighbors ? neighbors.length / this.n : 0;
    const near = [];
    for (let at = point * k; neighbors && similarities && at < (point + 1) * k; at++) {
      if (neighbors[at] >= 0) near.push({ ...this.line(neighbors[at]), similarity: similarities[at] / 255 });
    }
    const { tags, pinned } = this.edits.kept;
    return {
      point,
      row: this.blocks.rows[point],
      id: ids?.[point] ?? "",
      title: this.documents.title(point),
      text: this.documents.rest(point),
      fields: this.documents.fields(point),
      details: this.documents.details(point),
      path: this.pathOf(point),
      neighbors: near,
      copies: this.duplicatesOf(point),
      tags: tags.filter((tag) => tag.points.includes(point)).map((tag) => tag.name),
      isPinned: pinned.includes(point),
    };
  }

  private duplicatesOf(point: number): DocumentDuplicates | null {
    const { groups, roles, kinds } = this.blocks;
    const role = roles ? this.facts.roles[roles[point]] : "unique";
    if (role === "unique" || !groups || !kinds) return null;
    const group = groups[point];
    const members = group >= 0 ? this.on_group({ group }).documents : [];
    return { role, kind: this.facts.kinds[kinds[point]], group, similarity: this.similarityOf(point), documents: members.filter((one) => one.point !== point) };
  }

  /** The topics that hold a point, coarse to fine. */
  private pathOf(point: number): PathStep[] {
    const steps = this.facts.layers.map((_, layer) => ({ layer, topic: this.topicOf(point, layer) }));
    return steps.filter(({ topic }) => topic >= 0).map((one) => ({ ...one, name: this.nameOf(one.layer, one.topic) }));
  }

  /** How similar a document is to the one it duplicates, certainly or possibly; null where the pair was found otherwise. */
  similarityOf(point: number): number | null {
    const similarity = this.blocks.duplicateSimilarities?.[point] ?? UNKNOWN;
    return similarity === UNKNOWN ? null : similarity / 10_000;
  }

  on_search(request: SearchRequest) {
    return this.finds.search(request);
  }

  /** The points that meet all conditions of a query and hold all of its words. */
  matching(query: string): Promise<number[]> {
    return this.finds.matching(query);
  }

  on_describe_selection() {
    return describeSelection(this);
  }

  on_like(request: MoreLikeRequest) {
    return this.finds.like(request);
  }

  /** Which points meet a condition. */
  meets(wanted: Condition): (point: number) => boolean {
    const { column, value, negated } = wanted;
    const channel = this.channels.get(column);
    if (column === "tags") return this.meetsTags(wanted, channel);
    if (channel) return meets(wanted, channel);
    const { ids } = this.blocks;
    if (column !== "id" || !ids) throw new Error(messages.frame.notInPage(column, [...this.channels.keys()]));
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

  async on_members(request: MembersRequest): Promise<MembersResponse> {
    const points = await this.membersOf(request);
    return { points: asData(points), rows: points.length };
  }

  private async membersOf({ kind, layer = 0, topic, name, group, query = "" }: MembersRequest): Promise<Uint32Array<ArrayBuffer>> {
    if (kind === "topic") return this.pointsWhere((point) => this.topicOf(point, layer) === topic);
    if (kind === "tag") return Uint32Array.from(this.edits.kept.tags.find((tag) => tag.name === name)?.points ?? []);
    if (kind === "duplicates") return this.pointsWhere((point) => this.blocks.groups?.[point] === group);
    return Uint32Array.from(await this.matching(query));
  }

  on_columns({ names }: ColumnsRequest): ColumnsResponse {
    const columns = [...this.channels.values()].map((channel) => channel.summary);
    return { columns: names ? columns.filter(({ name }) => names.includes(name)) : columns };
  }

  on_filter_counts(request: RequestOf<"filter_counts">): ResponseOf<"filter_counts"> {
    const selected = pointsOf(asNumbers(this.model.get("selected"), Uint8Array));
    return { counts: asData(countPassing(request, this.channels, selected.length ? selected : this.n)) };
  }

  on_rows({ points }: PointsRequest): RowsResponse {
    return { rows: points.map((point) => this.line(point)) };
  }

  on_table(request: TableRequest): TableResponse {
    return tablePage(this, request);
  }

  on_export_table(request: ExportTableRequest): ExportResponse {
    return exportTable(this, request);
  }

  on_groups(request: ListRequest): Promise<GroupsResponse> {
    return listGroups(this, request);
  }

  on_group({ group }: GroupRequest): GroupResponse {
    return { documents: listMembers(this, group) };
  }

  /** The selected points, or those given. */
  chosen(points: number[] | null | undefined): number[] {
    return points ?? [...pointsOf(asNumbers(this.model.get("selected"), Uint8Array))];
  }

  on_tag({ name, points, color }: TagRequest) {
    this.edits.tag(name, this.chosen(points), color);
    return {};
  }

  on_untag({ name, points }: UntagRequest) {
    this.edits.untag(name, this.chosen(points));
    return {};
  }

  on_edit_tag(request: EditTagRequest) {
    this.edits.editTag(request);
    return {};
  }

  on_rename_topic(request: RenameTopicRequest) {
    this.edits.renameTopic(request);
    return {};
  }

  on_pin(request: PinRequest) {
    this.edits.pin(request);
    return {};
  }

  on_save_view(request: SaveViewRequest) {
    this.edits.saveView(request);
    return {};
  }

  on_delete_view({ name }: NameRequest) {
    this.edits.deleteView(name);
    return {};
  }

  on_undo() {
    return this.edits.undo();
  }

  on_redo() {
    return this.edits.redo();
  }

  on_export(request: ExportRequest) {
    return fileOf(this, request);
  }

  on_topic_shares() {
    return this.blocks.cards.shares;
  }

  on_topic_card(request: TopicRequest) {
    return topicCard(this, request);
  }

  on_compare_topics(request: CompareTopicsRequest) {
    return compareTopics(this, request);
  }

  /** Shows what was edited: annotations, and the names of topics. */
  showEdits() {
    const { tags, pinned, views, names } = this.edits.kept;
    const summaries = tags.map(({ name, color, points }) => ({ name, color, size: points.length }));
    this.model.set("annotations", { tags: summaries, pinned: pinned.map((point) => this.line(point)), views });
    const labels = this.blocks.labels.map((label) => {
      const name = names[`${label.layer}-${label.topic}`];
      return name ? { ...label, text: name, lines: [name] } : label;
    });
    this.model.set("labels", labels);
  }

  recolor() {
    const channel = this.channels.get(this.model.get("color_by"));
    if (!channel) return;
    this.model.set("colors", asData(channel.codes));
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
    const filters: ColumnFilter[] = this.model.get("filters");
    if (!filters.length) return this.model.set("filtered", new DataView(new ArrayBuffer(0)));
    const tests = filters.flatMap((filter) => {
      const channel = this.channels.get(filter.column);
      return channel ? [fitsFilter(filter, channel)] : [];
    });
    const out = this.pointsWhere((point) => !tests.every((fits) => fits(point)));
    this.model.set("filtered", asData(maskOf(out, this.n)));
  }
}

/** The browser's store, if it lets a file have one. */
function storage(): Storage | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}
