import type { GroupMember, GroupsResponse, ListRequest, SettingsCounts } from "../protocol.ts";
import type { PageAnswers } from "./handlers.ts";

const PAGE = 200; // groups in one answer
const MAX_MEMBERS = 300;

type Group = { group: number; size: number; keeper: number; drop: number; review: number };

/** The duplicate groups of a page: "all", those with documents to "review", those that "drop" some. */
export async function listGroups(answers: PageAnswers, { show = "all", sort = "saved", search = "", start = 0 }: ListRequest): Promise<GroupsResponse> {
  const groups = collectGroups(answers);
  const holds = (one: Group, list: string) => list === "all" || one[list as "drop" | "review"] > 0;
  const { groups: groupOf = [] } = answers.blocks;
  const found = search.trim() ? new Set((await answers.matching(search)).map((point) => groupOf[point])) : undefined;
  const wanted = groups.filter((one) => holds(one, show) && (!found || found.has(one.group)));
  const gain = (one: Group) => (sort === "size" ? 0 : show === "drop" ? one.drop : one.review);
  wanted.sort((a, b) => gain(b) - gain(a) || b.size - a.size || a.group - b.group);
  const listed = wanted.slice(start, start + PAGE).map(({ keeper, ...one }) => ({ ...answers.line(keeper), ...one, nPairs: one.review, similarity: null, isChain: false }));
  const nGroups = Object.fromEntries(["all", "review", "drop"].map((list) => [list, groups.filter((one) => holds(one, list)).length]));
  return { groups: listed, nListed: wanted.length, nGroups, counts: countRoles(answers, groups.length), nPairs: 0, differences: [], kinds: [], topics: [] };
}

function collectGroups({ blocks, facts, n }: PageAnswers): Group[] {
  const { groups = [], roles = [] } = blocks;
  const found = new Map<number, Group>();
  for (let point = 0; point < n; point++) {
    const group = groups[point];
    if (!(group >= 0)) continue;
    const role = facts.roles[roles[point]];
    const one = found.get(group) ?? { group, size: 0, keeper: point, drop: 0, review: 0 };
    found.set(group, one);
    one.size++;
    if (role === "keep") one.keeper = point;
    if (role === "drop" || role === "review") one[role]++;
  }
  return [...found.values()].filter((one) => one.size > 1);
}

function countRoles({ blocks, facts, n }: PageAnswers, nGroups: number): SettingsCounts {
  const { roles = [] } = blocks;
  const counts = new Array<number>(facts.roles.length).fill(0);
  for (let point = 0; point < n; point++) counts[roles[point]]++;
  const of = (role: string) => counts[facts.roles.indexOf(role)];
  return { nDocuments: n, nUnique: of("unique"), nKept: of("keep"), nDropped: of("drop"), nReview: of("review"), nGroups, background: null };
}

/** The documents of a group, kept ones first. */
export function listMembers(answers: PageAnswers, group: number): GroupMember[] {
  const { blocks, facts, n } = answers;
  const { groups = [], roles = [], kinds = [] } = blocks;
  const documents: GroupMember[] = [];
  for (let point = 0; point < n && documents.length < MAX_MEMBERS; point++) {
    if (groups[point] !== group) continue;
    const [role, kind] = [facts.roles[roles[point]], facts.kinds[kinds[point]]];
    documents.push({ ...answers.line(point), role, kind, similarity: null, partner: -1, partnerPoint: -1, flags: [] });
  }
  return documents.sort((a, b) => Number(b.role === "keep") - Number(a.role === "keep"));
}

/** A table of the documents that are not dropped. */
export function keptFile({ blocks, facts, n }: PageAnswers): string {
  const { roles = [], rows, ids } = blocks;
  const cell = (value: unknown) => `"${String(value).replaceAll('"', '""')}"`;
  const lines = ["row,id,role"];
  for (let point = 0; point < n; point++) {
    const role = facts.roles[roles[point]];
    if (role !== "drop") lines.push(`${rows[point]},${cell(ids?.[point] ?? rows[point])},${role}`);
  }
  return `${lines.join("\r\n")}\r\n`;
}
