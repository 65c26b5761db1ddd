import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { dateText, numberText, textAfter } from "../../nomic_explore/view/js/page/cells.ts";
import { findLinks } from "../../nomic_explore/view/js/panels/links.ts";

const cases = JSON.parse(readFileSync(new URL("../data/document_cases.json", import.meta.url), "utf8"));

test("a text does not repeat its title", () => {
  for (const [title, text, rest] of cases.after) assert.equal(textAfter(title, text), rest);
});

test("a number has the digits that say something", () => {
  for (const [value, text] of cases.numbers) assert.equal(numberText(value), text);
});

test("a date has the time of day if it has one", () => {
  for (const [written, text] of cases.dates) assert.equal(dateText(Date.parse(`${written}Z`)), text);
});

const linksOf = (text, column = "note") => findLinks(text, column).filter((part) => part.href).map((part) => [part.text, part.href]);

test("addresses and DOIs are links, and the words around them stay", () => {
  assert.deepEqual(findLinks("see https://example.org/a?q=1&b=2.", "note"), [
    { text: "see " },
    { text: "https://example.org/a?q=1&b=2", href: "https://example.org/a?q=1&b=2" },
    { text: "." },
  ]);
  assert.deepEqual(linksOf("(https://en.wikipedia.org/wiki/Map_(view))"), [["https://en.wikipedia.org/wiki/Map_(view)", "https://en.wikipedia.org/wiki/Map_(view)"]]);
  assert.deepEqual(linksOf("10.1371/journal.pone.0166698"), [["10.1371/journal.pone.0166698", "https://doi.org/10.1371/journal.pone.0166698"]]);
  assert.deepEqual(linksOf("doi:10.1000/a%b"), [["doi:10.1000/a%b", "https://doi.org/10.1000/a%25b"]]);
  assert.deepEqual(linksOf("https://doi.org/10.1000/x"), [["https://doi.org/10.1000/x", "https://doi.org/10.1000/x"]]);
});

test("an id of arXiv is a link in a column of that name alone", () => {
  assert.deepEqual(linksOf("1603.06090", "arxiv_id"), [["1603.06090", "https://arxiv.org/abs/1603.06090"]]);
  assert.deepEqual(linksOf("arXiv:hep-th/9901001v2", "ArXiv"), [["arXiv:hep-th/9901001v2", "https://arxiv.org/abs/hep-th/9901001v2"]]);
  assert.deepEqual(linksOf("1603.06090", "price"), []);
});

test("nothing else becomes a link", () => {
  for (const text of ["javascript:alert(1)", "data:text/html,<script>", "file:///etc/passwd", "ftp://a.b", "1.10.2020/3", "HTTP", "a://b"]) assert.deepEqual(linksOf(text), []);
  assert.deepEqual(findLinks("", "note"), []);
});
