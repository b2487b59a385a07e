import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateApiSnapshot } from "tsnapi";

// What users can import, as built, is recorded in api/: a change of the public surface is seen in review or not at all.
const root = join(import.meta.dirname, "..");
const recorded = join(root, "api");
const update = process.argv.includes("--update");

const built = spawnSync("tsdown", [], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
if (built.status !== 0) process.exit(1);

const surface = await publicSurface();
if (update) record(surface);
else compare(surface);

/** One declaration file for each entry point that a package exports: file name -> declarations. */
async function publicSurface(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const name of readdirSync(join(root, "packages")).sort()) {
    const entries = await generateApiSnapshot(join(root, "packages", name), { typeWidening: false });
    for (const [entry, { dts }] of Object.entries(entries))
      files.set(`${name}${entry.slice(1).replaceAll("/", "-")}.d.ts`, dts);
  }
  return files;
}

function record(files: ReadonlyMap<string, string>): void {
  mkdirSync(recorded, { recursive: true });
  for (const [file, declarations] of files) writeFileSync(join(recorded, file), declarations);
  console.log(`${files.size} entry points recorded in api/`);
}

function compare(files: ReadonlyMap<string, string>): void {
  const drifted = [...files].filter(([file, declarations]) => readRecorded(file) !== declarations);
  const gone = (existsSync(recorded) ? readdirSync(recorded) : []).filter((file) => !files.has(file));
  for (const [file, declarations] of drifted) console.log(difference(file, declarations));
  for (const file of gone) console.log(`api/${file} belongs to no entry point any more: remove it`);
  if (drifted.length + gone.length === 0) return console.log(`${files.size} entry points are as recorded`);
  console.log("the public surface differs from api/: if that is meant, npm run api records it");
  process.exitCode = 1;
}

function readRecorded(file: string): string {
  const path = join(recorded, file);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

function difference(file: string, declarations: string): string {
  const current = join(mkdtempSync(join(tmpdir(), "banyan-api-")), file);
  writeFileSync(current, declarations);
  const known = existsSync(join(recorded, file)) ? join(recorded, file) : "/dev/null";
  const { stdout } = spawnSync("git", ["diff", "--no-index", "--no-color", known, current], { encoding: "utf8" });
  return `api/${file}\n${stdout.split("\n").slice(4).join("\n")}`;
}
