/** Elements, words and numbers for the screen. Text of a corpus only ever passes through textContent. */

export function element(parent: Element, tag: string, className: string, testId?: string): HTMLElement {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (testId) made.dataset.testid = testId;
  parent.append(made);
  return made;
}

export function textElement(parent: Element, tag: string, className: string, text: string, testId?: string) {
  const made = element(parent, tag, className, testId);
  made.textContent = text;
  made.dir = "auto"; // a corpus may be written from right to left
  return made;
}

/** A button; `title` is its tooltip and what a screen reader says. */
export function button(parent: Element, text: string, title: string, act: (event: MouseEvent) => void, testId?: string, className: string = "nx-button") {
  const made = (textElement(parent, "button", className, text, testId) as HTMLButtonElement);
  made.type = "button";
  made.title = title;
  made.setAttribute("aria-label", title);
  made.addEventListener("click", act);
  return made;
}

export function input(parent: Element, label: string, testId: string, placeholder: string = label) {
  const made = (element(parent, "input", "nx-input", testId) as HTMLInputElement);
  made.placeholder = placeholder;
  made.title = label;
  made.setAttribute("aria-label", label);
  made.spellcheck = false;
  return made;
}

/** @param options value, text */
export function choice(parent: Element, label: string, options: [string, string][], act: (value: string) => void, testId: string) {
  const made = (element(parent, "select", "nx-select", testId) as HTMLSelectElement);
  made.title = label;
  made.setAttribute("aria-label", label);
  setOptions(made, options);
  made.addEventListener("change", () => act(made.value));
  return made;
}

export function setOptions(select: HTMLSelectElement, options: [string, string][]) {
  const chosen = select.value;
  select.replaceChildren();
  for (const [value, text] of options) {
    const option = (textElement(select, "option", "", text) as HTMLOptionElement);
    option.value = value;
  }
  if (options.some(([value]) => value === chosen)) select.value = chosen;
}

export function count(value: number) {
  return value.toLocaleString("en-US");
}

export function counted(n: number, one: string, many: string = `${one}s`) {
  return `${count(n)} ${n === 1 ? one : many}`;
}

export function shorten(text: string, length: number) {
  return text.length > length ? `${text.slice(0, length).trimEnd()} …` : text;
}

/** A number or, for dates, a day. */
export function amount(value: number, kind: string) {
  if (kind === "dates") return new Date(value).toISOString().slice(0, 10);
  if (Number.isInteger(value)) return Math.abs(value) >= 1e5 ? count(value) : String(value);
  return Math.abs(value) >= 1000 || Math.abs(value) < 0.01 ? value.toPrecision(3) : String(Math.round(value * 1000) / 1000);
}

/** Has the browser download a file. */
export function saveFile(name: string, file: DataView<ArrayBuffer>) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([file]));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Calls `act` once things have been quiet for a while. */
export function debounce(act: () => void, ms: number) {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(act, ms);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}

const NS = "http://www.w3.org/2000/svg";
const LOCK = "M4.2 6V4.6a2.8 2.8 0 0 1 5.6 0V6h.6c.5 0 .9.4.9.9v4.2c0 .5-.4.9-.9.9H3.6a.9.9 0 0 1-.9-.9V6.9c0-.5.4-.9.9-.9zm1.3 0h3V4.6a1.5 1.5 0 0 0-3 0z";

/** A small lock; `title` says what it means. */
export function lockSign(parent: Element, title: string) {
  const made = textElement(parent, "span", "nx-sign", "", "atlas-lock");
  made.title = title;
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("viewBox", "0 0 14 14");
  const path = document.createElementNS(NS, "path");
  path.setAttribute("d", LOCK);
  path.setAttribute("fill-rule", "evenodd");
  svg.append(path);
  made.append(svg);
  return made;
}
