import { messages } from "../messages.ts";
import { pointsOf } from "../bitmask.ts";
import { shorten } from "../dom.ts";
import { asNumbers } from "../view_state.ts";
import { readable, type InputColumn } from "./documents.ts";
import { asFile, csvOf, safeName } from "./files.ts";
import type { PageAnswers } from "./handlers.ts";
import type { ExportResponse, ExportTableRequest, TableColumn, TableRequest, TableResponse } from "../protocol.ts";

const PAGE_SIZE = 100;
const MAX_CELL = 160;
const FOUND = ["topic_assignment", "topic_strength", "duplicate_role"];

type DocumentList = Pick<TableRequest, "of" | "sort" | "isDescending" | "box">;
type Value = number | bigint;
type Column = TableColumn & { cell: (point: number) => string; value?: (point: number) => Value };

/** A page of the table; the same columns and order as `requests/table.py`, of what the page holds. */
export function tablePage(answers: PageAnswers, request: TableRequest): TableResponse {
  const columns = columnsOf(answers);
  const points = listed(answers, request, columns);
  const shown = request.columns.map((key) => columns.find((column) => column.key === key)).filter((column) => column !== undefined);
  const lines = points.slice(request.start, request.start + PAGE_SIZE).map((point) => ({
    point,
    row: answers.blocks.rows[point],
    cells: shown.map(({ cell }) => shorten(cell(point).trim().slice(0, 4 * MAX_CELL).replace(/\s+/gu, " "), MAX_CELL)),
  }));
  return { total: points.length, columns: columns.map(({ key, name, kind, isDetail }) => ({ key, name, kind, isDetail })), lines };
}

/** All documents that are listed, as a CSV file. */
export function exportTable(answers: PageAnswers, request: ExportTableRequest): ExportResponse {
  const points = listed(answers, request, columnsOf(answers));
  return { name: `${safeName(answers)}-${points.length}.csv`, file: asFile(csvOf(answers, points)) };
}

function columnsOf(answers: PageAnswers): Column[] {
  const { blocks, documents, channels } = answers;
  const own = (name: string, kind: string, cell: Column["cell"], value?: Column["value"]) => ({ key: `#${name}`, name, kind, isDetail: false, cell, value });
  const first = [
    own("row", "number", (point) => String(blocks.rows[point]), (point) => blocks.rows[point]),
    ...(documents.hasTitles ? [own("title", "text", (point) => documents.title(point))] : []),
    own("text", "text", (point) => documents.rest(point)),
    own("topic", "text", (point) => answers.finest(point)),
  ];
  const given = documents.columns.map((column) => inputColumn(answers, column));
  const found = FOUND.filter((name) => channels.has(name) && !documents.inputs.some(({ channel }) => channel === name)).map((name) => {
    const channel = channels.get(name)!;
    const { values } = channel;
    return own(name, values ? "number" : "text", (point) => readable(channel, point), values && ((point) => values[point]));
  });
  const tags = answers.edits.kept.tags.map(({ name, points }) => ({ name, points: new Set(points) }));
  const tagsOf = (point: number) => tags.filter(({ points }) => points.has(point)).map(({ name }) => name);
  const details = [own("id", "text", (point) => blocks.ids?.[point] ?? ""), own("tags", "list", (point) => tagsOf(point).join(", ")), ...found];
  return [...first, ...given, ...details.map((column) => ({ ...column, isDetail: true }))];
}

function inputColumn({ channels, documents }: PageAnswers, column: InputColumn): Column {
  const channel = channels.get(column.channel);
  const values = channel && !channel.exact ? channel.values : undefined;
  const exact = channel?.exact;
  const valueOf: Column["value"] = exact ? (point: number) => (exact.written[point] ? BigInt(exact.written[point]) : NaN) : values && ((point: number) => values[point]);
  const cell = (point: number) => documents.values(column, point).join(", ");
  return { key: column.name, name: column.name, kind: column.kind, isDetail: false, cell, value: valueOf };
}

/** The points that are listed, in order. */
function listed(answers: PageAnswers, request: DocumentList, columns: Column[]): number[] {
  const points = chosen(answers, request);
  if (!request.sort) return points;
  const column = columns.find(({ key }) => key === request.sort);
  if (!column) throw new Error(messages.frame.notInPage(request.sort, columns.map(({ key }) => key)));
  return sorted(points, column, request.isDescending ? -1 : 1);
}

/** Regardless of case; equal ones stay as they are, those without a value come last. */
function sorted(points: number[], { value, cell }: Column, sign: number): number[] {
  const keys = new Map(points.map((point) => [point, value ? value(point) : cell(point).trim().slice(0, MAX_CELL).toLowerCase()]));
  const isMissing = (key: string | Value) => key === "" || Number.isNaN(key as number);
  return points.sort((a, b) => {
    const [left, right] = [keys.get(a)!, keys.get(b)!];
    if (isMissing(left) || isMissing(right)) return Number(isMissing(left)) - Number(isMissing(right));
    return left === right ? 0 : left < right ? -sign : sign;
  });
}

function chosen({ model, n, blocks }: PageAnswers, { of, box }: DocumentList): number[] {
  const inRowOrder = (points: number[]) => points.sort((a, b) => blocks.rows[a] - blocks.rows[b]);
  if (of === "highlighted") return [...asNumbers(model.get("hits"), Uint32Array)];
  if (of === "selected") return inRowOrder([...pointsOf(asNumbers(model.get("selected"), Uint8Array))]);
  const out = new Set(pointsOf(asNumbers(model.get("filtered"), Uint8Array)));
  const positions = asNumbers(model.get("positions"), Float32Array);
  const [left, bottom, right, top] = box ?? [-Infinity, -Infinity, Infinity, Infinity];
  const isInside = (point: number) => {
    const [x, y] = [positions[2 * point], positions[2 * point + 1]];
    return x >= left && x <= right && y >= bottom && y <= top && !out.has(point);
  };
  return inRowOrder(Array.from({ length: n }, (_, point) => point).filter(isInside));
}
