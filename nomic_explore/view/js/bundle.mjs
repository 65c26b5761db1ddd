// Joins the map's modules and styles into nomic_explore/view/static/. Each file begins with a digest of all sources, so that
// tests/view/test_bundle.py sees a stale one without Node. Run by `npm run build`.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build, version } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const digest = createHash("sha256").update(version);
for (const name of readdirSync(here).sort()) digest.update(`\0${name}\0`).update(readFileSync(here + name));
const stamp = `/* sources sha256:${digest.digest("hex")} */`;
const options = { minify: true, logLevel: "info", banner: { js: stamp, css: stamp } };

await build({
  ...options,
  entryPoints: [`${here}main.js`],
  bundle: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  outfile: `${here}../static/atlas_map.js`,
});
await build({ ...options, entryPoints: [`${here}atlas_map.css`], outfile: `${here}../static/atlas_map.css` });
