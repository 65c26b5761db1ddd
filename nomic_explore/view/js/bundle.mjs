// Joins the map's TypeScript and styles into nomic_explore/view/static/. Each file begins with a digest of all sources and of the
// versions that package.json pins, so that tests/view/test_bundle.py sees a stale one without Node. Run by `npm run build`.

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const { dependencies, devDependencies } = JSON.parse(readFileSync(`${here}../../../package.json`, "utf8"));
const digest = createHash("sha256").update(JSON.stringify({ ...dependencies, esbuild: devDependencies.esbuild }));
const names = readdirSync(here, { recursive: true }).filter((name) => /\.(ts|css|mjs)$/u.test(name)).sort();
for (const name of names) digest.update(`\0${name}\0`).update(readFileSync(here + name));
const stamp = `/* sources sha256:${digest.digest("hex")} */`;
const options = { bundle: true, minify: true, logLevel: "info", banner: { js: stamp, css: stamp }, legalComments: "none" };

await build({ ...options, entryPoints: [`${here}main.ts`], format: "esm", target: "es2022", charset: "utf8", outfile: `${here}../static/atlas_map.js` });
await build({ ...options, entryPoints: [`${here}styles/all.css`], outfile: `${here}../static/atlas_map.css` });
