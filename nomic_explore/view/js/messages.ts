import { count, counted } from "./dom.ts";

/** Every string that a person reads on the screen, by pane. Numbers and names come as arguments of functions. */
export const messages = {
  frame: {
    opening: "Opening …",
  },

  map: {},

  legend: {},

  toolbar: {},

  selection: {},

  search: {},

  filters: {},

  timeline: {},

  reader: {
    name: "Reader",
    document: "Document",
    empty: "Click a document on the map to read it here.",
    row: (row: number, id: string) => `row ${row} · ${id}`,
    pin: "Pin",
    pinned: "Pinned",
    pinTitle: "Keep this document in the list of pinned ones",
    moreLike: "More like this",
    moreLikeTitle: "Find documents like this one",
    close: "Close the document (Esc)",
    path: "Topics, coarse to fine",
    noTopic: "no topic",
    highlightTopic: "Highlight this topic",
    untag: "Remove this tag",
    tag: "Tag this document: a name, then Enter",
    tagHint: "tag …",
    showAll: "Show all",
    showLess: "Show less",
    details: "Details",
    duplicates: "Duplicates",
    roles: { keep: "kept", drop: "dropped", review: "for review" } as Record<string, string>,
    roleSentence: (role: string, kind: string, similarity: number | null, hasOthers: boolean) => {
      const match = [kind && `${kind} match`, similarity === null ? "" : `similarity ${similarity.toFixed(3)}`].filter(Boolean).join(", ");
      const evidence = match ? ` (${match})` : "";
      const sentence: Record<string, string> = { keep: "Kept", drop: `Dropped as a duplicate${evidence}`, review: `For review${evidence}` };
      const before: Record<string, string> = { keep: "; its duplicates:", drop: " of:", review: " against:" };
      return `${sentence[role] ?? role}${hasOthers ? (before[role] ?? ":") : "."}`;
    },
    more: (n: number) => `and ${count(n)} more`,
    neighbors: "Nearest in meaning",
    neighborTitle: (topic: string) => `Topic: ${topic}`,
    found: {
      topic_assignment: "place in its topic",
      topic_strength: "strength in its topic",
      duplicate_role: "role among duplicates",
      "similarity to neighbors": "similarity to its neighbors",
    } as Record<string, string>,
  },

  table: {
    pane: "Documents",
    name: "Table of documents",
    captions: {
      selected: (n: number) => counted(n, "selected document"),
      highlighted: (n: number) => counted(n, "highlighted document"),
      view: (n: number) => `${counted(n, "document")} in view`,
      filtered: (n: number) => `${counted(n, "document that passes", "documents that pass")} the filters`,
    },
    list: "Which documents are listed",
    lists: { selected: "Selected", highlighted: "Highlighted", view: "In view", filtered: "All that pass the filters" },
    range: (first: number, last: number) => `${count(first)}–${count(last)}`,
    before: "Previous page",
    after: "Next page",
    columns: "Columns",
    details: "What was found out",
    reset: "Reset columns",
    resetTitle: "Show the columns of the input, in their first widths",
    export: "Export …",
    exportTitle: (n: number) => `Write ${counted(n, "document")} with all columns to a file, in this order`,
    formats: { csv: "as CSV", parquet: "as Parquet" } as Record<string, string>,
    downloaded: (name: string) => `${name} downloaded`,
    sortTitle: "Sort by this column; Shift and ← or → change its width",
    read: "Read this document",
    names: {
      topic_assignment: "place in topic",
      topic_strength: "strength in topic",
      duplicate_role: "role among duplicates",
      duplicate_kind: "kind of match",
      duplicate_similarity: "similarity of match",
    } as Record<string, string>,
  },

  topics: {},

  tags: {},

  duplicates: {},
};
