import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { checkoutSupply } from "./checkout-supply.ts";
import { sbomOf } from "./sbom.ts";

// `npm run sbom [-- DIR]`: a bill of materials of every published package.
const folder = resolve(process.argv[2] ?? join(import.meta.dirname, "..", "sbom"));
const { lockfile, packages } = checkoutSupply();
mkdirSync(folder, { recursive: true });
for (const [place, { name }] of packages) {
  const sbom = sbomOf(lockfile, place);
  const file = join(folder, `${name.replace(/^@/, "").replace("/", "-")}.cdx.json`);
  writeFileSync(file, `${JSON.stringify(sbom, undefined, 2)}\n`);
  console.log(`${file}: ${sbom.components.length} components`);
}
