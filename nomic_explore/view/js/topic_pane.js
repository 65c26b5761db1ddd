// @ts-check
import { asNumbers } from "./desk.js";
import { button, count, counted, element, input, words } from "./dom.js";

/**
 * The topics as a tree, the largest first: a click lights one and goes there, the pencil renames it.
 * @param {HTMLElement} pane @param {import("./explorer.js").Explorer} explorer @param {import("./map.js").MapView} map
 */
export function makeTopicPane(pane, explorer, map) {
  const { desk } = explorer;
  /** @type {Set<string>} */
  const opened = new Set();
  const tree = element(pane, "ul", "nx-list nx-tree", "atlas-topics");
  tree.setAttribute("role", "tree");
  tree.addEventListener("keydown", walk);
  const show = () => {
    const focused = /** @type {HTMLElement | null} */ (tree.querySelector(":focus"))?.dataset.at;
    tree.replaceChildren();
    const labels = desk.get("labels");
    if (!labels.length) words(tree, "li", "nx-soft", "no topics");
    const children = childrenOf(labels);
    for (const at of children.get(-1) ?? []) branch(tree, at, labels, children, 1);
    if (focused) /** @type {HTMLElement | null} */ (tree.querySelector(`[data-at="${focused}"]`))?.focus();
  };

  /** @param {HTMLElement} parent @param {number} at @param {any[]} labels @param {Map<number, number[]>} children @param {number} level */
  function branch(parent, at, labels, children, level) {
    const topic = labels[at];
    const key = `${topic.layer}-${topic.topic}`;
    const own = children.get(at) ?? [];
    const item = element(parent, "li", "nx-topic");
    item.setAttribute("role", "none");
    const line = element(item, "div", "nx-topic-line");
    line.style.paddingLeft = `${(level - 1) * 14}px`;
    const isOpen = opened.has(key);
    const twist = button(line, own.length ? (isOpen ? "▾" : "▸") : "", isOpen ? "Close" : "Open", () => toggle(key), undefined, "nx-twist");
    twist.tabIndex = -1;
    twist.disabled = !own.length;
    const name = button(line, "", `${topic.text}: ${counted(topic.size, "document")}. Click lights it, Shift-click selects it`, (event) => act(topic, event), "atlas-topic", "nx-item");
    name.setAttribute("role", "treeitem");
    name.setAttribute("aria-level", String(level));
    if (own.length) name.setAttribute("aria-expanded", String(isOpen));
    name.dataset.at = String(at);
    const dot = element(name, "span", "nx-dot");
    dot.style.background = topic[`dot_${map.theme}`];
    words(name, "span", "nx-entry-name", topic.text);
    words(name, "span", "nx-size", count(topic.size));
    button(line, "✎", `Rename “${topic.text}”`, () => rename(line, topic), "atlas-rename-topic", "nx-small").tabIndex = -1;
    if (!isOpen) return;
    const below = element(item, "ul", "nx-list");
    below.setAttribute("role", "group");
    for (const child of own) branch(below, child, labels, children, level + 1);
  }

  /** @param {string} key */
  function toggle(key) {
    if (!opened.delete(key)) opened.add(key);
    show();
  }

  /** @param {any} topic @param {MouseEvent} event */
  async function act(topic, event) {
    const { shiftKey } = event;
    const answer = await explorer.does("members", { kind: "topic", layer: topic.layer, topic: topic.topic });
    if (!answer) return;
    const points = asNumbers(answer.points, Uint32Array);
    if (shiftKey || desk.mode !== "replace") return desk.selectPoints(points);
    desk.light(points);
    explorer.say(`${topic.text}: ${counted(points.length, "document")}`);
  }

  /** @param {HTMLElement} line @param {any} topic */
  function rename(line, topic) {
    const box = input(line, "A new name, then Enter; empty restores the computed one", "atlas-topic-name");
    box.value = topic.text;
    box.focus();
    box.select();
    box.addEventListener("keydown", async (event) => {
      event.stopPropagation();
      if (event.key === "Escape") show();
      if (event.key !== "Enter") return;
      await explorer.does("rename_topic", { layer: topic.layer, topic: topic.topic, name: box.value });
      box.remove();
    });
  }

  /** Arrow keys walk through the tree. @param {KeyboardEvent} event */
  function walk(event) {
    const here = /** @type {HTMLElement} */ (event.target);
    if (!here.dataset.at) return;
    const items = /** @type {HTMLElement[]} */ ([...tree.querySelectorAll("[role=treeitem]")]);
    const topic = desk.get("labels")[Number(here.dataset.at)];
    const key = `${topic.layer}-${topic.topic}`;
    if (event.key === "ArrowDown") items[items.indexOf(here) + 1]?.focus();
    else if (event.key === "ArrowUp") items[items.indexOf(here) - 1]?.focus();
    else if (event.key === "ArrowRight" && !opened.has(key)) toggle(key);
    else if (event.key === "ArrowLeft" && opened.has(key)) toggle(key);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  desk.on(["labels", "theme"], show);
  show();
}

/** The labels inside each label, the largest first; those of no other stand under -1. @param {any[]} labels */
export function childrenOf(labels) {
  /** @type {Map<number, number[]>} */
  const children = new Map();
  labels.forEach(({ parent }, at) => children.set(parent, [...(children.get(parent) ?? []), at]));
  for (const own of children.values()) own.sort((a, b) => labels[b].size - labels[a].size);
  return children;
}
