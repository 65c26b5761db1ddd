// @ts-check
/** What can be downloaded from a page: the selected documents, or what was edited. */

/** @param {import("./page_answers.js").PageAnswers} answers @param {string} format "tags" or "csv" */
export function fileOf(answers, format) {
  const file = format === "tags" ? tagsFile(answers) : csvFile(answers);
  const name = `${answers.facts.title.replace(/[^\p{L}\p{N}_.-]+/gu, "-")}-${format === "tags" ? "tags.json" : "selection.csv"}`;
  return { name, file: new TextEncoder().encode(file) };
}

/** @param {import("./page_answers.js").PageAnswers} answers */
function tagsFile({ blocks, edits }) {
  const nameOf = (/** @type {number} */ point) => blocks.ids?.[point] ?? String(blocks.rows[point]);
  const { tags, names, pinned, views } = edits.kept;
  return JSON.stringify({ tags: tags.map((tag) => ({ name: tag.name, color: tag.color, ids: tag.points.map(nameOf) })), names, pinned: pinned.map(nameOf), views }, null, 1);
}

/** @param {import("./page_answers.js").PageAnswers} answers */
function csvFile(answers) {
  const { blocks, channels, edits } = answers;
  const names = [...channels.keys()].filter((name) => name !== "tags");
  const cell = (/** @type {unknown} */ value) => `"${String(value ?? "").replaceAll('"', '""')}"`;
  const lines = [["row", "id", ...names, "tags", "text"].map(cell).join(",")];
  for (const point of answers.chosen(undefined)) {
    const tags = edits.kept.tags.filter((tag) => tag.points.includes(point)).map((tag) => tag.name);
    const values = names.map((name) => {
      const { codes, values: numbers, legend } = /** @type {any} */ (channels.get(name));
      return numbers ? (Number.isFinite(numbers[point]) ? (legend.kind === "dates" ? new Date(numbers[point]).toISOString() : numbers[point]) : "") : codes[point] ? legend.names[codes[point] - 1] : "";
    });
    lines.push([blocks.rows[point], blocks.ids?.[point] ?? "", ...values, tags.join("; "), answers.textOf(point)].map(cell).join(","));
  }
  return `${lines.join("\r\n")}\r\n`;
}
