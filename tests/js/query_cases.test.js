import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { around, ExactColumn, offsetOf, parseNumber, textAt } from "../../nomic_explore/view/js/page/exact_numbers.ts";
import { meets } from "../../nomic_explore/view/js/page/conditions.ts";
import { cellText, fitsFilter } from "../../nomic_explore/view/js/page/columns.ts";
import { parseQuery } from "../../nomic_explore/view/js/page/query.ts";

const shared = JSON.parse(readFileSync(new URL("../data/query_cases.json", import.meta.url), "utf8"));

/** Numbers as a page holds them: exact beside offsets from the least, if floats cannot hold them. */
function numbers(type, written) {
  const scale = Number(/, (\d+)\)/u.exec(type)?.[1] ?? 0);
  if (type.startsWith("float")) return { legend: { kind: "numbers", names: [] }, values: Float64Array.from(written, (one) => (one === null ? NaN : Number(one))) };
  const wholes = written.map((one) => (one === null ? undefined : around(parseNumber(one), scale)[0]));
  const known = wholes.filter((one) => one !== undefined);
  const least = known.reduce((a, b) => (b < a ? b : a));
  const legend = { kind: "numbers", names: [], base: String(least), scale };
  const values = Float64Array.from(wholes, (one) => (one === undefined ? NaN : Number(one - least) / 10 ** scale));
  const lines = wholes.map((one) => (one === undefined ? "" : String(one)));
  if (known.some((one) => one > 10n ** 15n || one < -(10n ** 15n))) return { legend, values, exact: new ExactColumn(lines, scale) };
  return { legend: { kind: "numbers", names: [] }, values: Float64Array.from(written, (one) => (one === null ? NaN : Number(one))) };
}

function strings(written, textKind) {
  const names = [...new Set(written.filter((one) => one?.trim()))];
  return { legend: { kind: "categories", names, textKind }, codes: Uint16Array.from(written, (one) => (one?.trim() ? names.indexOf(one) + 1 : 0)) };
}

function lists(written) {
  const names = [...new Set(written.flatMap((one) => one ?? []))];
  const starts = [0];
  for (const one of written) starts.push(starts.at(-1) + (one ?? []).length);
  const members = written.flatMap((one) => (one ?? []).map((name) => names.indexOf(name) + 1));
  return { legend: { kind: "lists", names }, codes: new Uint16Array(written.length), starts: Uint32Array.from(starts), members: Uint16Array.from(members) };
}

function dates(written) {
  const moments = written.map((one) => (one ? Date.parse(one.includes("T") ? `${one}Z` : one) : NaN));
  return { legend: { kind: "dates", names: [] }, values: Float64Array.from(moments) };
}

function channelOf(name, { type, values, textKind }) {
  if (type === "bool") return strings(values.map((one) => (one === null ? null : String(one))));
  if (type === "list<string>") return lists(values);
  if (name === "written" || type === "date32" || type.startsWith("timestamp")) return dates(values);
  return type === "string" ? strings(values, textKind) : numbers(type, values);
}

const channels = new Map(Object.entries(shared.columns).map(([name, column]) => [name, channelOf(name, column)]));

function rowsMeeting(query) {
  const { words, conditions } = parseQuery(query, [...channels.keys()]);
  assert.ok(conditions.length && !words.length);
  const fits = conditions.map((one) => meets(one, channels.get(one.column)));
  const n = shared.columns[conditions[0].column].values.length;
  return Array.from({ length: n }, (_, row) => row).filter((row) => fits.every((fit) => fit(row)));
}

for (const { query, rows, error } of shared.cases) {
  test(`a page reads ${query} as the notebook does`, () => {
    if (error === undefined) assert.deepEqual(rowsMeeting(query), rows);
    else assert.throws(() => rowsMeeting(query), (thrown) => thrown.message.includes(error));
  });
}

test("upper and lower case matter where they tell two columns apart", () => {
  assert.deepEqual(parseQuery("Year:1 year:2", ["Year", "year"]).conditions.map((one) => one.column), ["Year", "year"]);
});

test("a filter takes values, numbers, lists and those without a value", () => {
  const passing = (name, filter) => shared.columns[name].values.map((_, row) => row).filter(fitsFilter(filter, channels.get(name)));
  assert.deepEqual(passing("kind", { values: ["Cat", null] }), [0, 3, 4]);
  assert.deepEqual(passing("kind", { values: ["none"] }), [5]);
  assert.deepEqual(passing("dmy", { values: ["none"] }), []);
  assert.deepEqual(passing("stars", { values: ["4", "5"] }), [3, 4]);
  assert.deepEqual(passing("stars", { values: [null] }), [5]);
  assert.deepEqual(passing("stars", { low: 4, high: null }), [3, 4]);
  assert.deepEqual(passing("weight", { low: 1e308, high: null }), [2, 6]);
  assert.deepEqual(passing("id", { values: ["1600000000000000003"] }), [1]);
  assert.deepEqual(passing("id", { low: "1600000000000000001", high: "1600000000000000006" }), [1, 2]);
  assert.deepEqual(passing("labels", { values: ["b"] }), [0, 1]);
  assert.deepEqual(passing("labels", { values: ["ab", null] }), [2, 3, 4]);
  assert.deepEqual(passing("day", { values: [null] }), [5]);
});

test("a cell says what was in the table", () => {
  const said = (name, row) => cellText(channels.get(name), row);
  assert.equal(said("id", 1), "1600000000000000003");
  assert.equal(said("money", 0), "12345678901234567890.10");
  assert.equal(said("money", 3), "-3.00");
  assert.equal(said("id", 3), "");
  assert.equal(said("labels", 0), "a, b");
  assert.equal(said("labels", 3), "");
  assert.equal(said("weight", 2), "∞");
  assert.equal(said("weight", 4), "");
  assert.equal(said("day", 6), "9999-12-31");
});

test("offsets from the least of a column name the exact number again", () => {
  const column = { base: "1600000000000000000", scale: 0 };
  assert.equal(textAt(6, column), "1600000000000000006");
  assert.equal(offsetOf("1600000000000000006", column), 6);
  assert.equal(textAt(0.25, { base: "-105", scale: 2 }), "-0.80");
  assert.equal(offsetOf("-0.8", { base: "-105", scale: 2 }), 0.25);
});
