/** What can be downloaded from a page: the selected documents, or what was edited. */
import type { ExportRequest, ExportResponse } from "../protocol.ts";
import { cellText, listed } from "./columns.ts";
import { keptFile } from "./duplicates.ts";
import type { PageAnswers } from "./handlers.ts";

const FILES: Record<string, { ending: string; make: (answers: PageAnswers) => string }> = {
  tags: { ending: "tags.json", make: tagsFile },
  csv: { ending: "selection.csv", make: (answers) => csvOf(answers, answers.chosen(undefined)) },
  kept: { ending: "kept.csv", make: keptFile },
};

/** The file of a format: "tags", "csv" or "kept". */
export function fileOf(answers: PageAnswers, { format }: ExportRequest): ExportResponse {
  const { ending, make } = FILES[format];
  return { name: `${safeName(answers)}-${ending}`, file: asFile(make(answers)) };
}

export function asFile(text: string): DataView<ArrayBuffer> {
  return new DataView(new TextEncoder().encode(text).buffer);
}

/** The name of the map as it can stand in the name of a file. */
export function safeName({ facts }: PageAnswers): string {
  return facts.title.replace(/[^\p{L}\p{N}_.-]+/gu, "-");
}

function tagsFile({ blocks, edits }: PageAnswers): string {
  const nameOf = (point: number) => blocks.ids?.[point] ?? String(blocks.rows[point]);
  const { tags, names, pinned, views } = edits.kept;
  return JSON.stringify({ tags: tags.map((tag) => ({ name: tag.name, color: tag.color, ids: tag.points.map(nameOf) })), names, pinned: pinned.map(nameOf), views }, null, 1);
}

/** Some documents with all that the page holds of them, as CSV. */
export function csvOf(answers: PageAnswers, points: Iterable<number>): string {
  const { blocks, edits, documents } = answers;
  const written = documents.columns.filter(({ channel }) => !channel);
  const columns = [...answers.channels].filter(([name]) => name !== "tags");
  const input = answers.facts.hasTagColumn ? answers.channels.get("tags") : undefined;
  const write = (value: number, kind: string) => (kind === "dates" ? dateText(value) : String(value));
  const cell = (value: string | number) => `"${String(value).replaceAll('"', '""')}"`;
  const lines = [["row", "id", ...columns.map(([name]) => name), ...written.map(({ name }) => name), "tags", "text"].map(cell).join(",")];
  for (const point of points) {
    const own = edits.kept.tags.filter((tag) => tag.points.includes(point)).map((tag) => tag.name);
    const tags = new Set([...own, ...(input ? listed(input, point) : [])]);
    const values = columns.map(([, channel]) => cellText(channel, point, write));
    const cells = written.map((column) => documents.values(column, point).join(", "));
    lines.push([blocks.rows[point], blocks.ids?.[point] ?? "", ...values, ...cells, [...tags].join("; "), answers.textOf(point)].map(cell).join(","));
  }
  return `${lines.join("\r\n")}\r\n`;
}

/** A date, with the time of day if there is one. @param value milliseconds since 1970 */
function dateText(value: number): string {
  return new Date(value).toISOString().replace(/(T00:00:00)?(\.000)?Z$/u, "");
}
