import assert from "node:assert/strict";
import test from "node:test";
import { countPassing } from "../../nomic_explore/view/js/page/columns.ts";
import { filterOfSpan, placeOf, snapped, spanOfFilter, valueAt } from "../../nomic_explore/view/js/panels/charts/axis.ts";
import { filterText } from "../../nomic_explore/view/js/panels/filter_text.ts";

const day = (written) => Date.parse(written);
const bars = (edges, more = {}) => ({ edges, counts: edges.slice(1).map(() => 1), ticks: [], beyond: 0, isWhole: false, isLog: false, ...more });
const years = { name: "year", kind: "numbers", title: "year", bars: bars([1999.5, 2000.5, 2001.5, 2002.5, 2003.5], { isWhole: true }) };
const months = { name: "day", kind: "dates", title: "day", bars: bars(["2020-01-01", "2020-02-01", "2020-03-01", "2020-04-01"].map(day)) };
const prices = { name: "price", kind: "numbers", title: "price", bars: bars([1, 10, 100, 1000], { isLog: true }) };
const ids = { name: "id", kind: "numbers", title: "id", base: "1600000000000000000", scale: 0, bars: bars([0, 10, 20]) };

test("a place on an axis and its value belong to each other, also where bars differ in width", () => {
  for (const [place, value] of [[0, 1], [1 / 3, 10], [0.5, 55], [1, 1000]]) {
    assert.ok(Math.abs(valueAt(prices.bars.edges, place) - value) < 1e-9);
    assert.ok(Math.abs(placeOf(prices.bars.edges, value) - place) < 1e-9);
  }
  assert.deepEqual([-5, 2000, NaN].map((value) => placeOf(prices.bars.edges, value)), [0, 1, 0]);
  assert.equal(valueAt([-1.7e308, 1.7e308], 0.5), 0);
});

test("a brush over years or dates takes whole ones, over prices any part", () => {
  assert.deepEqual(snapped([0.3, 0.7], years), [0.25, 0.75]);
  assert.deepEqual(snapped([0.51, 0.52], years), [0.5, 0.75]);
  assert.deepEqual(snapped([0.99, 1], years), [0.75, 1]);
  assert.deepEqual(snapped([0.31, 0.72], prices), [0.31, 0.72]);
  assert.deepEqual(filterOfSpan([0.25, 0.75], years), { low: 2001, high: 2002 });
  assert.deepEqual(filterOfSpan([0, 2 / 3], months), { low: day("2020-01-01"), high: day("2020-03-01") - 1 });
  assert.deepEqual(filterOfSpan([0, 0.5], prices), { low: 1, high: 55 });
  assert.deepEqual(filterOfSpan([0.02, 0.5], ids), { low: "1600000000000000001", high: "1600000000000000010" });
});

test("a filter stands where it was brushed", () => {
  for (const [column, span] of [[years, [0.25, 0.75]], [months, [1 / 3, 1]], [prices, [0, 0.5]], [ids, [0.05, 0.5]]]) {
    const shown = spanOfFilter({ column: column.name, ...filterOfSpan(span, column) }, column);
    shown.forEach((place, at) => assert.ok(Math.abs(place - span[at]) < 1e-9, `${column.name} ${shown}`));
  }
  assert.deepEqual(spanOfFilter({ column: "year", low: 2002, high: null }, years), [0.5, 1]);
  assert.equal(spanOfFilter({ column: "year", values: ["2002"] }, years), undefined);
  assert.equal(spanOfFilter(undefined, years), undefined);
});

test("a chip says what its filter lets through, as short as it can", () => {
  const cases = [
    [{ values: ["numpy", "scipy"] }, "categories", "numpy, scipy"],
    [{ values: [null] }, "categories", "no value"],
    [{ values: ["a", "b", "c", "d"] }, "categories", "a, b and 2 more"],
    [{ values: ["2015", "2016", "2017"] }, "numbers", "2015–2017"],
    [{ low: 2015, high: 2019 }, "numbers", "2015–2019"],
    [{ low: 4, high: null }, "numbers", "from 4"],
    [{ low: null, high: 60 }, "numbers", "up to 60"],
    [{ low: 7, high: 7 }, "numbers", "7"],
    [{ low: -3, high: 5 }, "numbers", "-3 to 5"],
    [{ low: "1600000000000000003", high: null }, "numbers", "from 1600000000000000003"],
    [{ low: day("2015-01-01"), high: day("2020-01-01") - 1 }, "dates", "2015–2019"],
    [{ low: day("2015-03-01"), high: day("2015-04-01") - 1 }, "dates", "2015-03"],
    [{ low: day("2015-03-02"), high: day("2015-04-05") - 1 }, "dates", "2015-03-02 to 2015-04-04"],
    [{ low: day("2015-01-01"), high: null }, "dates", "from 2015"],
  ];
  for (const [filter, kind, expected] of cases) assert.equal(filterText({ column: "x", ...filter }, kind), expected);
});

test("a page counts values and bars of what passes the filters of the other columns", () => {
  const year = { legend: { kind: "numbers", names: [] }, codes: Uint16Array.from([1, 2, 3, 4, 0]), values: Float64Array.from([2000, 2001, 2002, 2003, NaN]), summary: years };
  const kind = { legend: { kind: "categories", names: ["a", "b"] }, codes: Uint16Array.from([1, 2, 1, 0, 1]), summary: { values: [{}, {}] } };
  const tags = { legend: { kind: "lists", names: ["t", "u"] }, codes: Uint16Array.from([1, 1, 0, 2, 0]), starts: Uint32Array.from([0, 1, 3, 3, 4, 4]), members: Uint16Array.from([1, 1, 2, 2]), summary: { values: [{}, {}] } };
  const channels = new Map(Object.entries({ year, kind, tags }));
  const counts = (filters, points = 5) => [...countPassing({ filters, columns: ["year", "kind", "tags"] }, channels, points)];
  assert.deepEqual(counts([]), [1, 1, 1, 1, 1, 1, 3, 1, 2, 2, 2]);
  const filters = [{ column: "kind", values: ["a"] }, { column: "year", low: 2001, high: null }];
  assert.deepEqual(counts(filters), [1, 1, 0, 1, 0, 1, 1, 1, 1, 0, 0]);
  assert.deepEqual(counts(filters, [0, 2]), [0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 0]);
});
