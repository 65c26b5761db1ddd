// @ts-check
import { element, words } from "./dom.js";
import { PageAnswers } from "./page_answers.js";
import { PageModel } from "./page_model.js";
import { render } from "./widget.js";

/** The same map and panes in a page of its own: everything they need lies in the page. */
export async function openPage() {
  const facts = JSON.parse(block("nx-facts"));
  const wait = words(document.body, "p", "nx-wait", "opening …");
  const texts = block("nx-texts") ? unpack("texts").then((buffer) => JSON.parse(new TextDecoder().decode(buffer))) : Promise.resolve(undefined);
  const blocks = await unpackAll(facts);
  const positions = Float32Array.from(blocks.places, (value) => value / 32767.5 - 1);
  const first = facts.channels.find((/** @type {any} */ one) => one.legend.column === "topic") ?? facts.channels[0];
  const { tags, pinned, views } = facts.annotations;
  const model = new PageModel({
    positions: new DataView(positions.buffer),
    colors: new DataView(blocks.codes[facts.channels.indexOf(first)].buffer),
    legend: first.legend,
    density: new DataView(blocks.density.buffer),
    contours: { points: new DataView(blocks.contours.buffer), starts: new DataView(blocks.starts.buffer) },
    labels: facts.labels,
    columns: facts.channels.map((/** @type {any} */ one) => ({ name: one.legend.column, kind: one.legend.kind })),
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

/** @param {any} facts @returns {Promise<Record<string, any>>} */
async function unpackAll(facts) {
  /** @type {(id: string, Kind: any) => Promise<any>} */
  const numbers = async (id, Kind) => (block(`nx-${id}`) ? new Kind(await unpack(id)) : undefined);
  const each = (/** @type {string} */ name, /** @type {any} */ Kind) => Promise.all(facts.channels.map((/** @type {any} */ _, /** @type {number} */ at) => numbers(`${name}-${at}`, Kind)));
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
    exact: Promise.all(facts.channels.map((/** @type {any} */ _, /** @type {number} */ at) => (block(`nx-exact-${at}`) ? unpack(`exact-${at}`).then((buffer) => new TextDecoder().decode(buffer)) : undefined))),
    ids: block("nx-ids") ? unpack("ids").then((buffer) => JSON.parse(new TextDecoder().decode(buffer))) : undefined,
  };
  const found = await Promise.all(Object.values(named));
  return Object.fromEntries(Object.keys(named).map((name, at) => [name, found[at]]));
}

/** @param {string} id @returns {string} */
function block(id) {
  return document.getElementById(id)?.textContent ?? "";
}

/** Decodes a block of gzipped base64. @param {string} id @returns {Promise<ArrayBuffer>} */
async function unpack(id) {
  const written = block(`nx-${id}`).trim();
  const packed = /** @type {any} */ (Uint8Array).fromBase64?.(written) ?? fromBase64(written);
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

/** @param {string} written */
function fromBase64(written) {
  const text = atob(written);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < bytes.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}
