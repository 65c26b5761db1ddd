import { asNumbers } from "../view_state.ts";
import { amount, button, count, element, textElement } from "../dom.ts";
import type { MapView } from "./map.ts";
import type { ViewState } from "../view_state.ts";

const MAX_SHOWN = 64;

/**
 * What the colors mean. A click isolates an entry, another click on it shows all again; with Ctrl more are isolated, with
 * Alt it is hidden, with Shift its documents are selected.
 */
export function makeLegend(map: MapView) {
  const { state } = map;
  const root = element(map.root, "details", "nx-legend", "atlas-legend");
  const title = textElement(root, "summary", "nx-legend-title", "");
  const body = element(root, "div", "nx-legend-body");
  let column = "";
  const show = () => {
    const legend = state.get("legend") ?? {};
    // The names on the map say what the colors of topics mean; their legend is there when it is wanted.
    if (legend.column !== column) (root as HTMLDetailsElement).open = !/^topic/u.test(legend.column ?? "");
    column = legend.column;
    title.textContent = legend.column ?? "";
    root.hidden = !legend.column || (legend.kind !== "dates" && legend.entries.length === 1) || (!legend.entries?.length && legend.low === undefined);
    body.replaceChildren();
    if (legend.entries?.length) legend.entries.slice(0, MAX_SHOWN).forEach((entry: any) => makeEntry(body, map, legend, entry));
    else if (legend.column) makeScale(body, map, legend);
  };
  state.on(["legend", "filters", "theme"], show);
  map.showLegend = show;
  show();
}

function makeEntry(body: HTMLElement, map: MapView, legend: any, entry: any) {
  const shown = shownNames(map.state, legend.column);
  const names = namesOf(legend, entry);
  const hint = "click isolates, Ctrl-click adds, Alt-click hides, Shift-click selects";
  const made = button(body, "", `${entry.name}: ${count(entry.size)} documents; ${hint}`, (event) => act(event), "atlas-legend-entry", "nx-entry");
  const dot = element(made, "span", "nx-dot");
  dot.style.background = legend.palettes[map.theme][entry.codes[0]];
  textElement(made, "span", "nx-entry-name", entry.name);
  textElement(made, "span", "nx-size", count(entry.size));
  made.setAttribute("aria-pressed", String(shown !== undefined && names.every((name) => shown.has(name))));
  made.classList.toggle("nx-off", shown !== undefined && !names.some((name) => shown.has(name)));

  function act(event: MouseEvent) {
    if (event.shiftKey) return legend.kind === "lists" ? selectValues(map.state, legend, names) : selectCodes(map.state, entry.codes);
    const all = legend.entries.flatMap((other: any) => namesOf(legend, other));
    let next;
    if (event.altKey) next = (shown ? [...shown] : all).filter((name: string | null) => !names.includes(name));
    else if (event.ctrlKey || event.metaKey) next = [...new Set([...(shown ?? []), ...names])];
    else next = shown && shown.size === names.length && names.every((name) => shown.has(name)) ? [] : names;
    setFilter(map.state, legend.column, next.length && next.length < all.length ? { values: next } : undefined);
  }
}

function makeScale(body: HTMLElement, map: MapView, legend: any) {
  const colors = legend.palettes[map.theme].slice(1);
  const bar = element(body, "div", "nx-scale", "atlas-scale");
  bar.style.background = `linear-gradient(to right, ${colors.filter((_: string, at: number) => at % 8 === 0 || at === colors.length - 1).join(", ")})`;
  const ends = element(body, "div", "nx-ends");
  textElement(ends, "span", "", legend.lowText ?? amount(legend.low, legend.kind));
  if (legend.isLog) textElement(ends, "span", "nx-soft", "logarithmic");
  textElement(ends, "span", "", legend.highText ?? amount(legend.high, legend.kind));
  if (legend.beyond) textElement(body, "div", "nx-soft", beyondText(legend));
  if (legend.missing) textElement(body, "div", "nx-soft", `${count(legend.missing)} without a value are grey`);
}

/** How many values a scale does not reach, and which. */
export function beyondText({ beyond, kind }: {beyond: number, kind: string}) {
  return `${count(beyond)} beyond: ${kind === "dates" ? "dates of the year 1 or from 9000 on" : "infinite"}`;
}

/** The values an entry stands for; null is no value. */
function namesOf(legend: any, { codes: [from, to], name }: any): (string | null)[] {
  if (from === 0) return [null];
  return from === to && legend.names === undefined ? [name] : legend.names.slice(from - 1, to);
}

/** The values a filter lets through; undefined if there is none. */
function shownNames(state: ViewState, column: string) {
  const found = state.get("filters").find((filter: any) => filter.column === column && filter.values);
  return found ? new Set((found.values as (string | null)[])) : undefined;
}

/** Puts a filter on a column, in place of the one it has. */
export function setFilter(state: ViewState, column: string, filter: object | undefined) {
  const others = state.get("filters").filter((other: any) => other.column !== column);
  state.set({ filters: filter ? [...others, { column, ...filter }] : others });
}

/** Selects the points of some colors. */
function selectCodes(state: ViewState, [from, to]: [number, number]) {
  const { colors } = state;
  const points = [];
  for (let point = 0; point < colors.length; point++) if (colors[point] >= from && colors[point] <= to) points.push(point);
  state.selectPoints(points);
}

/** Selects the documents that have one of some values of a column of lists. */
async function selectValues(state: ViewState, { column }: any, names: (string | null)[]) {
  const found = await Promise.all(names.map((name) => state.ask("members", { kind: "query", query: `"${column}":${name === null ? "none" : `"${name}"`}` })));
  state.selectPoints(found.flatMap(({ points }) => [...asNumbers(points, Uint32Array)]));
}
