import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadRemedy } from "./load-remedy.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "banyan-load-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** What the engine throws, by a process of its own: the test runner loads modules in words of its own. */
function failureOf(text: string): unknown {
  mkdirSync(join(folder, "orders"));
  writeFileSync(join(folder, "orders", "contract.ts"), "export const Placed = 1;\n");
  writeFileSync(join(folder, "main.ts"), `${text}\n`);
  const main = JSON.stringify(pathToFileURL(join(folder, "main.ts")).href);
  const script = `import(${main}).catch(({ message, code }) => console.log(JSON.stringify({ message, code })))`;
  const { stdout } = spawnSync(process.execPath, ["--eval", script], { encoding: "utf8" });
  const { message, code } = JSON.parse(stdout) as { readonly message: string; readonly code?: string };
  return Object.assign(new Error(message), { code });
}

test.each([
  ['import { Place } from "./orders/contract.ts";', /^Export `Place` from the file/],
  ['import "./orders/contract";', /ends as the file does, in \.ts\. Did you mean "contract\.ts"\?$/],
  ['import "./orders/contracts.ts";', /Did you mean "contract\.ts"\?$/],
  ['import "./order/contract.ts";', /Did you mean "orders"\?$/],
  ['import "zodd";', /^Install it with `npm install zodd`/],
  ["enum Colour { Red }", /no enum/],
  ['throw new Error("not today");', /^Correct the file named/],
])("what cannot be loaded is answered with what to do: %s", (text, remedy) => {
  expect(loadRemedy(failureOf(text))).toMatch(remedy);
});
