// @ts-check
import { amount, button, count, debounce, element, input, words } from "./dom.js";
import { offsetOf, parseNumber, textAt } from "./exact_numbers.js";
import { makeHistogram } from "./histogram.js";
import { beyondText, setFilter } from "./legend.js";

const SHOWN = 60;

/** A filter for each column: categories to tick, ranges to drag. What does not fit turns grey. @param {HTMLElement} pane @param {import("./explorer.js").Explorer} explorer */
export async function makeFilterPane(pane, explorer) {
  const { desk } = explorer;
  const top = element(pane, "div", "nx-line");
  const told = words(top, "span", "nx-soft", "", "atlas-filters-told");
  button(top, "Show all", "Take all filters away", () => desk.set({ filters: [] }), "atlas-no-filters");
  const list = element(pane, "div", "nx-filters", "atlas-filters");
  /** @type {(() => void)[]} */
  let showing = [];
  const show = () => {
    const filters = desk.get("filters");
    told.textContent = filters.length ? `${filters.length} of the columns below filter` : "Nothing is filtered";
    for (const act of showing) act();
  };
  const fill = async () => {
    const answer = await explorer.does("columns", {});
    if (!answer || desk.signal.signal.aborted) return;
    const open = new Set([...list.querySelectorAll("details[open]")].map((one) => /** @type {HTMLElement} */ (one).dataset.column));
    list.replaceChildren();
    showing = answer.columns.map((/** @type {any} */ column) => makeFilter(list, desk, column, open.has(column.name)));
    show();
  };
  desk.on(["filters"], show);
  const later = debounce(fill, 60); // an edit of topics changes both
  desk.on(["columns", "labels"], later);
  desk.atEnd(() => later.cancel());
  await fill();
}

/** @param {HTMLElement} list @param {import("./desk.js").Desk} desk @param {any} column @param {boolean} isOpen */
function makeFilter(list, desk, column, isOpen) {
  const root = /** @type {HTMLDetailsElement} */ (element(list, "details", "nx-filter", "atlas-filter"));
  root.dataset.column = column.name;
  root.open = isOpen;
  const summary = element(root, "summary", "");
  words(summary, "span", "nx-filter-name", column.name);
  const state = words(summary, "span", "nx-soft nx-filter-state", "");
  const current = () => desk.get("filters").find((/** @type {any} */ filter) => filter.column === column.name);
  const body = element(root, "div", "nx-filter-body");
  const shows = [...(column.bars ? [makeRange(body, desk, column)] : []), ...(column.values ? [makeCategories(body, desk, column)] : [])];
  if (!column.values && column.missing) shows.push(makeCategories(body, desk, { ...column, values: [] }));
  return () => {
    const filter = current();
    root.classList.toggle("nx-active", filter !== undefined);
    state.textContent = filter ? describeFilter(filter, column) : "";
    for (const show of shows) show(filter);
  };
}

/** @param {any} filter @param {any} column */
function describeFilter(filter, column) {
  if (filter.values) return filter.values.length === 1 ? filter.values[0] ?? column.missingName : `${filter.values.length} values`;
  const end = (/** @type {number | string | null | undefined} */ value) => (value === null || value === undefined ? "…" : typeof value === "string" ? value : amount(value, column.kind));
  return `${end(filter.low)} to ${end(filter.high)}`;
}

/** @param {HTMLElement} body @param {import("./desk.js").Desk} desk @param {any} column @returns {(filter: any) => void} */
function makeCategories(body, desk, column) {
  const wanted = column.values.length > 12 ? input(body, `Find a value of ${column.name}`, "atlas-find-value") : undefined;
  const rows = element(body, "div", "nx-values");
  /** @type {any} */
  let filter;
  const draw = () => {
    rows.replaceChildren();
    const sought = (wanted?.value ?? "").toLowerCase();
    const all = column.missing ? [...column.values, { name: null, size: column.missing }] : column.values;
    const fitting = all.filter((/** @type {any} */ value) => (value.name ?? column.missingName).toLowerCase().includes(sought));
    for (const value of fitting.slice(0, SHOWN)) {
      const line = element(rows, "label", "nx-value");
      const box = /** @type {HTMLInputElement} */ (element(line, "input", "", "atlas-value"));
      box.type = "checkbox";
      box.checked = filter?.values?.includes(value.name) ?? false;
      box.addEventListener("change", () => {
        const others = (filter?.values ?? []).filter((/** @type {string | null} */ name) => name !== value.name);
        const values = box.checked ? [...others, value.name] : others;
        setFilter(desk, column.name, values.length ? { values } : undefined);
      });
      words(line, "span", value.name === null ? "nx-entry-name nx-soft" : "nx-entry-name", value.name ?? column.missingName);
      words(line, "span", "nx-size", count(value.size));
    }
    if (fitting.length > SHOWN) words(rows, "div", "nx-soft", `and ${count(fitting.length - SHOWN)} more; type to find them`);
  };
  wanted?.addEventListener("input", draw);
  return (now) => {
    filter = now;
    draw();
  };
}

/** @param {HTMLElement} body @param {import("./desk.js").Desk} desk @param {any} column @returns {(filter: any) => void} */
function makeRange(body, desk, column) {
  const isExact = column.base !== undefined; // the bars count from the least number, filters name the numbers themselves
  const choose = (/** @type {[number, number] | undefined} */ range) => setFilter(desk, column.name, range && rangeOf(range, column));
  const showRange = makeHistogram(body, column.bars, choose);
  if (column.bars.beyond) words(body, "div", "nx-soft", beyondText({ beyond: column.bars.beyond, kind: column.kind }));
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
    setFilter(desk, column.name, low === null && high === null ? undefined : { low, high: end });
  }

  return (filter) => {
    const [low, high] = filter?.values ? [null, null] : [filter?.low ?? null, filter?.high ?? null];
    const place = (/** @type {number | string} */ end) => (isExact ? offsetOf(String(end), column) : Number(end));
    const isRange = filter && !filter.values;
    showRange(isRange ? [low === null ? column.bars.low : place(low), high === null ? column.bars.high : place(high)] : undefined);
    const written = (/** @type {number | string | null} */ value) => (value === null ? "" : column.kind === "dates" ? amount(Number(value), "dates") : String(value));
    from.value = written(low);
    to.value = written(high);
  };
}

/** The filter of a range that was dragged over bars. @param {[number, number]} range @param {any} column */
function rangeOf([low, high], column) {
  if (column.base !== undefined) return { low: textAt(Math.ceil(low), column), high: textAt(Math.floor(high), column) };
  return column.bars.isWhole ? { low: Math.ceil(low), high: Math.floor(high) } : { low, high };
}

/** The end of a range that was typed; null is open. @param {HTMLInputElement} box @param {any} column @returns {number | string | null} */
function typedEnd(box, column) {
  if (box.value.trim() === "") return null;
  if (column.kind === "dates") return box.valueAsDate?.getTime() ?? null;
  if (column.base === undefined) return Number(box.value);
  const isNumber = parseNumber(box.value.trim()) !== undefined;
  box.setCustomValidity(isNumber ? "" : "expected a number");
  box.reportValidity();
  return isNumber ? box.value.trim() : null;
}
