import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { extractDts, resolvePackageEntries } from "tsnapi";

// What users can import, as built, is recorded in api/: a change of the public surface is seen in review or not at all.
const root = join(import.meta.dirname, "..");
const recorded = join(root, "api");

const built = spawnSync("tsdown", [], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
if (built.status !== 0) process.exit(1);

const surface = await publicSurface();
if (process.argv.includes("--update")) record(surface);
else compare(surface);

/** One declaration file for each entry point that a package exports: file name -> declarations. */
async function publicSurface(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  for (const name of readdirSync(join(root, "packages")).sort()) {
    const folder = join(root, "packages", name);
    const chunks = globSync(join(folder, "dist", "*.d.ts")).map((path): [string, string] => {
      return [`./${basename(path, ".d.ts")}.mjs`, asModule(readFileSync(path, "utf8"))];
    });
    for (const entry of await resolvePackageEntries(folder)) {
      if (entry.dts === null) throw new Error(`packages/${name} exports ${entry.name} without types`);
      const options = { chunkSources: new Map(chunks), typeWidening: false };
      const declarations = await extractDts(entry.dts, asModule(readFileSync(entry.dts, "utf8")), options);
      files.set(`${name}${entry.name.slice(1).replaceAll("/", "-")}.d.ts`, `${declarations.trim() || "export {};"}\n`);
    }
  }
  return files;
}

/** tsnapi follows declarations into shared chunks only where they are named .mjs. */
function asModule(declarations: string): string {
  return declarations.replaceAll(/"(\.\/[^"]+)\.js"/g, '"$1.mjs"');
}

function record(files: ReadonlyMap<string, string>): void {
  mkdirSync(recorded, { recursive: true });
  for (const [file, declarations] of files) writeFileSync(join(recorded, file), declarations);
  console.log(`${files.size} entry points recorded in api/`);
}

function compare(files: ReadonlyMap<string, string>): void {
  const drifted = [...files].flatMap(([file, declarations]) => difference(file, declarations) ?? []);
  const gone = globSync("*.d.ts", { cwd: recorded }).filter((file) => !files.has(file));
  const problems = [...drifted, ...gone.map((file) => `api/${file} belongs to no entry point any more: remove it`)];
  if (problems.length === 0) return console.log(`${files.size} entry points are as recorded`);
  console.log(problems.join("\n"));
  console.log("the public surface differs from api/: if that is meant, npm run api records it");
  process.exitCode = 1;
}

function difference(file: string, declarations: string): string | undefined {
  const known = join(recorded, file);
  if (!existsSync(known)) return `api/${file} is not recorded yet`;
  if (readFileSync(known, "utf8") === declarations) return undefined;
  const current = join(mkdtempSync(join(tmpdir(), "banyan-api-")), file);
  writeFileSync(current, declarations);
  const { stdout } = spawnSync("git", ["diff", "--no-index", "--no-color", known, current], { encoding: "utf8" });
  return `api/${file}\n${stdout.split("\n").slice(4).join("\n")}`;
}
