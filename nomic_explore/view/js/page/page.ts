import { element, textElement } from "../dom.ts";
import { inPointOrder } from "./documents.ts";
import { messages } from "../messages.ts";
import { render } from "../widget.ts";
import type { PageBlocks, PageFacts } from "./facts.ts";
import { PageAnswers } from "./handlers.ts";
import { PageModel } from "./model.ts";

const NO_POINT = 2 ** 16 - 1; // in two bytes, which suffice for fewer points

/** The same map and panes in a page of its own: everything they need lies in the page. */
export async function openPage() {
  const wait = textElement(document.body, "p", "nx-wait", messages.frame.opening);
  const facts = (await unpackJson<PageFacts>("facts")) as PageFacts;
  const packedTexts = unpackJson<string[]>("texts");
  const blocks = await unpackAll(facts);
  const texts = packedTexts.then((found) => found && inPointOrder(found, finestOf(blocks)));
  const positions = Float32Array.from(blocks.places, (value) => value / 32767.5 - 1);
  const first = Math.max(0, facts.channels.findIndex((one) => one.legend.column === "topic"));
  const { legend } = facts.channels[first];
  const { tags, pinned, views } = facts.annotations;
  const model = new PageModel({
    positions: new DataView(positions.buffer),
    colors: new DataView(blocks.codes[first].buffer),
    legend,
    density: new DataView(blocks.density.buffer),
    contours: { points: new DataView(blocks.contours.buffer), starts: new DataView(blocks.starts.buffer) },
    labels: blocks.labels,
    home: facts.home,
    columns: facts.channels.map(({ summary }) => summary),
    color_by: legend.column,
    size_by: "",
    filters: [],
    annotations: { tags: tags.map(({ name, color, points }) => ({ name, color, size: points.length })), pinned: [], views },
    focus: -1,
    morph: 0,
    theme: "auto",
    title: facts.title,
    height: 0,
    panels: true,
    beside: false,
    abilities: { kernel: false, meaning: false, questions: false, copies: blocks.groups !== undefined, like: blocks.neighbors !== undefined },
  });
  const answers = new PageAnswers(facts, blocks, texts, model);
  model.answers = answers;
  const host = element(document.body, "div", "nx-page-host");
  wait.remove();
  render({ model, el: host });
  const status = document.querySelector("[data-testid=atlas-said]");
  if (status) status.textContent = [messages.frame.madeBy(facts.model), ...(facts.leftOut.length ? [messages.frame.leftOut(facts.leftOut)] : [])].join(" · ");
  answers.texts = (await texts) ?? [];
  if (pinned.length || answers.edits.read()) answers.showEdits();
}

async function unpackAll(facts: PageFacts): Promise<PageBlocks> {
  const each = <T>(read: (id: string) => Promise<T>, name: string) => Promise.all(Array.from({ length: facts.channels.length }, (_, at) => read(`${name}-${at}`)));
  const text = async (id: string) => (block(id) ? new TextDecoder().decode(await unpack(id)) : undefined);
  const rows = numbers(Uint32Array, "rows") as Promise<Uint32Array>;
  const blocks = await all<PageBlocks>({
    places: numbers(Uint16Array, "positions"),
    density: numbers(Uint8Array, "density"),
    contours: numbers(Float32Array, "contours"),
    starts: numbers(Uint32Array, "starts"),
    rows,
    topics: numbers(Int16Array, "topics"),
    labels: unpackJson("labels"),
    cards: unpackJson("cards"),
    alike: numbers(Int8Array, "alike"),
    groups: numbers(Int32Array, "groups"),
    roles: numbers(Uint8Array, "roles"),
    kinds: numbers(Uint8Array, "kinds"),
    neighbors: rows.then((found) => neighborsOf(found.length)),
    similarities: numbers(Uint8Array, "similarities"),
    ids: unpackJson("ids"),
    codes: each((id) => numbers(Uint16Array, id), "codes"),
    values: each((id) => numbers(Float64Array, id), "values"),
    lengths: each((id) => numbers(Uint16Array, id), "lengths"),
    members: each((id) => numbers(Uint16Array, id), "members"),
    exact: each(text, "exact"),
    titles: unpackJson("titles"),
    written: Promise.all(facts.inputs.filter(({ written }) => written >= 0).map(({ written }) => unpackJson(`written-${written}`))),
    duplicateSimilarities: numbers(Uint16Array, "duplicate-similarities"),
  });
  const inOrder = <T>(values: T[] | undefined) => values && inPointOrder(values, finestOf(blocks));
  return { ...blocks, titles: inOrder(blocks.titles), written: blocks.written.map(inOrder) };
}

/** The neighbors of each point, -1 for none; they lie in two bytes where that suffices. */
async function neighborsOf(nPoints: number): Promise<Int32Array | undefined> {
  if (nPoints >= NO_POINT) return numbers(Int32Array, "neighbors");
  const narrow = await numbers(Uint16Array, "neighbors");
  return narrow && Int32Array.from(narrow, (point) => (point === NO_POINT ? -1 : point));
}

/** The finest topic of each point. */
function finestOf({ topics, rows }: PageBlocks): Int16Array {
  return topics.subarray(-rows.length);
}

/** Waits for all values of an object; those that a page may lack are undefined then. */
async function all<T extends object>(coming: { [Name in keyof T]-?: Promise<T[Name] | unknown> }): Promise<T> {
  const names = Object.keys(coming) as (keyof T)[];
  const values = await Promise.all(names.map((name) => coming[name]));
  return Object.fromEntries(names.map((name, at) => [name, values[at]])) as T;
}

async function numbers<T>(Kind: { new (buffer: ArrayBuffer): T }, id: string): Promise<T | undefined> {
  return block(id) ? new Kind(await unpack(id)) : undefined;
}

async function unpackJson<T>(id: string): Promise<T | undefined> {
  return block(id) ? JSON.parse(new TextDecoder().decode(await unpack(id))) : undefined;
}

function block(id: string): string {
  return document.getElementById(`nx-${id}`)?.textContent ?? "";
}

/** Decodes a block of gzipped base64. */
async function unpack(id: string): Promise<ArrayBuffer> {
  const bytes = fromBase64(block(id).trim());
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

function fromBase64(written: string): Uint8Array<ArrayBuffer> {
  const native = (Uint8Array as { fromBase64?: (written: string) => Uint8Array<ArrayBuffer> }).fromBase64;
  return native ? native.call(Uint8Array, written) : Uint8Array.from(atob(written), (letter) => letter.charCodeAt(0));
}
