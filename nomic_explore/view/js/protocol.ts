// Made from nomic_explore/view/requests/protocol by `make protocol`; edit it there.

/** A tag and how many documents bear it. */
export type TagSummary = {
  name: string;
  color: string;
  size: number;
};

/** A document in one line; the point is -1 where it has no place on the map. */
export type DocumentLine = {
  point: number;
  row: number;
  text: string;
  topic: string;
};

/** A saved view. */
export type SavedView = {
  name: string;
  view: Record<string, any>;
};

/** What people added to the documents; a trait of the map, and answered by no question. */
export type Annotations = {
  tags: TagSummary[];
  pinned: DocumentLine[];
  views: SavedView[];
};

/** One document. */
export type PointRequest = {
  point: number;
};

/** The hover card: the topic, [name, value] of the chosen columns, the beginning of the text. */
export type DescribeResponse = {
  title: string;
  fields: string[][];
  text: string;
};

/** A topic that holds a document. */
export type PathStep = {
  layer: number;
  topic: number;
  name: string;
};

/** A near document. */
export type NeighborLine = {
  point: number;
  row: number;
  text: string;
  topic: string;
  similarity: number;
};

/** A document of a duplicate group: its match, and the flags of the pair in words. */
export type GroupMember = {
  point: number;
  row: number;
  text: string;
  topic: string;
  role: string;
  kind: string;
  similarity: number | null;
  partner: number;
  partnerPoint: number;
  flags: string[];
};

/** The other documents of a document's duplicate group; the group is -1 outside all groups. */
export type DocumentDuplicates = {
  role: string;
  kind: string;
  group: number;
  similarity: number | null;
  documents: GroupMember[];
};

/** A whole document; `path` runs from the coarsest topic to the finest. */
export type ReadResponse = {
  point: number;
  row: number;
  id: string;
  text: string;
  fields: string[][];
  path: PathStep[];
  neighbors: NeighborLine[];
  copies: DocumentDuplicates | null;
  tags: string[];
  isPinned: boolean;
};

/** The columns that are asked about; all without names. */
export type ColumnsRequest = {
  names?: string[];
};

/** A value of a column, its code, and how many documents have it. */
export type ValueCount = {
  name: string;
  code: number;
  size: number;
};

/** A name on an axis; `at` is its place, 0 to 1, and `isFine` tells that it is shown only where there is room. */
export type Tick = {
  at: number;
  text: string;
  isFine: boolean;
};

/** A histogram whose bars are equally wide on the screen. Bar b counts the values from `edges[b]` to `edges[b + 1]`; `beyond` tells how many values no bar holds. */
export type Bars = {
  edges: number[];
  counts: number[];
  ticks: Tick[];
  beyond: number;
  isWhole: boolean;
  isLog: boolean;
};

/** What the pane of filters shows of a column. */
export type ColumnSummary = {
  name: string;
  kind: string;
  title: string;
  section: "columns" | "topics" | "technical";
  isTime: boolean;
  missing: number;
  missingName: string;
  values?: ValueCount[];
  bars?: Bars;
  low?: number;
  high?: number;
  base?: string;
  scale?: number;
  lowText?: string;
  highText?: string;
};

/** What the filter of each column offers. */
export type ColumnsResponse = {
  columns: ColumnSummary[];
};

/** What is asked of a column: values, or a range with both ends inclusive, None for an open one. A value is the name of a category, a value of lists, or a number; None is for the rows without a value. Numbers that float64 cannot tell apart are strings. */
export type ColumnFilter = {
  column: string;
  values?: (string | null)[];
  low?: number | string | null;
  high?: number | string | null;
};

/** Filters as they stand or as they are being dragged, and the columns whose charts are in sight. */
export type FilterCountsRequest = {
  filters: ColumnFilter[];
  columns: string[];
};

