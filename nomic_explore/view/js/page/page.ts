import type { ColumnSummary } from "../protocol.ts";
import { element, textElement } from "../dom.ts";
import { PageAnswers } from "./handlers.ts";
import { PageModel } from "./model.ts";
import { messages } from "../messages.ts";
import { render } from "../widget.ts";

/** The same map and panes in a page of its own: everything they need lies in the page. */
export async function openPage() {
  const facts = JSON.parse(block("nx-facts"));
  const wait = textElement(document.body, "p", "nx-wait", messages.frame.opening);
  const texts = block("nx-texts") ? unpack("texts").then((buffer) => JSON.parse(new TextDecoder().decode(buffer))) : Promise.resolve(undefined);
  const blocks = await unpackAll(facts);
  const positions = Float32Array.from(blocks.places as Uint16Array, (value) => value / 32767.5 - 1);
  const first = facts.channels.find((one: any) => one.legend.column === "topic") ?? facts.channels[0];
  const { tags, pinned, views } = facts.annotations;
  const model = new PageModel({
    positions: new DataView(positions.buffer),
    colors: new DataView(blocks.codes[facts.channels.indexOf(first)].buffer),
    legend: first.legend,
    density: new DataView(blocks.density.buffer),
    contours: { points: new DataView(blocks.contours.buffer), starts: new DataView(blocks.starts.buffer) },
    labels: facts.labels,
    columns: facts.channels.map(({ summary }: { summary: ColumnSummary }) => summary),
    color_by: first.legend.column,
    size_by: "",
    filters: [],
    annotations: { tags, pinned: [], views },
    focus: -1,
    morph: 0,
    theme: "auto",
    title: facts.title,
    height: 0,
    panels: true,
    abilities: { kernel: false, meaning: false, questions: false, copies: blocks.groups !== undefined },
  });
  const answers = new PageAnswers(facts, blocks, texts, model);
  model.answers = answers;
  const host = element(document.body, "div", "nx-page-host");
  wait.remove();
  render({ model, el: host });
  const told = [facts.subtitle, ...(facts.leftOut.length ? [`left out to keep the file small: ${facts.leftOut.join("; ")}`] : [])];
  const said = document.querySelector("[data-testid=atlas-said]");
  if (said) said.textContent = told.join(" · ");
  answers.texts = (await texts) ?? [];
  if (pinned.length || answers.edits.read()) answers.showEdits();
}

async function unpackAll(facts: any): Promise<Record<string, any>> {
  const numbers: (id: string, Kind: any) => Promise<any> = async (id, Kind) => (block(`nx-${id}`) ? new Kind(await unpack(id)) : undefined);
  const each = (name: string, Kind: any) => Promise.all(facts.channels.map((_: any, at: number) => numbers(`${name}-${at}`, Kind)));
  const named = {
    places: numbers("positions", Uint16Array),
    density: numbers("density", Uint8Array),
    contours: numbers("contours", Float32Array),
    starts: numbers("starts", Uint32Array),
    rows: numbers("rows", Uint32Array),
    topics: numbers("topics", Int16Array),
    groups: numbers("groups", Int32Array),
    roles: numbers("roles", Uint8Array),
    kinds: numbers("kinds", Uint8Array),
    neighbors: numbers("neighbors", Int32Array),
    similarities: numbers("similarities", Uint8Array),
    codes: each("codes", Uint16Array),
    values: each("values", Float64Array),
    lengths: each("lengths", Uint16Array),
    members: each("members", Uint16Array),
    exact: Promise.all(facts.channels.map((_: any, at: number) => (block(`nx-exact-${at}`) ? unpack(`exact-${at}`).then((buffer) => new TextDecoder().decode(buffer)) : undefined))),
    ids: block("nx-ids") ? unpack("ids").then((buffer) => JSON.parse(new TextDecoder().decode(buffer))) : undefined,
  };
  const found = await Promise.all(Object.values(named));
  return Object.fromEntries(Object.keys(named).map((name, at) => [name, found[at]]));
}

function block(id: string): string {
  return document.getElementById(id)?.textContent ?? "";
}

/** Decodes a block of gzipped base64. */
async function unpack(id: string): Promise<ArrayBuffer> {
  const written = block(`nx-${id}`).trim();
  const packed = (Uint8Array as any).fromBase64?.(written) ?? fromBase64(written);
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

function fromBase64(written: string) {
  const text = atob(written);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
