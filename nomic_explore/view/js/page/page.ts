import { element, textElement } from "../dom.ts";
import { inPointOrder } from "./documents.ts";
import { messages } from "../messages.ts";
import { render } from "../widget.ts";
import { all, block, numbers, unpack, unpackJson } from "./blocks.ts";
import type { MapBlocks, PageBlocks, PageFacts } from "./facts.ts";
import { PageAnswers } from "./handlers.ts";
import { PageModel } from "./model.ts";

const NO_POINT = 2 ** 16 - 1; // in two bytes, which suffice for fewer points

/**
 * The same map and panes in a page of its own: everything they need lies in the page. The map is drawn first; what answers
 * questions is unpacked after it is on the screen.
 */
export async function openPage() {
  const wait = textElement(document.body, "p", "nx-wait", messages.frame.opening);
  const facts = (await unpackJson<PageFacts>("facts")) as PageFacts;
  const first = Math.max(0, facts.channels.findIndex((one) => one.legend.column === "topic"));
  const mapBlocks = await unpackMap(first);
  const model = makeModel(facts, mapBlocks, first);
  const answers = onScreen().then(() => unpackAnswers(facts, mapBlocks, model));
  model.answers = answers;
  model.on("change:color_by", async () => (await answers).recolor());
  model.on("change:size_by", async () => (await answers).resize());
  model.on("change:filters", async () => (await answers).refilter());
  const host = element(document.body, "div", "nx-page-host");
  wait.remove();
  render({ model, el: host });
  const status = document.querySelector("[data-testid=atlas-said]");
  if (status) status.textContent = [messages.frame.madeBy(facts.model), ...(facts.leftOut.length ? [messages.frame.leftOut(facts.leftOut)] : [])].join(" · ");
  const ready = await answers;
  if (facts.annotations.pinned.length || ready.edits.read()) ready.showEdits();
}

function makeModel(facts: PageFacts, blocks: MapBlocks, first: number): PageModel {
  const positions = Float32Array.from(blocks.places, (value) => value / 32767.5 - 1);
  const { legend } = facts.channels[first];
  const { tags, views } = facts.annotations;
  return new PageModel({
    positions: new DataView(positions.buffer),
    colors: new DataView(blocks.colors.buffer),
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
    abilities: { kernel: false, meaning: false, questions: false, copies: block("groups") !== "", like: block("neighbors") !== "" },
  });
}

/** Waits until the browser has painted what is there. */
function onScreen(): Promise<void> {
  return new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
}

function unpackMap(first: number): Promise<MapBlocks> {
  return all<MapBlocks>({
    places: numbers(Uint16Array, "positions"),
    colors: numbers(Uint16Array, `codes-${first}`),
    density: numbers(Uint8Array, "density"),
    contours: numbers(Float32Array, "contours"),
    starts: numbers(Uint32Array, "starts"),
    labels: unpackJson("labels"),
  });
}

async function unpackAnswers(facts: PageFacts, mapBlocks: MapBlocks, model: PageModel): Promise<PageAnswers> {
  const packedTexts = unpackJson<string[]>("texts");
  const blocks = await unpackRest(facts, mapBlocks);
  const texts = await packedTexts;
  return new PageAnswers(facts, blocks, texts ? inPointOrder(texts, finestOf(blocks)) : [], model);
}

async function unpackRest(facts: PageFacts, mapBlocks: MapBlocks): Promise<PageBlocks> {
  const each = <T>(read: (id: string) => Promise<T>, name: string) => Promise.all(Array.from({ length: facts.channels.length }, (_, at) => read(`${name}-${at}`)));
  const text = async (id: string) => (block(id) ? new TextDecoder().decode(await unpack(id)) : undefined);
  const rows = numbers(Uint32Array, "rows") as Promise<Uint32Array>;
  const blocks = await all<Omit<PageBlocks, keyof MapBlocks>>({
    rows,
    topics: numbers(Int16Array, "topics"),
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
  return { ...mapBlocks, ...blocks, titles: inOrder(blocks.titles), written: blocks.written.map(inOrder) };
}

/** The neighbors of each point, -1 for none; they lie in two bytes where that suffices. */
async function neighborsOf(nPoints: number): Promise<Int32Array | undefined> {
  if (nPoints >= NO_POINT) return numbers(Int32Array, "neighbors");
  const narrow = await numbers(Uint16Array, "neighbors");
  return narrow && Int32Array.from(narrow, (point) => (point === NO_POINT ? -1 : point));
}

/** The finest topic of each point. */
function finestOf({ topics, rows }: Pick<PageBlocks, "topics" | "rows">): Int16Array {
  return topics.subarray(-rows.length);
}
