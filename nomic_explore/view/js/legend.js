// @ts-check
import { asNumbers } from "./desk.js";
import { amount, button, count, element, words } from "./dom.js";

const MAX_SHOWN = 64;

/**
 * What the colours mean. A click isolates an entry, another click on it shows all again; with Ctrl more are isolated, with
 * Alt it is hidden, with Shift its documents are selected.
 * @param {import("./map.js").MapView} map
 */
export function makeLegend(map) {
  const { desk } = map;
  const root = element(map.root, "details", "nx-legend", "atlas-legend");
  const title = words(root, "summary", "nx-legend-title", "");
  const body = element(root, "div", "nx-legend-body");
  let column = "";
  const show = () => {
    const legend = desk.get("legend") ?? {};
    // The names on the map say what the colours of topics mean; their legend is there when it is wanted.
    if (legend.column !== column) /** @type {HTMLDetailsElement} */ (root).open = !/^topic/u.test(legend.column ?? "");
    column = legend.column;
    title.textContent = legend.column ?? "";
    root.hidden = !legend.column || (legend.kind !== "dates" && legend.entries.length === 1) || (!legend.entries?.length && legend.low === undefined);
    body.replaceChildren();
    if (legend.entries?.length) legend.entries.slice(0, MAX_SHOWN).forEach((/** @type {any} */ entry) => makeEntry(body, map, legend, entry));
    else if (legend.column) makeScale(body, map, legend);
  };
  desk.on(["legend", "filters", "theme"], show);
  map.showLegend = show;
  show();
}

/** @param {HTMLElement} body @param {import("./map.js").MapView} map @param {any} legend @param {any} entry */
function makeEntry(body, map, legend, entry) {
  const shown = shownNames(map.desk, legend.column);
  const names = namesOf(legend, entry);
  const hint = "click isolates, Ctrl-click adds, Alt-click hides, Shift-click selects";
  const made = button(body, "", `${entry.name}: ${count(entry.size)} documents; ${hint}`, (event) => act(event), "atlas-legend-entry", "nx-entry");
  const dot = element(made, "span", "nx-dot");
  dot.style.background = legend.palettes[map.theme][entry.codes[0]];
  words(made, "span", "nx-entry-name", entry.name);
  words(made, "span", "nx-size", count(entry.size));
  made.setAttribute("aria-pressed", String(shown !== undefined && names.every((name) => shown.has(name))));
  made.classList.toggle("nx-off", shown !== undefined && !names.some((name) => shown.has(name)));

  /** @param {MouseEvent} event */
  function act(event) {
    if (event.shiftKey) return legend.kind === "lists" ? selectValues(map.desk, legend, names) : selectCodes(map.desk, entry.codes);
    const all = legend.entries.flatMap((/** @type {any} */ other) => namesOf(legend, other));
    let next;
    if (event.altKey) next = (shown ? [...shown] : all).filter((/** @type {string | null} */ name) => !names.includes(name));
    else if (event.ctrlKey || event.metaKey) next = [...new Set([...(shown ?? []), ...names])];
    else next = shown && shown.size === names.length && names.every((name) => shown.has(name)) ? [] : names;
    setFilter(map.desk, legend.column, next.length && next.length < all.length ? { values: next } : undefined);
  }
}

/** @param {HTMLElement} body @param {import("./map.js").MapView} map @param {any} legend */
function makeScale(body, map, legend) {
  const colors = legend.palettes[map.theme].slice(1);
  const bar = element(body, "div", "nx-scale", "atlas-scale");
  bar.style.background = `linear-gradient(to right, ${colors.filter((/** @type {string} */ _, /** @type {number} */ at) => at % 8 === 0 || at === colors.length - 1).join(", ")})`;
  const ends = element(body, "div", "nx-ends");
  words(ends, "span", "", legend.lowText ?? amount(legend.low, legend.kind));
  if (legend.isLog) words(ends, "span", "nx-soft", "logarithmic");
  words(ends, "span", "", legend.highText ?? amount(legend.high, legend.kind));
  if (legend.beyond) words(body, "div", "nx-soft", beyondText(legend));
  if (legend.missing) words(body, "div", "nx-soft", `${count(legend.missing)} without a value are grey`);
}

/** How many values a scale does not reach, and which. @param {{beyond: number, kind: string}} facts */
export function beyondText({ beyond, kind }) {
  return `${count(beyond)} beyond: ${kind === "dates" ? "dates of the year 1 or from 9000 on" : "infinite"}`;
}

/** The values an entry stands for; null is no value. @param {any} legend @param {any} entry @returns {(string | null)[]} */
function namesOf(legend, { codes: [from, to], name }) {
  if (from === 0) return [null];
  return from === to && legend.names === undefined ? [name] : legend.names.slice(from - 1, to);
}

/** The values a filter lets through; undefined if there is none. @param {import("./desk.js").Desk} desk @param {string} column */
function shownNames(desk, column) {
  const found = desk.get("filters").find((/** @type {any} */ filter) => filter.column === column && filter.values);
  return found ? new Set(/** @type {(string | null)[]} */ (found.values)) : undefined;
}

/** Puts a filter on a column, in place of the one it has. @param {import("./desk.js").Desk} desk @param {string} column @param {object | undefined} filter */
export function setFilter(desk, column, filter) {
  const others = desk.get("filters").filter((/** @type {any} */ other) => other.column !== column);
  desk.set({ filters: filter ? [...others, { column, ...filter }] : others });
}

/** Selects the points of some colours. @param {import("./desk.js").Desk} desk @param {[number, number]} codes */
function selectCodes(desk, [from, to]) {
  const { colors } = desk;
  const points = [];
  for (let point = 0; point < colors.length; point++) if (colors[point] >= from && colors[point] <= to) points.push(point);
  desk.selectPoints(points);
}

/** Selects the documents that have one of some values of a column of lists. @param {import("./desk.js").Desk} desk @param {any} legend @param {(string | null)[]} names */
async function selectValues(desk, { column }, names) {
  const found = await Promise.all(names.map((name) => desk.ask("members", { kind: "query", query: `"${column}":${name === null ? "none" : `"${name}"`}` })));
  desk.selectPoints(found.flatMap(({ points }) => [...asNumbers(points, Uint32Array)]));
}
