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

/** A button; `title` is its tooltip, and its name where the text is a mere sign, such as ×. */
export function button(parent: Element, text: string, title: string, act: (event: MouseEvent) => void, testId?: string, className: string = "nx-button") {
  const made = (textElement(parent, "button", className, text, testId) as HTMLButtonElement);
  made.type = "button";
  made.title = title;
  if (text && !/[\p{L}\p{N}]/u.test(text)) made.setAttribute("aria-label", title);
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

/** A share in percent that never rounds something to nothing, or not all to all. */
export function percent(share: number): string {
  const whole = Math.round(100 * share);
  if (whole === 0 && share > 0) return "<1 %";
  if (whole === 100 && share < 1) return ">99 %";
  return `${whole} %`;
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
