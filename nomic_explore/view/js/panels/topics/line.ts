import { button, count, counted, element, input, lockSign, textElement } from "../../dom.ts";
import { doubt, keyOf } from "./tree.ts";
import type { TopicPane } from "./pane.ts";
import type { Topic } from "./tree.ts";

/** A topic in the tree, and below it those inside if it is open. @param level from 1 */
export function makeLine(parent: HTMLElement, pane: TopicPane, at: number, level: number) {
  const topic = pane.labels[at];
  const key = keyOf(topic);
  const own = pane.inside(at);
  const isOpen = own.length > 0 && pane.isOpen(at);
  const item = element(parent, "li", "nx-topic");
  item.setAttribute("role", "none");
  const line = element(item, "div", "nx-topic-line");
  line.dataset.key = key;
  line.style.paddingLeft = `${(level - 1) * 13}px`;
  const twist = button(line, own.length ? (isOpen ? "▾" : "▸") : "", isOpen ? "Close" : "Open", () => pane.toggle(key), undefined, "nx-twist");
  twist.tabIndex = -1;
  twist.disabled = !own.length;
  const name = makeItem(line, pane, at, level);
  if (own.length) name.setAttribute("aria-expanded", String(isOpen));
  const acts = element(line, "span", "nx-topic-acts");
  button(acts, "i", `What “${topic.text}” is about (Enter)`, () => pane.card.open(topic), "atlas-topic-info", "nx-small nx-info").tabIndex = -1;
  button(acts, "✎", `Rename “${topic.text}”`, () => rename(line, pane, topic), "atlas-rename-topic", "nx-small").tabIndex = -1;
  if (!isOpen) return;
  const below = element(item, "ul", "nx-list");
  below.setAttribute("role", "group");
  for (const child of own) makeLine(below, pane, child, level + 1);
}

function makeItem(line: HTMLElement, pane: TopicPane, at: number, level: number) {
  const topic = pane.labels[at];
  const unsure = doubt(topic.confidence);
  const told = [`${topic.text}: ${counted(topic.size, "document")}`, topic.locked ? "locked" : "", unsure ?? ""].filter(Boolean).join(", ");
  const name = button(line, "", `${told}. Click lights it, Shift-click selects it, Ctrl-click picks it to compare or merge, Enter tells more`, (event) => pane.act(topic, event), "atlas-topic", "nx-item nx-topic-item");
  const key = keyOf(topic);
  name.dataset.key = key;
  name.setAttribute("role", "treeitem");
  name.setAttribute("aria-level", String(level));
  name.setAttribute("aria-selected", String(pane.picked.includes(key)));
  const siblings = pane.children?.get(topic.parent) ?? [at];
  const color = (topic as any)[`dot_${pane.map.theme}`];
  const bar = element(name, "span", "nx-bar", "atlas-topic-bar");
  bar.style.width = `${(100 * topic.size) / Math.max(1, pane.labels[siblings[0]].size)}%`;
  bar.style.background = color;
  element(name, "span", "nx-dot").style.background = color;
  const text = textElement(name, "span", "nx-topic-name", topic.text);
  const keyword = pane.found?.found.get(at);
  if (keyword) textElement(text, "span", "nx-soft", ` · ${keyword}`);
  if (pane.found && !pane.found.found.has(at)) name.classList.add("nx-way");
  if (unsure) textElement(name, "span", "nx-sign nx-unsure", "?", "atlas-unsure").title = unsure;
  if (topic.locked) lockSign(name, "Locked: keeps its documents and its name");
  textElement(name, "span", "nx-size", count(topic.size));
  return name;
}

export function rename(line: HTMLElement, pane: TopicPane, topic: Topic) {
  if (line.querySelector("input")) return;
  const box = input(line, "A new name, then Enter; empty restores the computed one", "atlas-topic-name");
  line.classList.add("nx-renaming");
  box.value = topic.text;
  box.focus();
  box.select();
  const end = () => {
    box.remove();
    line.classList.remove("nx-renaming");
  };
  box.addEventListener("keydown", async (event) => {
    event.stopPropagation();
    if (event.key === "Escape") end();
    if (event.key !== "Enter") return;
    await pane.explorer.request("rename_topic", { layer: topic.layer, topic: topic.topic, name: box.value });
    end();
  });
}