/** For each column, one after the other, uint32: how many documents have no value, each value, and each bar. Only documents are counted that are selected, if any are, and that pass the filters of all other columns. Values and bars are those of the column's summary. */
export type FilterCountsResponse = {
  counts: DataView<ArrayBuffer>;
};

/** Some documents. */
export type PointsRequest = {
  points: number[];
};

/** Lines of the table below the map. */
export type RowsResponse = {
  rows: DocumentLine[];
};

/** The format is "csv" or "parquet". */
export type ExportRequest = {
  format: string;
};

/** A file and what it is called. */
export type ExportResponse = {
  name: string;
  file: DataView<ArrayBuffer>;
};

/** Where the new exploration shall lie. */
export type SubsetRequest = {
  folder: string;
};

/** A sentence for the status line. */
export type NoteResponse = {
  note: string;
};

/** A query; `by` is "both", "meaning" or "words", `minus` are points whose likes stand further down. */
export type SearchRequest = {
  query: string;
  by?: string;
  minus?: number[];
};

/** A document that was found, and by what. */
export type Hit = {
  point: number;
  row: number;
  text: string;
  topic: string;
  by: string;
  similarity: number | null;
};

/** Hits, best first, and how many documents match if the response does not list them all. */
export type HitsResponse = {
  hits: Hit[];
  total?: number;
};

/** Example points; None stands for the selection. */
export type MoreLikeRequest = {
  points?: number[] | null;
  minus?: number[];
};

/** A group: kind "topic" (layer, topic), "tag" (name), "duplicates" (group) or "query" (query). */
export type MembersRequest = {
  kind: string;
  layer?: number;
  topic?: number;
  name?: string;
  group?: number;
  query?: string;
};

/** Points as uint32, and how many rows the group has, those without a place too. */
export type MembersResponse = {
  points: DataView<ArrayBuffer>;
  rows: number;
};

/** The points to tag; None stands for the selection. */
export type TagRequest = {
  name: string;
  points?: number[] | null;
  color?: string | null;
};

/** The edit is made; the traits of the map show it. */
export type EmptyResponse = Record<string, never>;

/** The points that lose a tag; None stands for the selection. */
export type UntagRequest = {
  name: string;
  points?: number[] | null;
};

/** A new name or color for a tag, or its deletion. */
export type EditTagRequest = {
  name: string;
  new?: string | null;
  color?: string | null;
  delete?: boolean;
};

/** A topic's new name; an empty one restores the computed name. */
export type RenameTopicRequest = {
  layer: number;
  topic: number;
  name: string;
};

/** A document to pin, or with on=False to unpin. */
export type PinRequest = {
  point: number;
  on?: boolean;
};

/** A view of the map, as its JavaScript describes it, and a name for it. */
export type SaveViewRequest = {
  name: string;
  view: Record<string, any>;
};

/** The name of a saved view. */
export type NameRequest = {
  name: string;
};

/** A question that needs nothing. */
export type EmptyRequest = Record<string, never>;

/** How many points were assigned to their topic as core, as soft, and to none. */
export type TopicSharesResponse = {
  core: number;
  soft: number;
  none: number;
};

/** One topic. */
export type TopicRequest = {
  layer: number;
  topic: number;
};

/** How many documents of a topic (`counts`) and of all (`totals`) each span of time holds. */
export type TimeCounts = {
  column: string;
  unit: string;
  names: string[];
  counts: number[];
  totals: number[];
};

/** What a topic is about: its `TopicProfile`, its place in the tree, its time, and whether it is locked. */
export type TopicCardResponse = {
  layer: number;
  topic: number;
  name: string;
  size: number;
  share: number;
  keywords: string[];
  weights: number[];
  exemplars: DocumentLine[];
  rows: number[];
  parent: PathStep | null;
  siblings: string[];
  contrast: any[][];
  neighbors: (Record<string, any>)[];
  lift: (Record<string, any>)[];
  dates: Record<string, string[]>;
  core: number;
  soft: number;
  confidence: number | null;
  description: string;
  time: TimeCounts | null;
  locked: boolean;
};

