import { button, count, counted, element, textElement } from "../../dom.ts";
import type { Explorer } from "../explorer.ts";
import type { DuplicateMarks } from "./marks.ts";

export type Group = {group: number, text: string, size: number, drop: number, review: number, similarity: number | null, isChain?: boolean};
export type Member = {point: number, row: number, text: string, role: string, kind?: string, similarity?: number | null, partner?: number, partnerPoint?: number, flags?: string[]};

/** Groups of copies, first those that need a decision. A click lights a group and lists its documents. */
export class GroupList {
  explorer: Explorer;
  marks: DuplicateMarks;
  compare: ((row: number, other: number, pairs: { row: number; other: number; }[]) => void) | undefined;
  show: string;
  /** the group whose documents are listed */
  open: number | undefined;
  asked: number;
  chips: { name: string; text: string; chip: HTMLButtonElement; }[];
  list: HTMLElement;
  more: HTMLButtonElement;

  constructor(pane: HTMLElement, explorer: Explorer, marks: DuplicateMarks, compare: ((row: number, other: number, pairs: {row: number, other: number}[]) => void) | undefined) {
    this.explorer = explorer;
    this.marks = marks;
    this.compare = compare;
    this.show = "all";
    this.open = undefined;
    this.asked = 0;
    const chips = element(pane, "div", "nx-chips nx-copy-chips", "atlas-copy-chips");
    this.chips = [["all", "All"], ["review", "To review"], ["drop", "Dropped"]].map(([name, text]) => {
      const chip = button(chips, text, `${text}: list these groups`, () => this.choose(name), `atlas-copies-${name}`, "nx-chip");
      return { name, text, chip };
    });
    this.list = element(pane, "ul", "nx-list nx-groups", "atlas-copies");
    this.more = button(pane, "More groups", "List more groups", () => this.fill(this.list.children.length), "atlas-more-groups");
    this.more.hidden = true;
  }

  /** @param name all, review or drop */
  choose(name: string) {
    this.show = name;
    this.open = undefined;
    this.explorer.state.highlight([]);
    return this.refresh();
  }

  /** Lists the groups anew; the one that was open stays open, if it is still there. */
  async refresh() {
    await this.fill(0);
  }

  /** @param start how many are listed already */
  async fill(start: number) {
    const own = ++this.asked;
    const answer = await this.explorer.request("groups", { show: this.show, start });
    if (!answer || own !== this.asked) return;
    const counts = ({ all: answer.nGroups, review: answer.review, drop: answer.drop } as Record<string, number>);
    for (const { name, text, chip } of this.chips) {
      chip.textContent = `${text} ${count(counts[name])}`;
      chip.setAttribute("aria-pressed", String(name === this.show));
    }
    if (!start) this.list.replaceChildren();
    for (const group of answer.groups) this.makeGroup(group);
    if (!answer.groups.length && !start) textElement(this.list, "li", "nx-soft nx-none", this.show === "review" ? "Nothing is left to review." : "No groups.");
    this.more.hidden = this.list.children.length >= answer.nListed;
  }

  makeGroup(group: Group) {
    const item = element(this.list, "li", "nx-group-item");
    const open = button(item, "", `${counted(group.size, "document")}: ${group.text}`, () => toggle(), "atlas-copy-group", "nx-item");
    textElement(open, "span", "nx-hit-text", group.text);
    const facts = element(open, "span", "nx-group-facts");
    textElement(facts, "span", "nx-size", `${count(group.size)}×`);
    if (group.review) textElement(facts, "span", "nx-role nx-role-review", count(group.review)).title = `${count(group.review)} to review`;
    if (group.isChain) textElement(facts, "span", "nx-soft nx-small-fact", "chain").title = "Some members are like the kept one only through others";
    const members = element(item, "ul", "nx-list nx-members");
    members.hidden = true;
    const list = async () => {
      const found = await this.explorer.request("group", { group: group.group });
      if (!found || this.open !== group.group) return;
      members.replaceChildren();
      this.marks.highlight(found.documents);
      for (const one of found.documents) this.makeMember(members, one, found.documents);
    };
    const toggle = () => {
      members.hidden = !members.hidden;
      open.setAttribute("aria-expanded", String(!members.hidden));
      if (members.hidden) {
        this.open = undefined;
        return this.explorer.state.highlight([]);
      }
      for (const other of this.list.querySelectorAll(".nx-members")) {
        if (other !== members && other instanceof HTMLElement) {
          other.hidden = true;
          other.previousElementSibling?.setAttribute("aria-expanded", "false");
        }
      }
      this.open = group.group;
      list();
    };
    open.setAttribute("aria-expanded", "false");
    if (this.open === group.group) toggle();
  }

  makeMember(list: HTMLElement, one: Member, all: Member[]) {
    const item = element(list, "li", "nx-member");
    const line = button(item, "", `Read: ${one.text}`, () => this.explorer.pick(one.point), "atlas-copy-member", "nx-item");
    const head = element(line, "span", "nx-member-head");
    textElement(head, "span", `nx-role nx-role-${one.role}`, one.role);
    if (one.kind) textElement(head, "span", "nx-soft", one.kind);
    if (one.similarity !== undefined && one.similarity !== null) textElement(head, "span", "nx-size", one.similarity.toFixed(3));
    textElement(line, "span", "nx-hit-text", one.text || "(no text in this page)");
    if (one.flags?.length) textElement(line, "span", "nx-flags", one.flags.join(" · "));
    const { compare } = this;
    if (!compare || one.partner === undefined || one.partner === one.row) return;
    const pairs = all.flatMap(({ row, partner }) => (partner !== undefined && partner !== row ? [{ row, other: partner }] : []));
    button(item, "⇄", "Compare word by word with the one it resembles", () => compare(one.row, Number(one.partner), pairs), "atlas-compare-copy", "nx-small nx-always");
  }
}
