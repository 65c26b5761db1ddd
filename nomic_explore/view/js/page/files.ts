import { cellText, listed } from "./columns.ts";
import type { PageAnswers } from "./handlers.ts";

/** What can be downloaded from a page: the selected documents, or what was edited. */

/** @param format "tags" or "csv" */
export function fileOf(answers: PageAnswers, format: string) {
  const file = format === "tags" ? tagsFile(answers) : csvOf(answers, answers.chosen(undefined));
  const name = `${safeName(answers)}-${format === "tags" ? "tags.json" : "selection.csv"}`;
  return { name, file: new TextEncoder().encode(file) };
}

/** The name of the map as it can stand in the name of a file. */
export function safeName({ facts }: PageAnswers): string {
  return facts.title.replace(/[^\p{L}\p{N}_.-]+/gu, "-");
}

function tagsFile({ blocks, edits }: PageAnswers) {
  const nameOf = (point: number) => blocks.ids?.[point] ?? String(blocks.rows[point]);
  const { tags, names, pinned, views } = edits.kept;
  return JSON.stringify({ tags: tags.map((tag) => ({ name: tag.name, color: tag.color, ids: tag.points.map(nameOf) })), names, pinned: pinned.map(nameOf), views }, null, 1);
}

/** Some documents with all that the page holds of them, as CSV. */
export function csvOf(answers: PageAnswers, points: Iterable<number>) {
  const { blocks, channels, edits, documents } = answers;
  const written = documents.columns.filter(({ channel }) => !channel);
  const names = [...channels.keys()].filter((name) => name !== "tags");
  const input = answers.facts.hasTagColumn ? channels.get("tags") : undefined;
  const write = (value: number, kind: string) => (kind === "dates" ? dateText(value) : String(value));
  const cell = (value: unknown) => `"${String(value ?? "").replaceAll('"', '""')}"`;
  const lines = [["row", "id", ...names, ...written.map(({ name }) => name), "tags", "text"].map(cell).join(",")];
  for (const point of points) {
    const own = edits.kept.tags.filter((tag) => tag.points.includes(point)).map((tag) => tag.name);
    const tags = new Set([...own, ...(input ? listed(input, point) : [])]);
    const values = names.map((name) => cellText((channels.get(name) as any), point, write));
    lines.push([blocks.rows[point], blocks.ids?.[point] ?? "", ...values, ...written.map((column) => documents.values(column, point).join(", ")), [...tags].join("; "), answers.textOf(point)].map(cell).join(","));
  }
  return `${lines.join("\r\n")}\r\n`;
}

/** A date, with the time of day if there is one. @param value milliseconds since 1970 */
function dateText(value: number) {
  return new Date(value).toISOString().replace(/(T00:00:00)?(\.000)?Z$/u, "");
}
