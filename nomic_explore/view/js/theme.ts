import type { ViewState } from "./view_state.ts";

/** Light or dark as the model says, or as JupyterLab, VS Code, marimo or the browser are. @returns ends it */
export function followTheme(root: HTMLElement, state: ViewState): () => void {
  const preferred = matchMedia("(prefers-color-scheme: dark)");
  const update = () => {
    const wasDark = root.classList.contains("nx-dark");
    const isDark = darkness(state.get("theme"), preferred.matches);
    root.classList.toggle("nx-dark", isDark);
    if (wasDark !== isDark) root.dispatchEvent(new Event("nx-theme"));
  };
  const watching = new MutationObserver(update);
  for (const node of [document.body, document.documentElement]) {
    watching.observe(node, { attributes: true, attributeFilter: ["data-jp-theme-light", "class", "data-theme", "data-vscode-theme-kind"] });
  }
  preferred.addEventListener("change", update);
  state.on(["theme"], update);
  update();
  return () => {
    watching.disconnect();
    preferred.removeEventListener("change", update);
  };
}

/** @param wanted "auto", "light" or "dark" */
function darkness(wanted: string, preferred: boolean) {
  if (wanted === "light" || wanted === "dark") return wanted === "dark";
  const { body, documentElement } = document;
  if (body.dataset.jpThemeLight) return body.dataset.jpThemeLight === "false";
  if (body.dataset.vscodeThemeKind) return body.dataset.vscodeThemeKind.includes("dark");
  for (const node of [documentElement, body]) {
    if (node.dataset.theme === "dark" || node.classList.contains("dark")) return true;
    if (node.dataset.theme === "light" || node.classList.contains("light")) return false;
  }
  return preferred;
}
