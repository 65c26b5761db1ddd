import { button, choice, element, setOptions } from "../dom.ts";
import { messages } from "../messages.ts";
import type { Tool } from "./gestures.ts";
import type { MapView } from "./map.ts";
import type { ViewState } from "../view_state.ts";

const texts = messages.toolbar;

/** What to do with the pointer, and what the points show. */
export function makeToolbar(map: MapView): HTMLElement {
  const bar = element(map.host, "div", "nx-toolbar", "atlas-toolbar");
  map.host.prepend(bar);
  bar.setAttribute("role", "toolbar");
  bar.setAttribute("aria-label", texts.name);
  makeTools(element(bar, "div", "nx-group"), map);
  makeViews(element(bar, "div", "nx-group"), map);
  if ((map.state.get("columns") ?? []).length) makeChoices(element(bar, "div", "nx-group"), map.state);
  return bar;
}

function makeTools(group: HTMLElement, { gestures }: MapView) {
  const shown = (["pan", "lasso", "box"] as Tool[]).map((tool) => {
    const [text, title] = texts.tools[tool];
    const one = button(group, text, title, () => gestures.use(gestures.tool === tool ? "pan" : tool), `atlas-${tool}`);
    one.dataset.icon = tool;
    return () => one.setAttribute("aria-pressed", String(gestures.tool === tool));
  });
  const show = () => shown.forEach((act) => act());
  gestures.onTool.push(show);
  show();
}

function makeViews(group: HTMLElement, map: MapView) {
  button(group, ...texts.fit, () => map.fit(), "atlas-fit").dataset.icon = "fit";
  const contours = button(group, ...texts.contours, () => {
    map.showsLines = !map.showsLines;
    contours.setAttribute("aria-pressed", String(map.showsLines));
    map.settle();
  }, "atlas-contours");
  contours.dataset.icon = "contours";
  contours.setAttribute("aria-pressed", "false");
  button(group, ...texts.clear, () => map.gestures.clearAll(), "atlas-clear").dataset.icon = "clear";
}

function makeChoices(group: HTMLElement, state: ViewState) {
  const color = choice(group, texts.color, [], (value) => state.set({ color_by: value }), "atlas-color-by");
  const size = choice(group, texts.size, [], (value) => state.set({ size_by: value }), "atlas-size-by");
  const fill = () => {
    const columns: { name: string; kind: string }[] = state.get("columns");
    setOptions(color, columns.map(({ name }) => [name, texts.colorBy(name)]));
    const numbers = columns.filter(({ kind }) => kind === "numbers" || kind === "dates");
    setOptions(size, [["", texts.sizeEqual], ...numbers.map(({ name }): [string, string] => [name, texts.sizeBy(name)])]);
    color.value = state.get("color_by");
    size.value = state.get("size_by");
    size.hidden = !numbers.length;
  };
  state.on(["columns", "color_by", "size_by"], fill);
  fill();
}
