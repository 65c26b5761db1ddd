import { cellText, listed } from "./columns.ts";
import { keptFile } from "./duplicates.ts";
import type { PageAnswers } from "./handlers.ts";

/** What can be downloaded from a page: the selected documents, or what was edited. */

const FILES: Record<string, { ending: string; make: (answers: PageAnswers) => string }> = {
  tags: { ending: "tags.json", make: tagsFile },
  csv: { ending: "selection.csv", make: csvFile },
  kept: { ending: "kept.csv", make: keptFile },
};

/** @param format "tags", "csv" or "kept" */
export function fileOf(answers: PageAnswers, format: string) {
  const { ending, make } = FILES[format];
  const file = make(answers);
  const name = `${answers.facts.title.replace(/[^\p{L}\p{N}_.-]+/gu, "-")}-${ending}`;
  return { name, file: new TextEncoder().encode(file) };
}

function tagsFile({ blocks, edits }: PageAnswers) {
  const nameOf = (point: number) => blocks.ids?.[point] ?? String(blocks.rows[point]);
  const { tags, names, pinned, views } = edits.kept;
  return JSON.stringify({ tags: tags.map((tag) => ({ name: tag.name, color: tag.color, ids: tag.points.map(nameOf) })), names, pinned: pinned.map(nameOf), views }, null, 1);
}

function csvFile(answers: PageAnswers) {
  const { blocks, channels, edits } = answers;
  const names = [...channels.keys()].filter((name) => name !== "tags");
  const input = answers.facts.hasTagColumn ? channels.get("tags") : undefined;
  const write = (value: number, kind: string) => (kind === "dates" ? dateText(value) : String(value));
  const cell = (value: unknown) => `"${String(value ?? "").replaceAll('"', '""')}"`;
  const lines = [["row", "id", ...names, "tags", "text"].map(cell).join(",")];
  for (const point of answers.chosen(undefined)) {
    const own = edits.kept.tags.filter((tag) => tag.points.includes(point)).map((tag) => tag.name);
    const tags = new Set([...own, ...(input ? listed(input, point) : [])]);
    const values = names.map((name) => cellText((channels.get(name) as any), point, write));
    lines.push([blocks.rows[point], blocks.ids?.[point] ?? "", ...values, [...tags].join("; "), answers.textOf(point)].map(cell).join(","));
  }
  return `${lines.join("\r\n")}\r\n`;
}

/** A date, with the time of day if there is one. @param value milliseconds since 1970 */
function dateText(value: number) {
  return new Date(value).toISOString().replace(/(T00:00:00)?(\.000)?Z$/u, "");
}
