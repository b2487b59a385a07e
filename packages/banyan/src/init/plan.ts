import { lstatSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { BanyanError } from "@banyan/core";
import { linesWith, missingLines, olderOnes, type PackageLines } from "./package-lines.ts";
import { templateFiles } from "./templates.ts";
import { excludeFor } from "./tsconfig-exclude.ts";

/** What is to become of a folder. */
export interface Plan {
  /** `added`: there is a package already, and nothing of it is touched. */
  readonly kind: "new" | "added";
  /** By path, in the folder; none of them exists. */
  readonly files: ReadonlyMap<string, string>;
  /** What the package that is there lacks. */
  readonly lines: PackageLines;
  /** The line that the .gitignore which is there lacks. */
  readonly ignore: string | undefined;
  /** What `exclude` of the tsconfig.json that is there has to be, so that it does not take what is written. Said only: it may have comments. */
  readonly exclude: readonly string[] | undefined;
  /** By whose lockfile is there: another one's `install` would put a second beside it. */
  readonly manager: string;
}

const IGNORED = ".banyan/";
const OF_ITS_OWN = "Begin in a folder of its own, which gets its own package: `banyan init app`.";
const LOCKFILES = [
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
] as const;
/** What a compiler would find. */
const WRITTEN = ["banyan.config.ts", "contexts"];
const NOTHING: PackageLines = { scripts: {}, dependencies: {}, devDependencies: {} };

/** Decides everything before anything is written. Throws `init-conflict` where a file is in the way, naming all of them. */
export function planOf(folder: string): Plan {
  const manifest = textOf(folder, "package.json");
  const tsconfig =
    manifest === undefined || !exists(folder, "tsconfig.json") ? "tsconfig.json" : "tsconfig.banyan.json";
  const ignored = textOf(folder, ".gitignore");
  const linked = ["package.json", ".gitignore"].filter((file) => isLink(folder, file));
  if (linked.length > 0) throw leadsElsewhere(folder, linked);
  const files = new Map(templateFiles());
  files.set(tsconfig, files.get("tsconfig.json") ?? "");
  if (tsconfig !== "tsconfig.json") files.delete("tsconfig.json");
  if (ignored === undefined) files.set(".gitignore", `node_modules/\n${IGNORED}\n`);
  const wanted = linesWith(tsconfig, manifest !== undefined);
  if (manifest === undefined) files.set("package.json", newManifest(basename(folder), wanted));
  refuseConflicts(folder, [...files.keys(), ...(manifest === undefined ? [] : ["package.json.new"])]);
  const ignore = ignored === undefined || /^\/?\.banyan\/?$/m.test(ignored) ? undefined : IGNORED;
  if (manifest === undefined) return { kind: "new", files, lines: NOTHING, ignore, exclude: undefined, manager: "npm" };
  const lines = missingLines(packageOf(folder, manifest), wanted);
  const [, manager = "npm"] = LOCKFILES.find(([file]) => exists(folder, file)) ?? [];
  return { kind: "added", files, lines, ignore, exclude: excludeOf(folder), manager };
}

function excludeOf(folder: string): readonly string[] | undefined {
  const text = textOf(folder, "tsconfig.json");
  return text === undefined ? undefined : excludeFor(text, WRITTEN);
}

function newManifest(folder: string, lines: PackageLines): string {
  const name =
    folder
      .toLowerCase()
      .replaceAll(/[^a-z0-9-]+/g, "-")
      .replaceAll(/^-+|-+$/g, "") || "application";
  const engines = { node: ">=24.15" };
  const whole = { name, version: "0.1.0", private: true, type: "module", ...lines, engines };
  return `${JSON.stringify(whole, undefined, 2)}\n`;
}

function refuseConflicts(folder: string, files: readonly string[]): void {
  const there = files.filter((file) => exists(folder, file));
  const linked = [...new Set(files.flatMap(foldersOf))].filter((one) => isLink(folder, one));
  if (linked.length > 0) throw leadsElsewhere(folder, linked);
  if (there.length === 0) return;
  const names = there.map((file) => `- ${file}\n`).join("");
  throw new BanyanError("init-conflict", `${folder} has already what would be written:\n${names}Nothing was written.`);
}

/** `["contexts", "contexts/guestbook"]` for a file in the latter. */
function foldersOf(file: string): readonly string[] {
  const folders = file.split("/").slice(0, -1);
  return folders.map((_, at) => folders.slice(0, at + 1).join("/"));
}

/** What is written below it would be written somewhere else, which nobody has named. */
function isLink(folder: string, file: string): boolean {
  return looked(join(folder, file), (path) => lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) === true;
}

function leadsElsewhere(folder: string, linked: readonly string[]): BanyanError {
  const names = linked.map((file) => `- ${file}\n`).join("");
  return new BanyanError("init-conflict", `${folder} has links to elsewhere:\n${names}Nothing was written.`, {
    remedy: "Put what is its own in their places, or begin in another folder: `banyan init DIR`.",
  });
}

/** Sources are modules, and one package has modules of one kind. */
function packageOf(folder: string, text: string): Readonly<Record<string, unknown>> {
  const at = join(folder, "package.json");
  const value = parsed(text);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new BanyanError("init-conflict", `${at} is no JSON object. Nothing was written.`, {
      remedy: "Correct it, or begin in another folder: `banyan init DIR`.",
    });
  const found = value as Readonly<Record<string, unknown>>;
  if (found["type"] !== "module")
    throw new BanyanError("init-conflict", `${at} does not say \`"type": "module"\`. Nothing was written.`, {
      remedy: OF_ITS_OWN,
    });
  const [older] = olderOnes(found);
  if (older === undefined) return found;
  throw new BanyanError("init-conflict", `${at} has ${older}. Nothing was written.`, {
    remedy: `Raise it. Or ${OF_ITS_OWN.toLowerCase()}`,
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function textOf(folder: string, file: string): string | undefined {
  return exists(folder, file) ? looked(join(folder, file), (path) => readFileSync(path, "utf8")) : undefined;
}

/** Also where it is a link that leads nowhere: what is written would go there. */
function exists(folder: string, file: string): boolean {
  return looked(join(folder, file), (path) => lstatSync(path, { throwIfNoEntry: false })) !== undefined;
}

function looked<Result>(path: string, look: (path: string) => Result): Result {
  try {
    return look(path);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENAMETOOLONG") throw cause; // told as what was asked, like every path
    throw new BanyanError("init-conflict", `${path} cannot be read: ${code ?? message}. Nothing was written.`, {
      cause,
      remedy: "Give a folder that this user can read and write: `banyan init DIR`.",
    });
  }
}
