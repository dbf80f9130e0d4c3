// Puts every browser file that Estate serves into ../static/vendor: the compiled style sheet, fonts and libraries.
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { compile } from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const vendor = join(here, "..", "static", "vendor");

// Each line: a file or folder of an npm package, and where it goes under static/vendor.
const COPIES = [
  ["govuk-frontend/dist/govuk/govuk-frontend.min.js", "govuk-frontend/govuk-frontend.min.js"],
  ["@fontsource-variable/inter/files/inter-latin-wght-normal.woff2", "inter/inter-latin.woff2"],
  ["@fontsource-variable/inter/files/inter-latin-ext-wght-normal.woff2", "inter/inter-latin-ext.woff2"],
  ["@fontsource-variable/inter/LICENSE", "inter/LICENSE"],
  ["leaflet/dist/leaflet.js", "leaflet/leaflet.js"],
  ["leaflet/dist/leaflet.css", "leaflet/leaflet.css"],
  ["leaflet/dist/images", "leaflet/images"],
  ["leaflet/LICENSE", "leaflet/LICENSE"],
  ["leaflet.vectorgrid/dist/Leaflet.VectorGrid.bundled.min.js", "leaflet.vectorgrid/Leaflet.VectorGrid.bundled.min.js"],
];

rmSync(vendor, { recursive: true, force: true });
mkdirSync(vendor, { recursive: true });
for (const [from, to] of COPIES) {
  mkdirSync(dirname(join(vendor, to)), { recursive: true });
  cpSync(join(modules, from), join(vendor, to), { recursive: true });
}
const style = compile(join(here, "scss", "estate.scss"), {
  loadPaths: [join(modules, "govuk-frontend", "dist")],
  quietDeps: true,
  style: "compressed",
});
writeFileSync(join(vendor, "estate.css"), style.css);
console.log(`Built ${COPIES.length} library entries and estate.css (${Math.round(style.css.length / 1024)} KiB) in static/vendor`);