/** Two topics, each [layer, topic]. */
export type CompareTopicsRequest = {
  a: number[];
  b: number[];
};

/** A value of a column, its share in one topic and its share in the other. */
export type ValueLift = {
  column: string;
  value: string | number | boolean;
  share: number;
  other: number;
};

/** One of two topics: the keywords that only it has, the values more frequent in it. */
export type TopicSide = {
  layer: number;
  topic: number;
  name: string;
  size: number;
  core: number;
  only: string[];
  lift: ValueLift[];
};

/** Two topics side by side; `similarity` is the cosine of their mean vectors, `common` counts shared documents. */
export type CompareTopicsResponse = {
  sides: TopicSide[];
  shared: string[];
  similarity: number | null;
  common: number;
};

/** Topics of one layer that become one. */
export type MergeTopicsRequest = {
  layer: number;
  topics: number[];
  name?: string | null;
};

/** A topic to split where the tree splits it, or, by="selection", into the selected documents and the others. */
export type SplitTopicRequest = {
  layer: number;
  topic: number;
  into?: number;
  by?: string;
};

/** How many pairs of each kind of evidence have which similarity: equal bins from `low` to `high`. */
export type ScoreCounts = {
  low: number;
  high: number;
  counts: Record<string, number[]>;
};

/** The settings, what they come to, and how many pairs have which similarity. */
export type DuplicateSettingsResponse = {
  nGroups: number;
  drop: number;
  review: number;
  share: number;
  background: number | null;
  nJudged: number;
  nLeft: number;
  precision: Record<string, number | null> | null;
  minSimilarity: number;
  floor: number;
  kinds: string[];
  keep: string;
  scores: ScoreCounts;
  palettes: Record<string, string[]>;
};

/** Settings to try; what is None stays. */
export type PreviewDuplicatesRequest = {
  min_similarity: number;
  kinds?: string[] | null;
  keep?: string | null;
};

/** What they would come to, with a byte for each point: 1 unique, 2 keep, 3 drop, 4 review. */
export type PreviewDuplicatesResponse = {
  nGroups: number;
  drop: number;
  review: number;
  share: number;
  background: number | null;
  roles: DataView<ArrayBuffer>;
};

/** Settings to take; what is None stays. */
export type DecideDuplicatesRequest = {
  min_similarity?: number | null;
  kinds?: string[] | null;
  keep?: string | null;
};

/** Which part of a list: groups or pairs with documents to "review", that "drop", or "all", from `start` on. */
export type ListRequest = {
  show?: string;
  start?: number;
};

/** A duplicate group, described by its kept document. */
export type GroupLine = {
  point: number;
  row: number;
  text: string;
  topic: string;
  group: number;
  size: number;
  drop: number;
  review: number;
  similarity: number | null;
  isChain: boolean;
};

/** Duplicate groups, the one with the most doubtful pair first. */
export type GroupsResponse = {
  groups: GroupLine[];
  nListed: number;
  nGroups: number;
  drop: number;
  review: number;
};

/** One duplicate group. */
export type GroupRequest = {
  group: number;
};

/** Its documents, kept ones first. */
export type GroupResponse = {
  documents: GroupMember[];
};

/** A row and the row it is compared with. */
export type Pair = {
  row: number;
  other: number;
};

/** Pairs without a verdict, those nearest to the threshold first. */
export type ReviewQueueResponse = {
  pairs: Pair[];
  nLeft: number;
};

/** Two rows, and the queue whose progress is reported; without `other` the row's match is taken. */
export type DuplicatePairRequest = {
  row: number;
  other?: number | null;
  show?: string;
};

/** One of two documents: its text as [op, text] segments, and how many characters follow them. */
export type PairSide = {
  point: number;
  row: number;
  text: string;
  topic: string;
  role: string;
  id: string;
  length: number;
  segments: string[][];
  nAfter: number;
};

