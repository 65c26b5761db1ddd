/** Addresses in what a column says. Only addresses of the web and DOIs become links; all else stays text. */

export type Part = { text: string; href?: string };

const ADDRESS = /https?:\/\/[^\s<>"]+|(?:\bdoi:\s*)?(?<![\w.])10\.\d{4,9}\/[^\s<>"]+/giu;
const ARXIV_ID = /^(?:arxiv:)?(\d{4}\.\d{4,5}(?:v\d+)?|[a-z-]+(?:\.[A-Z]{2})?\/\d{7}(?:v\d+)?)$/iu;

/** A cell in parts, of which those with an address are links. @param column whose cell it is: ids of arXiv are known by its name */
export function findLinks(text: string, column: string): Part[] {
  const paper = /arxiv/iu.test(column) ? ARXIV_ID.exec(text.trim()) : null;
  if (paper) return [{ text, href: "https://arxiv.org/abs/" + paper[1] }];
  const parts: Part[] = [];
  let end = 0;
  for (const found of text.matchAll(ADDRESS)) {
    const address = withoutStop(found[0]);
    if (found.index > end) parts.push({ text: text.slice(end, found.index) });
    parts.push({ text: address, href: hrefOf(address) });
    end = found.index + address.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

function hrefOf(address: string) {
  if (/^https?:/iu.test(address)) return address;
  return "https://doi.org/" + encodeURI(address.replace(/^doi:\s*/iu, ""));
}

/** Without what ends the sentence, or closes a bracket that the address does not open. */
function withoutStop(address: string): string {
  let made = address.replace(/[.,;:!?'”’]+$/u, "");
  for (const [open, close] of ["()", "[]", "{}"]) {
    while (made.endsWith(close) && made.split(close).length > made.split(open).length) made = made.slice(0, -1).replace(/[.,;:!?]+$/u, "");
  }
  return made;
}
