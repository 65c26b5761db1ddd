import { button, choice, element, setOptions } from "../dom.ts";
import type { MapView } from "./map.ts";
import type { Tool } from "./gestures.ts";
import type { ViewState } from "../view_state.ts";

/** What to do with the pointer, and what the points show. */
export function makeToolbar(map: MapView) {
  const { state, gestures } = map;
  const bar = element(map.root, "div", "nx-toolbar", "atlas-toolbar");
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", "Map tools");
  const tools = element(bar, "div", "nx-group");
  const kinds: [Tool, string, string][] = [
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
  button(view, "Clear", "Clear selection, highlights and filters (Esc)", () => gestures.clearAll(), "atlas-clear");
  if ((state.get("columns") ?? []).length) makeChoices(element(bar, "div", "nx-group"), state);
}

function makeChoices(bar: HTMLElement, state: ViewState) {
  const color = choice(bar, "Color of the points", [], (value) => state.set({ color_by: value }), "atlas-color-by");
  const size = choice(bar, "Size of the points", [], (value) => state.set({ size_by: value }), "atlas-size-by");
  const fill = () => {
    const columns: {name: string, kind: string}[] = state.get("columns");
    setOptions(color, columns.map(({ name }) => [name, `color: ${name}`]));
    const numbers = columns.filter(({ kind }) => kind === "numbers" || kind === "dates");
    setOptions(size, [["", "size: equal"], ...numbers.map(({ name }) => ([name, `size: ${name}`] as [string, string]))]);
    color.value = state.get("color_by");
    size.value = state.get("size_by");
    size.hidden = !numbers.length;
  };
  state.on(["columns", "color_by", "size_by"], fill);
  fill();
}