/** Two documents word by word, with the evidence of the pair and the last verdict on it. */
export type DuplicatePairResponse = {
  nJudged: number;
  nLeft: number;
  precision: Record<string, number | null> | null;
  similarity: number | null;
  overlap: number | null;
  held: number | null;
  held_by: number | null;
  flags: string[];
  kind: string;
  verdict: string;
  sides: PairSide[];
  nBefore: number;
};

/** A verdict on a row: "keep", "drop", or "apart", which marks both as distinct. */
export type JudgeRequest = {
  row: number;
  verdict: string;
  other?: number | null;
};

/** A mask of the points that are dropped, and a size for each point. */
export type CollapsedResponse = {
  hidden: DataView<ArrayBuffer>;
  sizes: DataView<ArrayBuffer>;
};

/** The density of the kept documents. */
export type DensityResponse = {
  density: DataView<ArrayBuffer>;
};

/** What is sent with each question, and what comes back. */
export type Questions = {
  describe: { request: PointRequest; response: DescribeResponse };
  read: { request: PointRequest; response: ReadResponse };
  columns: { request: ColumnsRequest; response: ColumnsResponse };
  filter_counts: { request: FilterCountsRequest; response: FilterCountsResponse };
  rows: { request: PointsRequest; response: RowsResponse };
  export: { request: ExportRequest; response: ExportResponse };
  subset: { request: SubsetRequest; response: NoteResponse };
  search: { request: SearchRequest; response: HitsResponse };
  like: { request: MoreLikeRequest; response: HitsResponse };
  members: { request: MembersRequest; response: MembersResponse };
  tag: { request: TagRequest; response: EmptyResponse };
  untag: { request: UntagRequest; response: EmptyResponse };
  edit_tag: { request: EditTagRequest; response: EmptyResponse };
  rename_topic: { request: RenameTopicRequest; response: EmptyResponse };
  pin: { request: PinRequest; response: EmptyResponse };
  save_view: { request: SaveViewRequest; response: EmptyResponse };
  delete_view: { request: NameRequest; response: EmptyResponse };
  undo: { request: EmptyRequest; response: NoteResponse };
  redo: { request: EmptyRequest; response: NoteResponse };
  refresh: { request: EmptyRequest; response: NoteResponse };
  topic_shares: { request: EmptyRequest; response: TopicSharesResponse };
  topic_card: { request: TopicRequest; response: TopicCardResponse };
  compare_topics: { request: CompareTopicsRequest; response: CompareTopicsResponse };
  merge_topics: { request: MergeTopicsRequest; response: NoteResponse };
  split_topic: { request: SplitTopicRequest; response: NoteResponse };
  move_rows: { request: TopicRequest; response: NoteResponse };
  lock_topic: { request: TopicRequest; response: EmptyResponse };
  unlock_topic: { request: TopicRequest; response: EmptyResponse };
  copies: { request: EmptyRequest; response: DuplicateSettingsResponse };
  preview_duplicates: { request: PreviewDuplicatesRequest; response: PreviewDuplicatesResponse };
  decide_duplicates: { request: DecideDuplicatesRequest; response: EmptyResponse };
  groups: { request: ListRequest; response: GroupsResponse };
  group: { request: GroupRequest; response: GroupResponse };
  review_queue: { request: ListRequest; response: ReviewQueueResponse };
  duplicate_pair: { request: DuplicatePairRequest; response: DuplicatePairResponse };
  judge: { request: JudgeRequest; response: NoteResponse };
  collapsed: { request: EmptyRequest; response: CollapsedResponse };
  density_of_kept: { request: EmptyRequest; response: DensityResponse };
};

export type Question = keyof Questions;

export type RequestOf<Q extends Question> = Questions[Q]["request"];

export type ResponseOf<Q extends Question> = Questions[Q]["response"];
