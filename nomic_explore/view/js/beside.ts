import { button, element, textElement } from "./dom.ts";
import { messages } from "./messages.ts";
import type { ViewState } from "./view_state.ts";

const SHARES = { least: 25, usual: 48, most: 75 }; // percent of the window
const STEP = 4;

let share = SHARES.usual; // as it was dragged; the next map opens as wide
let comeBack: (() => void) | undefined; // takes the map that is beside the notebook back into its cell

/**
 * Keeps a map in the right part of the window, beside the notebook, while its trait `beside` says so. The notebook makes
 * room where its shell is the element `#main`, as in JupyterLab and Notebook 7.
 * @param onMoved called after the map has moved out of its cell or back
 */
export function followBeside(root: HTMLElement, el: HTMLElement, state: ViewState, onMoved: (isBeside: boolean) => void) {
  let leave: (() => void) | undefined;
  const follow = () => {
    if (state.signal.aborted) return;
    if (!state.get("beside")) leave?.();
    else if (!el.isConnected) requestAnimationFrame(follow);
    // Styles do not follow a map out of a shadow root, such as that of marimo.
    else if (!leave && el.getRootNode() === document) leave = dock();
  };
  const dock = () => {
    comeBack?.();
    const panel = makePanel(root, () => state.set({ beside: false }));
    const left = element(el, "p", "nx-elsewhere", "atlas-elsewhere");
    textElement(left, "span", "", messages.frame.isBeside);
    button(left, messages.frame.bringBack, messages.frame.bringBackHint, () => state.set({ beside: false }), "atlas-bring-back");
    onMoved(true);
    const end = () => {
      if (comeBack === end) comeBack = undefined;
      leave = undefined;
      left.remove();
      el.append(root);
      panel.remove();
      makeRoom(0);
      onMoved(false);
    };
    comeBack = end;
    return end;
  };
  state.on(["beside"], follow);
  state.atEnd(() => leave?.());
  follow();
}

/** The panel at the right edge of the window: a handle that widens it, a way back, the map. */
function makePanel(root: HTMLElement, close: () => void) {
  const panel = element(document.body, "section", "nx-beside", "atlas-beside");
  panel.setAttribute("aria-label", messages.frame.besideLabel);
  panel.dataset.lmSuppressShortcuts = "true";
  const handle = element(panel, "div", "nx-handle", "atlas-beside-handle");
  Object.assign(handle, { tabIndex: 0, role: "separator", title: messages.frame.resizeHint });
  handle.setAttribute("aria-orientation", "vertical");
  handle.setAttribute("aria-label", messages.frame.resizeHint);
  const setShare = (wanted: number) => {
    share = Math.min(SHARES.most, Math.max(SHARES.least, wanted));
    handle.setAttribute("aria-valuenow", String(Math.round(share)));
    panel.style.width = `${share}%`;
    makeRoom(share);
  };
  handle.addEventListener("pointerdown", (event) => handle.setPointerCapture(event.pointerId));
  handle.addEventListener("pointermove", (event) => {
    if (handle.hasPointerCapture(event.pointerId)) setShare(100 * (1 - event.clientX / window.innerWidth));
  });
  handle.addEventListener("keydown", ({ key }) => {
    if (key === "ArrowLeft" || key === "ArrowRight") setShare(share + (key === "ArrowLeft" ? STEP : -STEP));
  });
  const body = element(panel, "div", "nx-beside-body");
  button(body, messages.frame.bringBack, messages.frame.bringBackHint, close, "atlas-bring-back-beside", "nx-button nx-bring-back");
  body.append(root);
  const follow = () => panel.classList.toggle("nx-dark", root.classList.contains("nx-dark"));
  root.addEventListener("nx-theme", follow);
  follow();
  setShare(share);
  return panel;
}

/** Lets the notebook end where the map begins. @param percent of the window that the map takes */
function makeRoom(percent: number) {
  document.documentElement.classList.toggle("nx-makes-room", percent > 0);
  document.documentElement.style.setProperty("--nx-beside", `${percent}%`);
  window.dispatchEvent(new Event("resize"));
}
