// @ts-check
import { button, choice, element, setOptions } from "./dom.js";

/** What to do with the pointer, and what the points show. @param {import("./map.js").MapView} map */
export function makeToolbar(map) {
  const { desk, gestures } = map;
  const bar = element(map.root, "div", "nx-toolbar", "atlas-toolbar");
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Map tools");
  const tools = element(bar, "div", "nx-group");
  /** @type {[import("./gestures.js").Tool, string, string][]} */
  const kinds = [
    ["pan", "Move", "Drag moves the map, wheel zooms (P)"],
    ["lasso", "Lasso", "Draw round documents to select them (L, or hold Shift and drag); with Ctrl adds, with Alt takes away"],
    ["box", "Box", "Select the documents in a box (B)"],
  ];
  const made = kinds.map(([tool, text, title]) => {
    const one = button(tools, text, title, () => gestures.use(gestures.tool === tool ? "pan" : tool), `atlas-${tool}`);
    return () => one.setAttribute("aria-pressed", String(gestures.tool === tool));
  });
  const show = () => made.forEach((act) => act());
  gestures.onTool.push(show);
  show();
  const view = element(bar, "div", "nx-group");
  button(view, "Fit", "Show the whole map (0)", () => map.fit(), "atlas-fit");
  const contours = button(view, "Contours", "Show lines of equal density", () => {
    map.showsLines = !map.showsLines;
    contours.setAttribute("aria-pressed", String(map.showsLines));
    map.settle();
  }, "atlas-contours");
  contours.setAttribute("aria-pressed", "false");
  button(view, "Clear", "Select and light nothing (Esc)", () => gestures.clear(), "atlas-clear");
  if ((desk.get("columns") ?? []).length) makeChoices(element(bar, "div", "nx-group"), desk);
}

/** @param {HTMLElement} bar @param {import("./desk.js").Desk} desk */
function makeChoices(bar, desk) {
  const color = choice(bar, "Colour of the points", [], (value) => desk.set({ color_by: value }), "atlas-color-by");
  const size = choice(bar, "Size of the points", [], (value) => desk.set({ size_by: value }), "atlas-size-by");
  const fill = () => {
    /** @type {{name: string, kind: string}[]} */
    const columns = desk.get("columns");
    setOptions(color, columns.map(({ name }) => [name, `colour: ${name}`]));
    const numbers = columns.filter(({ kind }) => kind === "numbers" || kind === "dates");
    setOptions(size, [["", "size: equal"], ...numbers.map(({ name }) => /** @type {[string, string]} */ ([name, `size: ${name}`]))]);
    color.value = desk.get("color_by");
    size.value = desk.get("size_by");
    size.hidden = !numbers.length;
  };
  desk.on(["columns", "color_by", "size_by"], fill);
  fill();
}
