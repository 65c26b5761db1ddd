/** What an exported page holds: facts as JSON, and blocks of numbers and text. Written by `view/export/page_data.py`. */
import type { Topic } from "../panels/topics/tree.ts";
import type { SavedView, StoredTopics } from "../protocol.ts";
import type { PageChannel } from "./columns.ts";
import type { InputColumn } from "./documents.ts";
import type { PageTag } from "./edits.ts";

export type PageFacts = {
  title: string;
  model: string;
  key: string;
  leftOut: string[];
  /** x, y, half the width and half the height of the first view */
  home: number[];
  channels: Pick<PageChannel, "legend" | "summary">[];
  /** columns that a notebook could search, and this page cannot */
  absent: string[];
  hasTagColumn: boolean;
  /** the computed names of topics, by layer */
  layers: string[][];
  inputs: InputColumn[];
  annotations: { tags: PageTag[]; pinned: number[]; views: SavedView[] };
  tagColors: string[];
  roles: string[];
  kinds: string[];
  nGroups: number;
};

/** What the first picture of the map needs. */
export type MapBlocks = {
  places: Uint16Array;
  /** those of the points, as places in the palette */
  colors: Uint16Array;
  density: Uint8Array;
  contours: Float32Array;
  starts: Uint32Array;
  labels: Topic[];
};

export type PageBlocks = MapBlocks & {
  rows: Uint32Array;
  topics: Int16Array;
  cards: StoredTopics;
  alike: Int8Array;
  groups?: Int32Array;
  roles?: Uint8Array;
  kinds?: Uint8Array;
  neighbors?: Int32Array;
  similarities?: Uint8Array;
  ids?: string[];
  /** for each channel */
  codes: Uint16Array[];
  values: (Float64Array | undefined)[];
  lengths: (Uint16Array | undefined)[];
  members: (Uint16Array | undefined)[];
  exact: (string | undefined)[];
  /** titles, or how long they are in their texts */
  titles?: (string | number)[];
  /** the cells of the columns that are written out */
  written: ((string | string[])[] | undefined)[];
  /** in 10,000ths */
  duplicateSimilarities?: Uint16Array;
};
