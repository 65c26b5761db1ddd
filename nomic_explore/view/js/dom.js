// @ts-check
/** Elements, words and numbers for the screen. Text of a corpus only ever passes through textContent. */

/** @param {Element} parent @param {string} tag @param {string} className @param {string} [testId] @returns {HTMLElement} */
export function element(parent, tag, className, testId) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (testId) made.dataset.testid = testId;
  parent.append(made);
  return made;
}

/** @param {Element} parent @param {string} tag @param {string} className @param {string} text @param {string} [testId] */
export function words(parent, tag, className, text, testId) {
  const made = element(parent, tag, className, testId);
  made.textContent = text;
  return made;
}

/**
 * A button; `title` is its tooltip and what a screen reader says.
 * @param {Element} parent @param {string} text @param {string} title @param {(event: MouseEvent) => void} act @param {string} [testId] @param {string} [className]
 */
export function button(parent, text, title, act, testId, className = "nx-button") {
  const made = /** @type {HTMLButtonElement} */ (words(parent, "button", className, text, testId));
  made.type = "button";
  made.title = title;
  made.setAttribute("aria-label", title);
  made.addEventListener("click", act);
  return made;
}

/** @param {Element} parent @param {string} label @param {string} testId @param {string} [placeholder] */
export function input(parent, label, testId, placeholder = label) {
  const made = /** @type {HTMLInputElement} */ (element(parent, "input", "nx-input", testId));
  made.placeholder = placeholder;
  made.title = label;
  made.setAttribute("aria-label", label);
  made.spellcheck = false;
  return made;
}

/**
 * @param {Element} parent @param {string} label @param {[string, string][]} options value, text
 * @param {(value: string) => void} act @param {string} testId
 */
export function choice(parent, label, options, act, testId) {
  const made = /** @type {HTMLSelectElement} */ (element(parent, "select", "nx-select", testId));
  made.title = label;
  made.setAttribute("aria-label", label);
  setOptions(made, options);
  made.addEventListener("change", () => act(made.value));
  return made;
}

/** @param {HTMLSelectElement} select @param {[string, string][]} options */
export function setOptions(select, options) {
  const chosen = select.value;
  select.replaceChildren();
  for (const [value, text] of options) {
    const option = /** @type {HTMLOptionElement} */ (words(select, "option", "", text));
    option.value = value;
  }
  if (options.some(([value]) => value === chosen)) select.value = chosen;
}

/** @param {number} value */
export function count(value) {
  return value.toLocaleString("en-US");
}

/** @param {number} n @param {string} one @param {string} [many] */
export function counted(n, one, many = `${one}s`) {
  return `${count(n)} ${n === 1 ? one : many}`;
}

/** @param {string} text @param {number} length */
export function shorten(text, length) {
  return text.length > length ? `${text.slice(0, length).trimEnd()} …` : text;
}

/** A number or, for dates, a day. @param {number} value @param {string} kind */
export function amount(value, kind) {
  if (kind === "dates") return new Date(value).toISOString().slice(0, 10);
  if (Number.isInteger(value)) return Math.abs(value) >= 1e5 ? count(value) : String(value);
  return Math.abs(value) >= 1000 || Math.abs(value) < 0.01 ? value.toPrecision(3) : String(Math.round(value * 1000) / 1000);
}

/** Calls `act` once things have been quiet for a while. @param {() => void} act @param {number} ms */
export function debounce(act, ms) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(act, ms);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}

const NS = "http://www.w3.org/2000/svg";
const LOCK = "M4.2 6V4.6a2.8 2.8 0 0 1 5.6 0V6h.6c.5 0 .9.4.9.9v4.2c0 .5-.4.9-.9.9H3.6a.9.9 0 0 1-.9-.9V6.9c0-.5.4-.9.9-.9zm1.3 0h3V4.6a1.5 1.5 0 0 0-3 0z";

/** A small lock; `title` says what it means. @param {Element} parent @param {string} title */
export function lockSign(parent, title) {
  const made = words(parent, "span", "nx-sign", "", "atlas-lock");
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
