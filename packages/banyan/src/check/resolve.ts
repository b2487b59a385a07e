import { realpathSync, statSync } from "node:fs";
import { createRequire, isBuiltin } from "node:module";
import { dirname, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** Where a specifier leads. A `missing` path is where its file would be. */
export type Target =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "missing"; readonly path: string }
  | { readonly kind: "package" }
  | { readonly kind: "builtin" };

const PACKAGE: Target = { kind: "package" };
const ENDINGS = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".d.ts", ".json"];
/** What TypeScript lets an import say for the source beside it. */
const SOURCE_ENDINGS: readonly [RegExp, readonly string[]][] = [
  [/\.jsx?$/, [".ts", ".tsx"]],
  [/\.mjs$/, [".mts"]],
  [/\.cjs$/, [".cts"]],
];
/** Banyan itself is a package wherever it lies, also in its own repository. */
const BANYAN = /^(?:banyan|@banyan\/[^/]+)(?:\/|$)/;

/** Follows relative, absolute and `file:` specifiers; others only where they lead out of `node_modules` into sources. */
export function resolveSpecifier(from: string, specifier: string): Target {
  if (isBuiltin(specifier)) return { kind: "builtin" };
  const path = pathOf(from, specifier);
  if (path === undefined) return resolveNamed(from, specifier);
  const file = fileAt(path);
  return file === undefined ? { kind: "missing", path: linkedFolder(path) } : { kind: "file", path: file };
}

function pathOf(from: string, specifier: string): string | undefined {
  const bare = specifier.replace(/[?#].*$/, "");
  if (/^\.{0,2}\//.test(bare) || bare === "." || bare === "..") return resolve(dirname(from), bare);
  return specifier.startsWith("file:") ? fileURLToPath(specifier) : undefined;
}

/** The file an import of `path` means, with symbolic links resolved as Node does it. */
export function fileAt(path: string): string | undefined {
  const found = candidates(path).find((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true);
  return found === undefined ? undefined : realpathSync.native(found);
}

function candidates(path: string): string[] {
  const sources = SOURCE_ENDINGS.flatMap(([ending, replacements]) =>
    ending.test(path) ? replacements.map((replacement) => path.replace(ending, replacement)) : [],
  );
  return [
    path,
    ...sources,
    ...ENDINGS.map((ending) => path + ending),
    ...ENDINGS.map((ending) => `${path}${sep}index${ending}`),
  ];
}

/** `#imports` of package.json and workspace packages are one's own sources under another name. */
function resolveNamed(from: string, specifier: string): Target {
  if (BANYAN.test(specifier)) return PACKAGE;
  try {
    const path = realpathSync.native(createRequire(from).resolve(specifier));
    return path.split(sep).includes("node_modules") ? PACKAGE : { kind: "file", path };
  } catch {
    return PACKAGE;
  }
}

/** The path of a file that does not exist, with the links of the folders above it resolved. */
function linkedFolder(path: string): string {
  const folder = dirname(path);
  if (folder === path) return path;
  try {
    return resolve(realpathSync.native(folder), path.slice(folder.length + 1));
  } catch {
    return resolve(linkedFolder(folder), path.slice(folder.length + 1));
  }
}
