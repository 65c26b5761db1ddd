import { asNumbers } from "../view_state.ts";
import { amount, button, count, element, textElement } from "../dom.ts";
import { messages } from "../messages.ts";
import type { MapView } from "./map.ts";
import type { ViewState } from "../view_state.ts";

const MAX_SHOWN = 64;
const NARROW = 560; // pixels; as in map.css
const texts = messages.legend;

/**
 * What the colors mean, beside the map; a button of the toolbar opens and closes it. A click isolates an entry, another click
 * on it shows all again; with Ctrl more are isolated, with Alt it is hidden, with Shift its documents are selected.
 */
export function makeLegend(map: MapView, toolbar: HTMLElement) {
  const { state } = map;
  const root = element(map.host, "section", "nx-legend", "atlas-legend");
  root.setAttribute("aria-label", texts.name);
  const title = textElement(root, "div", "nx-legend-title", "");
  const body = element(root, "div", "nx-legend-body");
  const toggle = button(toolbar, ...texts.toggle, () => open(Boolean(root.hidden)), "atlas-legend-toggle");
  const open = (isOpen: boolean) => {
    root.hidden = !isOpen;
    toggle.setAttribute("aria-expanded", String(isOpen));
  };
  let column = "";
  const show = () => {
    const legend = state.get("legend") ?? {};
    toggle.hidden = !hasContent(legend);
    // The names on the map say what the colors of topics mean; their legend is there when it is wanted.
    if (legend.column !== column) open(!/^topic/u.test(legend.column ?? "") && !toggle.hidden && !isNarrow(map));
    if (toggle.hidden) open(false);
    column = legend.column;
    title.textContent = legend.column ?? "";
    body.replaceChildren();
    if (legend.entries?.length) legend.entries.slice(0, MAX_SHOWN).forEach((entry: any) => makeEntry(body, map, legend, entry));
    else if (legend.column) makeScale(body, map, legend);
  };
  state.on(["legend", "filters", "theme"], show);
  map.showLegend = show;
  show();
}

function hasContent(legend: any): boolean {
  if (!legend.column || (legend.kind !== "dates" && legend.entries.length === 1)) return false;
  return Boolean(legend.entries?.length) || legend.low !== undefined;
}

/** Whether the legend would lie over the map; before the map has a size it is taken to be wide. */
function isNarrow({ host }: MapView): boolean {
  return host.clientWidth > 0 && host.clientWidth < NARROW;
}

function makeEntry(body: HTMLElement, map: MapView, legend: any, entry: any) {
  const shown = shownNames(map.state, legend.column);
  const names = namesOf(legend, entry);
  const made = button(body, "", texts.entry(entry.name, entry.size), (event) => act(event), "atlas-legend-entry", "nx-entry");
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
  if (legend.isLog) textElement(ends, "span", "nx-soft", texts.logarithmic);
  textElement(ends, "span", "", legend.highText ?? amount(legend.high, legend.kind));
  if (legend.beyond) textElement(body, "div", "nx-soft", beyondText(legend));
  if (legend.missing) textElement(body, "div", "nx-soft", texts.missing(legend.missing));
}

/** How many values a scale does not reach, and which. */
export function beyondText({ beyond, kind }: {beyond: number, kind: string}) {
  return kind === "dates" ? texts.beyondDates(beyond) : texts.beyondNumbers(beyond);
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
