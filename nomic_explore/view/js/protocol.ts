// Made from nomic_explore/view/requests/protocol by `make protocol`; edit it there.

/** A tag and how many documents bear it. */
export type TagSummary = {
  name: string;
  color: string;
  size: number;
};

/** A document in one line; the point is -1 where it has no place on the map, the title "" where it has none. */
export type DocumentLine = {
  point: number;
  row: number;
  title: string;
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

/** How many points were assigned to their topic as core, as soft, and to none. */
export type TopicSharesResponse = {
  core: number;
  soft: number;
  none: number;
};

/** The spans of time of a page and how many of all documents each holds. */
export type StoredTime = {
  column: string;
  unit: string;
  names: string[];
  totals: number[];
};

/** A value of a column that is more frequent in a topic than among all documents; `lift` is share / overall. */
export type TopicLift = {
  column: string;
  value: string | number | boolean;
  share: number;
  overall: number;
  lift: number;
};

/** A topic of the same layer and the cosine of the two mean vectors. */
export type StoredNeighbor = {
  topic: number;
  similarity: number;
};

/** What an exported page holds of a card: what its map's names do not. `exemplars` are points, `counts` are by span of time. */
export type StoredCard = {
  size: number;
  share: number;
  core: number;
  soft: number;
  description: string;
  weights: number[];
  exemplars: number[];
  dates: Record<string, string[]>;
  counts: number[];
  lift: TopicLift[];
  contrast: string[];
  neighbors: StoredNeighbor[];
};

/** The topics of an exported page, by layer and number; answered by no question. */
export type StoredTopics = {
  shares: TopicSharesResponse;
  time: StoredTime | null;
  cards: StoredCard[][];
};

/** One document. */
export type PointRequest = {
  point: number;
};

/** The hover card: title and topic, "" without; [name, value] of the chosen columns; the beginning of the text. */
export type DescribeResponse = {
  title: string;
  topic: string;
  fields: string[][];
  text: string;
};

/** What a column says of a document: one value, or those of a "list"; other kinds are "text", "number", "date". */
export type Field = {
  name: string;
  kind: string;
  values: string[];
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
  title: string;
  text: string;
  topic: string;
  similarity: number;
};

/** A document of a duplicate group: its match, and the flags of the pair in words. */
export type GroupMember = {
  point: number;
  row: number;
  title: string;
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

/** A whole document; `path` runs from the coarsest topic to the finest. The text does not repeat the title. `fields` are of the columns of the input, `details` are what was found here. */
export type ReadResponse = {
  point: number;
  row: number;
  id: string;
  title: string;
  text: string;
  fields: Field[];
  details: Field[];
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

/** A page of the table, from document `start` on; `columns` are keys. */
export type TableRequest = {
  of: string;
  sort: string;
  isDescending: boolean;
  box?: number[];
  columns: string[];
  start: number;
};

/** A column that can be shown: "text", "number", "date" or "list"; `isDetail` if it says what was found out. */
export type TableColumn = {
  key: string;
  name: string;
  kind: string;
  isDetail: boolean;
};

/** A document; what it says in each of the columns that were asked for. */
export type TableLine = {
  point: number;
  row: number;
  cells: string[];
};

/** A page of the table, how many documents there are in all, and all columns there are. */
export type TableResponse = {
  total: number;
  columns: TableColumn[];
  lines: TableLine[];
};

/** The format is "csv" or "parquet". */
export type ExportTableRequest = {
  of: string;
  sort: string;
  isDescending: boolean;
  box?: number[];
  format: string;
};

/** A query; `by` is "both", "meaning" or "words", `minus` are points whose likes stand further down. */
export type SearchRequest = {
  query: string;
  by?: string;
  minus?: number[];
};

/** A document that was found, and by what; its text is cut around the words that were searched for. The score is what hits are sorted by, None for a search by conditions alone. */
export type Hit = {
  point: number;
  row: number;
  title: string;
  text: string;
  topic: string;
  by: string;
  score: number | null;
};

/** Hits, best first. `scored` says what their score is: "match" (meaning and words, 0 to 1), "similarity", "words" (BM25), "near" (by the neighbors that a page holds, 0 to 1), or "" for none. `total` counts all documents that match where that is known, else the hits. `words` are those of the query without conditions. `nWithAll` counts the documents that hold all of them, None where that was not asked. */
export type HitsResponse = {
  hits: Hit[];
  scored: string;
  total: number;
  words: string[];
  nWithAll: number | null;
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

/** A question that needs nothing. */
export type EmptyRequest = Record<string, never>;

/** A topic that holds some of the selection: how many, their share of the selection, and how many times that of all. */
export type SelectionTopic = {
  layer: number;
  topic: number;
  name: string;
  count: number;
  share: number;
  lift: number;
};

/** A word or phrase, the share of the selected documents that hold it and that of the others. */
export type SelectionWord = {
  word: string;
  share: number;
  other: number;
};

/** A value of a column, the share of the selected documents that have it and that of all. */
export type SelectionValue = {
  column: string;
  value: string;
  share: number;
  overall: number;
  lift: number;
};

/** What the selected documents have in common. Topics are those of one layer, the largest first, `elsewhere` counts the documents outside of these; `typical` are the documents nearest to the middle of the selection; `suggested` is a name for it, "" where no word stands out. */
export type SelectionResponse = {
  size: number;
  share: number;
  topics: SelectionTopic[];
  elsewhere: number;
  words: SelectionWord[];
  values: SelectionValue[];
  typical: DocumentLine[];
  suggested: string;
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

/** A topic of the same layer; `similarity` is the cosine of the two mean vectors. */
export type TopicNeighbor = {
  layer: number;
  topic: number;
  name: string;
  similarity: number;
};

/** What a topic is about, its place in the tree, its time, and whether it is locked. `contrast` are keywords that weigh more than in any sibling; `dates` holds for each column of dates the 5th and the 95th percentile. */
export type TopicCardResponse = {
  layer: number;
  topic: number;
  name: string;
  size: number;
  share: number;
  core: number;
  soft: number;
  confidence: number | null;
  locked: boolean;
  description: string;
  keywords: string[];
  weights: number[];
  parent: PathStep | null;
  exemplars: DocumentLine[];
  dates: Record<string, string[]>;
  time: TimeCounts | null;
  lift: TopicLift[];
  contrast: string[];
  neighbors: TopicNeighbor[];
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
  nDocuments: number;
  nUnique: number;
  nKept: number;
  nDropped: number;
  nReview: number;
  nGroups: number;
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
  nDocuments: number;
  nUnique: number;
  nKept: number;
  nDropped: number;
  nReview: number;
  nGroups: number;
  background: number | null;
  roles: DataView<ArrayBuffer>;
};

/** Settings to take; what is None stays. */
export type DecideDuplicatesRequest = {
  min_similarity?: number | null;
  kinds?: string[] | null;
  keep?: string | null;
};

/** Part of a list, from `start` on; with `near` the pairs in the duplicate group of a row come first. */
export type ListRequest = {
  show?: string;
  sort?: string;
  search?: string;
  differences?: string[] | null;
  kind?: string | null;
  topic?: number | null;
  start?: number;
  near?: number | null;
};

/** A duplicate group, described by its kept document; `nPairs` counts its pairs that are listed. */
export type GroupLine = {
  point: number;
  row: number;
  title: string;
  text: string;
  topic: string;
  group: number;
  size: number;
  drop: number;
  review: number;
  nPairs: number;
  similarity: number | null;
  isChain: boolean;
};

/** What settings come to: documents of each role, which add up to all; and the share of unrelated pairs below the threshold. */
export type SettingsCounts = {
  nDocuments: number;
  nUnique: number;
  nKept: number;
  nDropped: number;
  nReview: number;
  nGroups: number;
  background: number | null;
};

/** How many listed pairs differ in just these things; none for pairs without a flag. */
export type DifferenceCount = {
  differences: string[];
  nPairs: number;
};

/** A kind of match, or a topic, and how many listed pairs have it. */
export type ChoiceCount = {
  value: string | number;
  name: string;
  nPairs: number;
};

/** Duplicate groups in the order asked for; `nGroups` counts those of each list without filters. */
export type GroupsResponse = {
  groups: GroupLine[];
  nListed: number;
  nGroups: Record<string, number>;
  counts: SettingsCounts;
  nPairs: number;
  differences: DifferenceCount[];
  kinds: ChoiceCount[];
  topics: ChoiceCount[];
};

/** One duplicate group. */
export type GroupRequest = {
  group: number;
};

/** Its documents, kept ones first. */
export type GroupResponse = {
  documents: GroupMember[];
};

/** A pair and its duplicate group. */
export type QueuedPair = {
  row: number;
  other: number;
  group: number;
};

/** Pairs in the order asked for, those of a group one after the other unless the order is by pairs. */
export type ReviewQueueResponse = {
  pairs: QueuedPair[];
  nLeft: number;
};

/** Two rows, and the list whose progress is reported; without `other` the row's match is taken. */
export type DuplicatePairRequest = {
  row: number;
  other?: number | null;
  show?: string;
};

/** A row and the row it is compared with. */
export type Pair = {
  row: number;
  other: number;
};

/** One of two documents: its whole text as [op, text] segments, and how many characters beyond a limit are left out. An op is "same", "own", "number" or "name"; "rest" for what was not compared. */
export type PairSide = {
  point: number;
  row: number;
  title: string;
  text: string;
  topic: string;
  role: string;
  id: string;
  length: number;
  segments: string[][];
  nAfter: number;
  nRows: number;
};

/** A column in which two documents differ, and what both hold. */
export type ColumnPair = {
  name: string;
  left: string;
  right: string;
};

/** Two documents word by word, with the evidence of the pair and the last verdict on it. `differences` are the flags by which pairs can be filtered, `groupPairs` the other pairs of the group without a verdict. */
export type DuplicatePairResponse = {
  nJudged: number;
  nLeft: number;
  precision: Record<string, number | null> | null;
  similarity: number | null;
  overlap: number | null;
  held: number | null;
  held_by: number | null;
  flags: string[];
  differences: string[];
  kind: string;
  verdict: string;
  group: number;
  groupPairs: Pair[];
  sides: PairSide[];
  columns: ColumnPair[];
  nSameColumns: number;
};

/** A verdict on pairs: "keep" both of each, "drop" its row for the other, or mark the two as "distinct". `isGroup` says that the pairs stand for their groups: then other pairs of the same documents become distinct, too. */
export type JudgeRequest = {
  pairs: Pair[];
  verdict: string;
  isGroup?: boolean;
};

/** Which pairs: "review" those without a verdict, "drop" the dropped ones, "all"; in what order; and filters. The order is "saved" (rows that a decision may remove), "threshold" (nearest first), "size" (of the group), "topic" or "random". `search` takes words and `column:value`, `differences` are flags in words which all and no others must hold, `topic` is one of the coarsest layer. */
export type ReviewFilter = {
  show?: string;
  sort?: string;
  search?: string;
  differences?: string[] | null;
  kind?: string | null;
  topic?: number | null;
};

/** A pair of a batch, its texts word by word around what differs. */
export type PairExample = {
  row: number;
  other: number;
  sides: string[][][];
};

/** How many pairs and groups a filter finds, some of them, and how many pairs of the same documents follow them. `nRelated` pairs would be listed next if these were distinct, and become distinct with them. */
export type BatchResponse = {
  nPairs: number;
  nGroups: number;
  nRelated: number;
  examples: PairExample[];
};

/** One verdict on all pairs without a verdict that a filter finds; `nPairs` is how many were shown. */
export type JudgeBatchRequest = {
  show?: string;
  sort?: string;
  search?: string;
  differences?: string[] | null;
  kind?: string | null;
  topic?: number | null;
  verdict: string;
  nPairs: number;
};

/** What would be written where: rows kept and removed, pairs without a verdict, and a folder that can be chosen. */
export type FinishPlanResponse = {
  kept: number;
  removed: number;
  review: number;
  folder: string;
};

/** A folder, and "parquet" or "csv" for the two tables. */
export type FinishRequest = {
  folder: string;
  format: string;
};

/** The files that were written: the kept rows, the removed rows, the report. */
export type FinishResponse = {
  files: string[];
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
  table: { request: TableRequest; response: TableResponse };
  export_table: { request: ExportTableRequest; response: ExportResponse };
  search: { request: SearchRequest; response: HitsResponse };
  like: { request: MoreLikeRequest; response: HitsResponse };
  members: { request: MembersRequest; response: MembersResponse };
  describe_selection: { request: EmptyRequest; response: SelectionResponse };
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
  batch: { request: ReviewFilter; response: BatchResponse };
  judge_batch: { request: JudgeBatchRequest; response: NoteResponse };
  finish_plan: { request: EmptyRequest; response: FinishPlanResponse };
  finish: { request: FinishRequest; response: FinishResponse };
  collapsed: { request: EmptyRequest; response: CollapsedResponse };
  density_of_kept: { request: EmptyRequest; response: DensityResponse };
};

export type Question = keyof Questions;

export type RequestOf<Q extends Question> = Questions[Q]["request"];

export type ResponseOf<Q extends Question> = Questions[Q]["response"];
