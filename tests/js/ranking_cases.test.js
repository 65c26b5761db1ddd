import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { WordIndex } from "../../nomic_explore/view/js/page/search/ranking.ts";
import { cutSnippet } from "../../nomic_explore/view/js/page/search/snippet.ts";
import { markWords } from "../../nomic_explore/view/js/panels/marked_text.ts";
import { countStrong, strengthsOf } from "../../nomic_explore/view/js/panels/strong_hits.ts";
import { englishStem } from "../../nomic_explore/view/js/words.ts";

const shared = JSON.parse(readFileSync(new URL("../data/ranking_cases.json", import.meta.url), "utf8"));
const index = await WordIndex.read(shared.texts);
const marked = (text, words) => markWords(text, words).map((part) => (part.isMarked ? `[${part.text}]` : part.text)).join("");

for (const { query, scores, n_with_all } of shared.searches) {
  test(`a page ranks “${query}” as the notebook does`, () => {
    const found = index.rank(query);
    assert.deepEqual(found.points.map(String).sort(), Object.keys(scores).sort());
    found.points.forEach((point, at) => assert.ok(Math.abs(found.scores[at] - scores[point]) < 2e-3, `${point}: ${found.scores[at]}`));
    assert.deepEqual(found.scores, found.scores.toSorted((a, b) => b - a));
    assert.equal(found.nWithAll, n_with_all);
  });
}

test("words have the stems that Snowball gives them", () => {
  for (const [word, stem] of Object.entries(shared.stems)) assert.equal(englishStem(word), stem, word);
});

for (const { text, words, length, snippet } of shared.snippets) {
  test(`a page cuts “${text.slice(0, 12)}” as the notebook does`, () => assert.equal(cutSnippet(text, words, length), snippet));
}

test("identical texts are one document, of which the first is found", async () => {
  const twins = await WordIndex.read(["a red cat", "a red cat", "a dog", ""]);
  assert.deepEqual(twins.rank("cat").points, [0]);
  assert.deepEqual(twins.rank("dog cat", (point) => point === 2).points, [2]);
  assert.equal(twins.rank("").nWithAll, 0);
});

test("Chinese is found by its words", async () => {
  assert.deepEqual((await WordIndex.read(["我喜欢猫", "我喜欢狗", "a cat"])).rank("猫").points, [0]);
});

test("words are marked in all their forms, and nothing else is", () => {
  assert.equal(marked("The owl’s nest: two Owls.", ["owls"]), "The [owl’s] nest: two [Owls].");
  assert.equal(marked("Café, état and cafés", ["cafe"]), "[Café], état and [cafés]");
  assert.equal(marked("the end of the day", ["end", "of", "the"]), "the [end] of the day");
  assert.equal(marked("to be or not", ["to", "be"]), "[to] [be] or not");
  assert.equal(marked("<b>bold</b>", []), "<b>bold</b>");
  assert.equal(marked("", ["x"]), "");
});

test("hits are cut where the scores stop falling steeply", () => {
  const steep = [...Array.from({ length: 42 }, (_, at) => 1 - at * 0.002), ...Array.from({ length: 158 }, (_, at) => 0.3 - at * 0.0005)];
  assert.equal(countStrong(steep), 42);
  assert.equal(countStrong(Array.from({ length: 100 }, (_, at) => 1 - at / 100)), 100);
  assert.equal(countStrong(Array(100).fill(0.5)), 100);
  assert.equal(countStrong([9, 1, 1]), 3);
  assert.equal(countStrong([9, ...Array(199).fill(1)]), 5);
  assert.deepEqual([...strengthsOf([1, 0.5, 0])], [255, 128, 0]);
  assert.deepEqual([...strengthsOf([2, 2])], [255, 255]);
  assert.equal(countStrong([]), 0);
});
