// @ts-check
import { openPage } from "./page.js";
import { render } from "./widget.js";

// An exported page holds its data; a notebook calls render.
if (document.getElementById("nx-facts")) openPage();

export default { render };
