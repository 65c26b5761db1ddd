import { count } from "./dom.ts";

/** Every string that a person reads on the screen, by pane. Numbers and names come as arguments of functions. */
export const messages = {
  frame: {
    opening: "Opening …",
    subtitle: (n: string) => `${n} documents; near means similar`,
    header: "Title and edits",
    sideLabel: "Search, topics, filters, tags and duplicates",
    rightLabel: "Document or selection",
    bottomLabel: "Table of documents",
    tabsLabel: "Panes",
    undo: "Undo",
    undoHint: "Undo the last edit (Ctrl+Z)",
    redo: "Redo",
    redoHint: "Redo the edit that was undone (Ctrl+Shift+Z)",
    refresh: "Refresh",
    refreshHint: "Read the edits made in other notebooks",
    saveTags: "Save tags",
    saveTagsHint: "Download tags, topic names and views as a file",
    table: "Table",
    tableHint: "Show or hide the table (T)",
    reader: "Reader",
    readerHint: "Show or hide the reader (])",
    sideHint: "Show or hide the panes on the left ([)",
    keysHint: "Show the keyboard shortcuts (?)",
    panes: { topics: "Topics", filters: "Filters", tags: "Tags", copies: "Duplicates" },
    downloaded: (name: string) => `${name} downloaded`,
    subsetHint: "Folder of the new exploration, then Enter",
    subsetPlaceholder: "folder of the new exploration",
    makingSubset: "Making the exploration …",
    leftOut: (parts: string) => `left out to keep the file small: ${parts}`,
    whatDotsAre: "Each dot is a document; near dots are alike.",
    whatToDo: "Hover to peek, click to read, Shift-drag to select.",
    whatToTouch: "Tap a dot to read it; two fingers zoom.",
    tryThese: "Try:",
    closeHint: "Close this hint",
    isBeside: "The map is beside the notebook.",
    besideLabel: "Map beside the notebook",
    bringBack: "Show it below the cell",
    bringBackHint: "Show the map below its cell again",
    resizeHint: "Width of the map: drag, or press the left and right arrow keys",
  },

  keys: {
    title: "Keyboard shortcuts",
    close: "Close",
    groups: [
      {
        title: "Map",
        keys: [
          ["← ↑ → ↓", "move"],
          ["+ −", "zoom"],
          ["0", "show the whole map"],
          ["Enter", "read the document nearest to the middle"],
          ["P", "move with the pointer"],
          ["L", "select with a lasso; the same as Shift and drag"],
          ["B", "select with a box"],
          ["Esc", "clear the selection, highlights and filters"],
        ],
      },
      {
        title: "Panes",
        keys: [
          ["/", "search"],
          ["T", "table"],
          ["[", "panes on the left"],
          ["]", "reader"],
          ["F6", "from a search result to the reader"],
          ["?", "this list"],
        ],
      },
      {
        title: "Edits",
        keys: [
          ["Ctrl+Z", "undo"],
          ["Ctrl+Shift+Z", "redo"],
        ],
      },
    ] as { title: string; keys: [string, string][] }[],
  },

  map: {
    label: (n: number) =>
      `Map of ${count(n)} documents. Arrow keys move it, plus and minus zoom, 0 shows all, Enter reads the document nearest to the cross in the middle. ` +
      "L draws a lasso, B a box, T lists the documents, slash searches, question mark shows all keys, Escape clears.",
    still: "A picture of the map",
    documents: (n: number) => `${count(n)} ${n === 1 ? "document" : "documents"}`,
    passing: (n: number) => `${count(n)} pass the filters`,
    hidden: (n: number) => `${count(n)} duplicates hidden`,
    highlighted: (n: number) => `${count(n)} highlighted`,
    selected: (n: number) => `${count(n)} selected`,
    allDrawn: "all drawn",
    drawnNear: (n: number) => `${count(n)} near the view drawn`,
    drawnMoving: (n: number) => `${count(n)} drawn while moving`,
    drawnSoFar: (n: number) => `${count(n)} drawn so far`,
    preparing: "hover is being prepared",
  },

  legend: {
    name: "Legend",
    toggle: ["Legend", "Show or hide what the colors mean"] as const,
    entry: (name: string, size: number) =>
      `${name}: ${count(size)} documents. Click shows these alone, Ctrl-click adds them, Alt-click hides them, Shift-click selects them.`,
    logarithmic: "logarithmic",
    missing: (n: number) => `${count(n)} without a value are gray`,
    beyondDates: (n: number) => `${count(n)} beyond: dates of the year 1 or from 9000 on`,
    beyondNumbers: (n: number) => `${count(n)} beyond: infinite`,
  },

  toolbar: {
    name: "Map tools",
    tools: {
      pan: ["Move", "Drag moves the map, the wheel zooms (P)"],
      lasso: ["Lasso", "Draw around documents to select them (L, or hold Shift and drag); with Ctrl adds, with Alt subtracts"],
      box: ["Box", "Select the documents in a box (B)"],
    } as Record<"pan" | "lasso" | "box", [string, string]>,
    fit: ["Fit", "Show the whole map (0)"] as const,
    contours: ["Contours", "Show lines of equal density"] as const,
    clear: ["Clear", "Clear selection, highlight and filters (Esc)"] as const,
    color: "Color of the points",
    size: "Size of the points",
    colorBy: (column: string) => `color: ${column}`,
    sizeEqual: "size: equal",
    sizeBy: (column: string) => `size: ${column}`,
  },

  selection: {},

  search: {},

  filters: {},

  timeline: {},

  reader: {},

  table: {},

  topics: {},

  tags: {},

  duplicates: {},
};
