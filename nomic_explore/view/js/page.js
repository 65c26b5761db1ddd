// @ts-check
import { AtlasMap, count, element } from "./map.js";

/** The same map in a page of its own: everything it needs lies in the page. */
export async function openPage() {
  const facts = JSON.parse(block("nx-facts"));
  const [positions, colors, texts] = await Promise.all([
    unpack("nx-positions").then((buffer) => new Float32Array(buffer)),
    unpack("nx-colors").then((buffer) => new Uint16Array(buffer)),
    unpack("nx-texts").then((buffer) => JSON.parse(new TextDecoder().decode(buffer))),
  ]);
  const topicOf = new Int32Array(await unpack("nx-topics"));
  const host = document.body;
  const side = element(host, "aside", "nx-side");
  const middle = element(host, "main", "nx-main");
  element(side, "h1", "nx-title").textContent = facts.title;
  element(side, "p", "nx-hint").textContent = facts.subtitle;
  const box = /** @type {HTMLInputElement} */ (element(side, "input", "nx-search", "atlas-search"));
  box.type = "search";
  box.placeholder = "Search words …";
  box.setAttribute("aria-label", "Search words");
  const found = element(side, "div", "nx-found", "atlas-found");
  const list = element(side, "ul", "nx-list", "atlas-hits");
  const reader = element(middle, "section", "nx-reader", "atlas-reader");
  reader.hidden = true;
  const nameOf = (/** @type {number} */ point) => (topicOf[point] >= 0 ? facts.topics[topicOf[point]] : "no topic");
  const map = new AtlasMap(
    middle,
    {
      describe: async (point) => ({ title: nameOf(point), text: shorten(texts[point], 420) }),
      onPick: (point) => read(point),
      onSelect: () => {},
    },
    0,
  );
  map.root.style.height = "100%";
  map.setData({ positions, colors, palettes: facts.palettes, labels: facts.labels });

  function read(/** @type {number} */ point) {
    reader.replaceChildren();
    element(reader, "div", "nx-card-title").textContent = nameOf(point);
    element(reader, "div", "nx-reader-text").textContent = texts[point];
    reader.hidden = false;
  }

  /** @type {string[] | undefined} */
  let folded;
  function search() {
    folded ??= texts.map(fold);
    const words = fold(box.value).split(/\s+/).filter(Boolean);
    const hits = words.length ? folded.flatMap((text, point) => (words.every((word) => text.includes(word)) ? [point] : [])) : [];
    map.setHits(Uint32Array.from(hits));
    found.textContent = words.length ? `${count(hits.length)} documents` : "";
    list.replaceChildren();
    if (!words.length) showTopics();
    for (const point of hits.slice(0, 200)) item(shorten(texts[point], 140), () => {
      map.setFocus(point);
      read(point);
    });
  }

  function item(/** @type {string} */ text, /** @type {() => void} */ act) {
    const button = element(element(list, "li", ""), "button", "nx-item");
    button.textContent = text;
    button.addEventListener("click", act);
    return button;
  }

  function showTopics() {
    facts.outline.forEach((/** @type {{name: string, size: number, topics: number[]}} */ topic) => {
      const members = new Set(topic.topics);
      const button = item(topic.name, () => map.setHits(Uint32Array.from(topicOf.keys()).filter((point) => members.has(topicOf[point]))));
      element(button, "span", "nx-size").textContent = count(topic.size);
    });
  }

  box.addEventListener("input", search);
  showTopics();
}

/** @param {string} id @returns {string} */
function block(id) {
  return document.getElementById(id)?.textContent ?? "";
}

/** Decodes a block of gzipped base64. @param {string} id @returns {Promise<ArrayBuffer>} */
async function unpack(id) {
  const packed = Uint8Array.from(atob(block(id).trim()), (sign) => sign.charCodeAt(0));
  return new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).arrayBuffer();
}

/** Case and accents folded. @param {string} text */
export function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** @param {string} text @param {number} length */
export function shorten(text, length) {
  return text.length > length ? `${text.slice(0, length).trimEnd()} …` : text;
}
