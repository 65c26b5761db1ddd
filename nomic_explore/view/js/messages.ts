import { count } from "./dom.ts";

/** Every string that a person reads on the screen, by pane. Numbers and names come as arguments of functions. */
export const messages = {
  frame: {
    opening: "Opening …",
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
