import { element, textElement } from "../dom.ts";
import { messages } from "../messages.ts";
import { render } from "../widget.ts";
import type { PageBlocks, PageFacts } from "./facts.ts";
import { PageAnswers } from "./handlers.ts";
import { PageModel } from "./model.ts";

/** The same map and panes in a page of its own: everything they need lies in the page. */
export async function openPage() {
  const facts: PageFacts = JSON.parse(block("facts"));
  const wait = textElement(document.body, "p", "nx-wait", messages.frame.opening);
  const texts = unpackJson<string[]>("texts");
  const blocks = await unpackAll(facts.channels.length);
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
    columns: facts.channels.map((one) => ({ name: one.legend.column, kind: one.legend.kind })),
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

async function unpackAll(nChannels: number): Promise<PageBlocks> {
  const each = <T>(read: (id: string) => Promise<T>, name: string) => Promise.all(Array.from({ length: nChannels }, (_, at) => read(`${name}-${at}`)));
  const text = async (id: string) => (block(id) ? new TextDecoder().decode(await unpack(id)) : undefined);
  return all<PageBlocks>({
    places: numbers(Uint16Array, "positions"),
    density: numbers(Uint8Array, "density"),
    contours: numbers(Float32Array, "contours"),
    starts: numbers(Uint32Array, "starts"),
    rows: numbers(Uint32Array, "rows"),
    topics: numbers(Int16Array, "topics"),
    labels: unpackJson("labels"),
    cards: unpackJson("cards"),
    alike: numbers(Int8Array, "alike"),
    groups: numbers(Int32Array, "groups"),
    roles: numbers(Uint8Array, "roles"),
    kinds: numbers(Uint8Array, "kinds"),
    neighbors: numbers(Int32Array, "neighbors"),
    similarities: numbers(Uint8Array, "similarities"),
    ids: unpackJson("ids"),
    codes: each((id) => numbers(Uint16Array, id), "codes"),
    values: each((id) => numbers(Float64Array, id), "values"),
    lengths: each((id) => numbers(Uint16Array, id), "lengths"),
    members: each((id) => numbers(Uint16Array, id), "members"),
    exact: each(text, "exact"),
  });
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
