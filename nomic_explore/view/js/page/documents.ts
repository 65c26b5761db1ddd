import { shorten } from "../dom.ts";
import { cellText, listed, type PageChannel } from "./columns.ts";
import { dateText, numberText, textAfter } from "./cells.ts";
import type { Field } from "../protocol.ts";

/** A column of the input: the name of the channel with its values, or the place among the columns that are written out. */
export type InputColumn = { name: string; kind: string; channel: string; written: number };

/** Titles, or how long they are in their texts, and the cells of the columns that are written out; by point. */
export type DocumentBlocks = { titles?: (string | number)[]; written?: ((string | string[])[] | undefined)[] };

/** What was found out about a document, by channel. */
const FOUND = ["characters", "topic_assignment", "topic_strength", "similarity to neighbors"];
const LINE_LENGTH = 160;

/** Titles, texts and columns of the documents in a page, as the kernel tells them. */
export class PageDocuments {
  readonly inputs: InputColumn[];
  private readonly channels: Map<string, PageChannel>;
  private readonly titles: (string | number)[] | undefined;
  private readonly written: ((string | string[])[] | undefined)[];
  private readonly texts: string[];

  constructor(inputs: InputColumn[], channels: Map<string, PageChannel>, { titles, written }: DocumentBlocks, texts: string[]) {
    this.inputs = inputs;
    this.channels = channels;
    this.titles = titles;
    this.written = written ?? [];
    this.texts = texts;
  }

  get hasTitles() {
    return this.titles !== undefined;
  }

  /** The columns whose cells are in the page; those that were left out to keep it small are not. */
  get columns() {
    return this.inputs.filter(({ channel, written }) => channel || this.written[written]);
  }

  /** The whole text, with the title if it begins with it. */
  text(point: number) {
    return this.texts[point] ?? "";
  }

  title(point: number) {
    const title = this.titles?.[point] ?? "";
    if (typeof title === "string") return title;
    return title < this.text(point).length ? this.text(point).slice(0, title) : ""; // a text that is only a title is a text
  }

  /** The text without the title. */
  rest(point: number) {
    return textAfter(this.title(point), this.text(point));
  }

  line(point: number) {
    return { title: shorten(this.title(point), LINE_LENGTH), text: shorten(this.rest(point).slice(0, 4 * LINE_LENGTH).trim().replace(/\s+/gu, " "), LINE_LENGTH) };
  }

  /** What the columns of the input say besides title and text. */
  fields(point: number): Field[] {
    const fields = this.columns.map((column) => ({ name: column.name, kind: column.kind, values: this.values(column, point) }));
    return fields.filter(({ values }) => values.length && !(values.length === 1 && [this.title(point), this.rest(point), this.text(point)].includes(values[0])));
  }

  details(point: number): Field[] {
    const names = FOUND.filter((name) => this.channels.has(name) && !this.inputs.some((column) => column.channel === name));
    const fields = names.map((name) => ({ name, kind: "text", values: [readable(this.channels.get(name)!, point)].filter(Boolean) }));
    return fields.filter(({ values }) => values.length);
  }

  /** The values of a cell; none if it is empty. */
  values({ channel, written }: InputColumn, point: number): string[] {
    const found = this.channels.get(channel);
    if (found) return found.starts ? listed(found, point) : [readable(found, point)].filter(Boolean);
    const cell = this.written[written]?.[point] ?? [];
    return typeof cell === "string" ? [cell].filter((text) => text.trim()) : cell;
  }
}

/** What a cell says to people. */
export function readable(channel: PageChannel, point: number) {
  return cellText(channel, point, (value, kind) => (kind === "dates" ? dateText(value) : numberText(value)));
}

/** Puts values that stand in the order of the finest topics, no topic first, in the order of the points. */
export function inPointOrder<T>(values: T[], topics: ArrayLike<number>): T[] {
  const places: number[] = [0]; // where the next value of each topic stands; first of those without one
  for (let point = 0; point < values.length; point++) places[topics[point] + 2] = (places[topics[point] + 2] ?? 0) + 1;
  for (let topic = 1; topic < places.length; topic++) places[topic] = (places[topic] ?? 0) + places[topic - 1];
  return Array.from(values.keys(), (point) => values[places[topics[point] + 1]++]);
}
