import { openPage } from "./page/page.ts";
import { render } from "./widget.ts";

// An exported page holds its data; a notebook calls render.
if (document.getElementById("nx-facts")) openPage();

export default { render };
