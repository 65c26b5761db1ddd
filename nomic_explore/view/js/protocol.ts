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

/** A question that needs nothing. */
export type EmptyRequest = Record<string, never>;

/** What each filter offers; see `Channel.summary`. */
export type ColumnsResponse = {
  columns: (Record<string, any>)[];
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
  columns: { request: EmptyRequest; response: ColumnsResponse };
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
