import { count, counted } from "./dom.ts";
import type { SelectionMode } from "./view_state.ts";

/** Every string that a person reads on the screen, by pane. Numbers and names come as arguments of functions. */
export const messages = {
  frame: {
    opening: "Opening …",
  },

  map: {},

  legend: {},

  toolbar: {},

  selection: {
    selected: (n: number) => `${count(n)} selected`,
    barLabel: "Selection",
    cardLabel: "The selection",
    nothing: "Nothing is selected.",
    next: "New selection:",
    mode: "What the next lasso, box, topic or search does to the selection",
    modes: [
      ["replace", "replaces"],
      ["add", "adds"],
      ["subtract", "subtracts"],
      ["intersect", "intersects"],
    ] as [SelectionMode, string][],
    invert: "Invert",
    invertHint: "Select what is not selected",
    tag: "Tag …",
    tagHint: "Tag the selection: a name, then Enter",
    tagged: (n: number, name: string) => `${counted(n, "document")} tagged “${name}”`,
    export: "Export …",
    exportHint: "Export the selected documents as a file, or as an exploration of their own",
    exportCsv: "Export CSV",
    csv: "CSV",
    parquet: "Parquet",
    subset: "New exploration …",
    summary: "Summary",
    summaryHint: "What the selected documents have in common",
    unselect: "Select nothing (Esc)",
    title: (n: number) => `${counted(n, "document")} selected`,
    shareOfAll: (share: number) => `${percent(share)} of all`,
    reading: "Reading the selection …",
    name: "Name and tag it",
    nameHint: "A name for the selection, then Enter tags its documents",
    tagButton: "Tag",
    topics: "Topics",
    topicHint: (name: string, n: number) => `Keep only the ${counted(n, "document")} of “${name}” selected`,
    elsewhere: (n: number) => `${count(n)} in other topics or in none`,
    words: "Words",
    shareColumns: ["here", "others"],
    timesColumns: ["here", "× all"],
    wordHint: (word: string, share: number, other: number) => `“${word}” stands in ${percent(share)} of these and in ${percent(other)} of the others. Search for it`,
    values: "Columns that stand out",
    valueHint: (column: string, value: string, share: number, overall: number) => `${column} is ${value}: ${percent(share)} here, ${percent(overall)} of all`,
    typical: "Typical documents",
    noText: "(no text in this page)",
    likeThese: "More like these",
    likeTheseHint: "Find other documents like the selected ones",
    times: (lift: number) => `${lift >= 9.95 ? Math.round(lift) : lift.toFixed(1)}×`,
    percent,
  },

  search: {
    label: (hasModel: boolean) => (hasModel ? "Search by meaning, words or column:value (/)" : "Search words or column:value (/); searching by meaning needs the notebook"),
    placeholder: "Search, or column:value …",
    by: "How to search",
    ways: [
      ["both", "by meaning and words"],
      ["meaning", "by meaning"],
      ["words", "by words"],
    ] as [string, string][],
    results: "Search results",
    searching: "Searching …",
    nothing: "No document holds any of these words",
    noneMet: "No document meets this",
    noneLike: "No document found",
    found: (n: number) => `${counted(n, "document")} ${n === 1 ? "matches" : "match"}`,
    bestFirst: (n: number) => `${counted(n, "document")} ${n === 1 ? "matches" : "match"}, best first`,
    someWords: (n: number) => `${counted(n, "document")} ${n === 1 ? "has" : "have"} some of these words, none has all; best first`,
    likeOne: (n: number) => `${counted(n, "document")} like this document, best first`,
    likeSelection: (n: number) => `${counted(n, "document")} like the selection, best first`,
    scored: {
      match: ["match", "Match of meaning and words, 0 to 1"],
      similarity: ["similarity", "Cosine similarity of meaning; 1 is equal"],
      words: ["word score", "How much the words tell that a document holds (BM25)"],
      near: ["nearness", "By the neighbors of neighbors that this page holds; 1 is the best"],
    } as Record<string, [string, string]>,
    showWeaker: (n: number) => `Show ${count(n)} weaker`,
    showWeakerHint: "Also list and highlight what matches less",
    hideWeaker: "Hide weaker",
    selectAll: (n: number) => `Select all ${count(n)}`,
    selectAllHint: "Select all documents that are listed as found",
    clear: "Clear ×",
    clearHint: "Clear the search (Esc)",
    likeBest: "More like the best hit",
    likeBestHint: "Documents near the best hit, by the neighbors that this page holds",
    without: (point: number) => `not like ${point + 1} ×`,
    withoutHint: "Remove this example",
    less: "−",
    lessHint: "Less like this",
    foundBy: { both: "meaning and words", meaning: "meaning", words: "words", column: "column" } as Record<string, string>,
    hitHint: (topic: string, by: string, score: string) => [topic, score, `found by ${by}`].filter(Boolean).join("; "),
    noText: "(no text in this page)",
  },

  filters: {},

  timeline: {},

  reader: {},

  table: {},

  topics: {},

  tags: {},

  duplicates: {},
};

function percent(share: number) {
  const value = 100 * share;
  return value > 0 && value < 1 ? "<1 %" : `${Math.round(value)} %`;
}
