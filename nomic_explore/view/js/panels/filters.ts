import { amount, button, count, debounce, element, input, textElement } from "../dom.ts";
import { offsetOf, parseNumber, textAt } from "../page/exact_numbers.ts";
import { makeHistogram } from "./charts/histogram.ts";
import { beyondText, setFilter } from "../map/legend.ts";
import type { Explorer } from "./explorer.ts";
import type { ViewState } from "../view_state.ts";

const SHOWN = 60;

/** A filter for each column: categories to tick, ranges to drag. What does not fit turns grey. */
export async function makeFilterPane(pane: HTMLElement, explorer: Explorer) {
  const { state } = explorer;
  const top = element(pane, "div", "nx-line");
  const told = textElement(top, "span", "nx-soft", "", "atlas-filters-told");
  button(top, "Show all", "Take all filters away", () => state.set({ filters: [] }), "atlas-no-filters");
  const list = element(pane, "div", "nx-filters", "atlas-filters");
  let showing: (() => void)[] = [];
  const show = () => {
    const filters = state.get("filters");
    told.textContent = filters.length ? `${filters.length} of the columns below filter` : "Nothing is filtered";
    for (const act of showing) act();
  };
  const fill = async () => {
    const answer = await explorer.request("columns", {});
    if (!answer || state.signal.aborted) return;
    const open = new Set([...list.querySelectorAll("details[open]")].map((one) => (one as HTMLElement).dataset.column));
    list.replaceChildren();
    showing = answer.columns.map((column: any) => makeFilter(list, state, column, open.has(column.name)));
    show();
  };
  state.on(["filters"], show);
  const later = debounce(fill, 60); // an edit of topics changes both
  state.on(["columns", "labels"], later);
  state.atEnd(() => later.cancel());
  await fill();
}

function makeFilter(list: HTMLElement, state: ViewState, column: any, isOpen: boolean) {
  const root = (element(list, "details", "nx-filter", "atlas-filter") as HTMLDetailsElement);
  root.dataset.column = column.name;
  root.open = isOpen;
  const summary = element(root, "summary", "");
  textElement(summary, "span", "nx-filter-name", column.name);
  const summaryText = textElement(summary, "span", "nx-soft nx-filter-state", "");
  const current = () => state.get("filters").find((filter: any) => filter.column === column.name);
  const body = element(root, "div", "nx-filter-body");
  const shows = [...(column.bars ? [makeRange(body, state, column)] : []), ...(column.values ? [makeCategories(body, state, column)] : [])];
  if (!column.values && column.missing) shows.push(makeCategories(body, state, { ...column, values: [] }));
  return () => {
    const filter = current();
    root.classList.toggle("nx-active", filter !== undefined);
    summaryText.textContent = filter ? describeFilter(filter, column) : "";
    for (const show of shows) show(filter);
  };
}

function describeFilter(filter: any, column: any) {
  if (filter.values) return filter.values.length === 1 ? filter.values[0] ?? column.missingName : `${filter.values.length} values`;
  const end = (value: number | string | null | undefined) => (value === null || value === undefined ? "…" : typeof value === "string" ? value : amount(value, column.kind));
  return `${end(filter.low)} to ${end(filter.high)}`;
}

function makeCategories(body: HTMLElement, state: ViewState, column: any): (filter: any) => void {
  const wanted = column.values.length > 12 ? input(body, `Find a value of ${column.name}`, "atlas-find-value") : undefined;
  const rows = element(body, "div", "nx-values");
  let filter: any;
  const draw = () => {
    rows.replaceChildren();
    const sought = (wanted?.value ?? "").toLowerCase();
    const all = column.missing ? [...column.values, { name: null, size: column.missing }] : column.values;
    const fitting = all.filter((value: any) => (value.name ?? column.missingName).toLowerCase().includes(sought));
    for (const value of fitting.slice(0, SHOWN)) {
      const line = element(rows, "label", "nx-value");
      const box = (element(line, "input", "", "atlas-value") as HTMLInputElement);
      box.type = "checkbox";
      box.checked = filter?.values?.includes(value.name) ?? false;
      box.addEventListener("change", () => {
        const others = (filter?.values ?? []).filter((name: string | null) => name !== value.name);
        const values = box.checked ? [...others, value.name] : others;
        setFilter(state, column.name, values.length ? { values } : undefined);
      });
      textElement(line, "span", value.name === null ? "nx-entry-name nx-soft" : "nx-entry-name", value.name ?? column.missingName);
      textElement(line, "span", "nx-size", count(value.size));
    }
    if (fitting.length > SHOWN) textElement(rows, "div", "nx-soft", `and ${count(fitting.length - SHOWN)} more; type to find them`);
  };
  wanted?.addEventListener("input", draw);
  return (now) => {
    filter = now;
    draw();
  };
}

function makeRange(body: HTMLElement, state: ViewState, column: any): (filter: any) => void {
  const isExact = column.base !== undefined; // the bars count from the least number, filters name the numbers themselves
  const choose = (range: [number, number] | undefined) => setFilter(state, column.name, range && rangeOf(range, column));
  const showRange = makeHistogram(body, column.bars, choose);
  if (column.bars.beyond) textElement(body, "div", "nx-soft", beyondText({ beyond: column.bars.beyond, kind: column.kind }));
  const line = element(body, "div", "nx-line");
  const [from, to] = ["from", "to"].map((side) => {
    const box = input(line, `${column.name} ${side}`, `atlas-range-${side}`, side);
    box.type = column.kind === "dates" ? "date" : isExact ? "text" : "number";
    if (box.type === "number") box.step = "any";
    box.addEventListener("change", typed);
    return box;
  });

  function typed() {
    const [low, high] = [from, to].map((box) => typedEnd(box, column));
    const end = typeof high === "number" && column.kind === "dates" ? high + 86_399_999 : high; // the whole last day
    setFilter(state, column.name, low === null && high === null ? undefined : { low, high: end });
  }

  return (filter) => {
    const [low, high] = filter?.values ? [null, null] : [filter?.low ?? null, filter?.high ?? null];
    const place = (end: number | string) => (isExact ? offsetOf(String(end), column) : Number(end));
    const isRange = filter && !filter.values;
    showRange(isRange ? [low === null ? column.bars.low : place(low), high === null ? column.bars.high : place(high)] : undefined);
    const written = (value: number | string | null) => (value === null ? "" : column.kind === "dates" ? amount(Number(value), "dates") : String(value));
    from.value = written(low);
    to.value = written(high);
  };
}

/** The filter of a range that was dragged over bars. */
function rangeOf([low, high]: [number, number], column: any) {
  if (column.base !== undefined) return { low: textAt(Math.ceil(low), column), high: textAt(Math.floor(high), column) };
  return column.bars.isWhole ? { low: Math.ceil(low), high: Math.floor(high) } : { low, high };
}

/** The end of a range that was typed; null is open. */
function typedEnd(box: HTMLInputElement, column: any): number | string | null {
  if (box.value.trim() === "") return null;
  if (column.kind === "dates") return box.valueAsDate?.getTime() ?? null;
  if (column.base === undefined) return Number(box.value);
  const isNumber = parseNumber(box.value.trim()) !== undefined;
  box.setCustomValidity(isNumber ? "" : "expected a number");
  box.reportValidity();
  return isNumber ? box.value.trim() : null;
}
