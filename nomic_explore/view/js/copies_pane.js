// @ts-check
import { button, counted, element, words } from "./dom.js";

/** Groups of copies, the largest first; a click lights a group and lists its documents. @param {HTMLElement} pane @param {import("./explorer.js").Explorer} explorer */
export async function makeCopiesPane(pane, explorer) {
  const told = words(pane, "div", "nx-soft", "", "atlas-copies-told");
  const list = element(pane, "ul", "nx-list", "atlas-copies");
  const answer = await explorer.does("groups", {});
  if (!answer) return;
  told.textContent = `${counted(answer.nGroups, "group")}, ${counted(answer.drop, "copy", "copies")}, ${answer.review.toLocaleString("en-US")} to review`;
  for (const group of answer.groups) {
    const item = element(list, "li", "");
    const open = button(item, "", `${group.size} documents that say the same; click lists them`, () => toggle(), "atlas-copy-group", "nx-item");
    words(open, "span", "nx-hit-text", group.text);
    words(open, "span", "nx-size", `${group.size}×`);
    const members = element(item, "ul", "nx-list nx-inner");
    members.hidden = true;
    const toggle = async () => {
      members.hidden = !members.hidden;
      if (members.hidden) return explorer.desk.light([]);
      const found = await explorer.does("group", { group: group.group });
      if (!found) return;
      explorer.desk.light(found.documents.map((/** @type {{point: number}} */ one) => one.point).filter((/** @type {number} */ point) => point >= 0));
      members.replaceChildren();
      for (const one of found.documents) {
        const line = button(element(members, "li", ""), "", one.text, () => explorer.pick(one.point), undefined, "nx-item");
        words(line, "span", `nx-role nx-role-${one.role}`, one.role);
        words(line, "span", "nx-hit-text", one.text);
      }
    };
  }
}
