import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { regionOf } from "./docs.ts";
import { referencePages } from "./reference.ts";

// Writes the pages that are made from tables, and fills every block that says `file=PATH#region` with what stands there now. The docs test then finds them equal.
const root = join(import.meta.dirname, "..");
for (const [path, page] of referencePages()) writeFileSync(join(root, path), page);
for (const path of globSync(["README.md", "AGENTS.md", "docs/**/*.md", "{packages,examples}/*/README.md"], {
  cwd: root,
})) {
  const text = readFileSync(join(root, path), "utf8");
  const filled = text.replaceAll(/^(```\w+ file=(\S+))\n[\s\S]*?^```$/gm, (_whole, head: string, source: string) => {
    const [file = "", region] = source.split("#");
    const original = readFileSync(join(root, file), "utf8");
    return `${head}\n${(region === undefined ? original : (regionOf(original, region) ?? "")).trim()}\n\`\`\``;
  });
  if (filled !== text) writeFileSync(join(root, path), filled);
}
