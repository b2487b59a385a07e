import { posix } from "node:path";
import { parseSync } from "oxc-parser";

/** What each package stands on, and nothing else. Tests may also use what they test with. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  "packages/core": [],
  "packages/node": ["@banyan/core", "@hono/node-server", "hono", "jose", "node:", "pino"],
  "packages/kysely": ["@banyan/core", "kysely"],
  "packages/drizzle": ["@banyan/core", "drizzle-orm"],
  "packages/prisma": ["@banyan/core", "@prisma/client", "@prisma/driver-adapter-utils", "node:"],
  "packages/testing": ["@banyan/core", "fast-check", "node:", "vitest"],
  "packages/banyan": ["@banyan/core", "@banyan/node", "node:", "oxc-parser"],
  "examples/shop": ["@banyan/kysely", "@banyan/testing", "banyan", "kysely", "node:", "zod"],
  "examples/booking": ["@banyan/drizzle", "@banyan/kysely", "banyan", "drizzle-orm", "kysely", "zod"],
  "examples/tutorial": ["banyan", "node:", "zod"],
};
/** The folders of core: each may import itself and those to its left. */
export const CORE_FOLDERS = ["error", "hash", "contract", "settings", "ports", "context", "runtime", "memory"];
/** Ports that no conformance suite judges, and why that is enough. Every other part of `Platform` has one. */
const WITHOUT_SUITE: Readonly<Record<string, string>> = {
  calls: "its only adapter so far is the process itself",
  clock: "adapters are one expression each; the simulation drives the runtime with its own",
  random: "adapters are one expression each; the simulation drives the runtime with its own",
  telemetry: "adapters only listen: nothing depends on what they do",
  turn: "adapters are one expression each; the simulation drives the runtime with its own",
};
const PORT_LINES = 60;

type Import = { from: string; line: number; specifier: string; star: boolean };

/** Every breach of the table in these files (path from the root -> text), each with what is allowed instead. */
export function violations(files: ReadonlyMap<string, string>): string[] {
  const imports = [...files].flatMap(([path, text]) => (path.endsWith(".ts") ? importsOf(path, text) : []));
  const judged = imports.flatMap((edge) => judgeImport(edge) ?? []);
  return [...judged, ...cycles(imports), ...manifests(files), ...ports(files, imports)];
}

function importsOf(path: string, text: string): Import[] {
  const { module } = parseSync(path, text);
  const edge = (at: { value: string; start: number }, star = false): Import => {
    return { from: path, line: text.slice(0, at.start).split("\n").length, specifier: at.value, star };
  };
  const exported = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap((entry) =>
      entry.moduleRequest ? [edge(entry.moduleRequest, entry.importName.kind.startsWith("All"))] : [],
    ),
  );
  return [...module.staticImports.map((statement) => edge(statement.moduleRequest)), ...exported];
}

function judgeImport({ from, line, specifier, star }: Import): string | undefined {
  const home = from.split("/").slice(0, 2).join("/");
  const at = `${from}:${line}`;
  if (star) return `${at} exports everything of "${specifier}"; export by name`;
  if (specifier.startsWith(".")) {
    const target = posix.join(posix.dirname(from), specifier);
    if (!target.startsWith(`${home}/`)) return `${at} reaches into ${target}; import its package by name`;
    return home === "packages/core" ? judgeFolder(at, coreFolder(from), coreFolder(target)) : undefined;
  }
  const allowed = MAY_IMPORT[home] ?? [];
  if (isTest(from) || allowed.some((name) => specifier === name || specifier.startsWith(slashed(name))))
    return undefined;
  return `${at} imports "${specifier}"; ${home} may import ${allowed.join(", ") || "nothing"}`;
}

function judgeFolder(at: string, folder: string, target: string): string | undefined {
  if (folder === "" || folder === target) return undefined;
  const own = CORE_FOLDERS.indexOf(folder);
  if (own < 0) return `${at} is in the folder "${folder}", which has no place in the order ${CORE_FOLDERS.join(", ")}`;
  const lower = CORE_FOLDERS.slice(0, own);
  if (lower.includes(target)) return undefined;
  return `${at} imports ${target || "the entry point"}; core's ${folder} may import ${lower.join(", ") || "nothing"}`;
}

function cycles(imports: readonly Import[]): string[] {
  const graph = Map.groupBy(imports, (edge) => edge.from);
  const done = new Set<string>();
  const walk = (file: string, trail: readonly string[]): string[] => {
    if (trail.includes(file)) return [`a cycle: ${[...trail.slice(trail.indexOf(file)), file].join(" -> ")}`];
    if (done.has(file)) return [];
    const relative = (graph.get(file) ?? []).filter((edge) => edge.specifier.startsWith("."));
    const targets = new Set(relative.map((edge) => posix.join(posix.dirname(file), edge.specifier)));
    const found = [...targets].flatMap((target) => walk(target, [...trail, file]));
    done.add(file);
    return found;
  };
  return [...graph.keys()].flatMap((file) => walk(file, []));
}

function manifests(files: ReadonlyMap<string, string>): string[] {
  return Object.entries(MAY_IMPORT).flatMap(([home, allowed]) => {
    const { dependencies, peerDependencies } = JSON.parse(files.get(`${home}/package.json`) ?? "{}");
    const listed = Object.keys({ ...dependencies, ...peerDependencies }).filter((name) => !allowed.includes(name));
    return listed.map(
      (name) => `${home}/package.json depends on "${name}"; it may on ${allowed.join(", ") || "nothing"}`,
    );
  });
}

function ports(files: ReadonlyMap<string, string>, imports: readonly Import[]): string[] {
  const folder = "packages/core/src/ports";
  const long = [...files].flatMap(([path, text]) => {
    const lines = text.trimEnd().split("\n").length;
    const tooLong = path.startsWith(`${folder}/`) && !isTest(path) && lines > PORT_LINES;
    return tooLong ? [`${path} has ${lines} lines; a port is at most ${PORT_LINES}, its comments are promises`] : [];
  });
  const parts = imports
    .filter((edge) => edge.from === `${folder}/platform.ts`)
    .map((edge) => posix.basename(edge.specifier));
  const missing = parts.filter(
    (port) => !files.has(`packages/testing/src/conformance/${port}`) && !(port.slice(0, -3) in WITHOUT_SUITE),
  );
  return [...long, ...missing.map((port) => `${folder}/${port} has no suite packages/testing/src/conformance/${port}`)];
}

const isTest = (path: string): boolean => /\.test(-d)?\.ts$/.test(path);
const coreFolder = (path: string): string => /^packages\/core\/src\/([^/]+)\//.exec(path)?.[1] ?? "";
const slashed = (name: string): string => (name.endsWith(":") ? name : `${name}/`);
