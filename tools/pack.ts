import { execFileSync } from "node:child_process";
import { globSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { PackedFile } from "./pack-contents.ts";

const root = join(import.meta.dirname, "..");

/** What `npm publish` would send of one package. */
export interface Tarball {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly files: readonly PackedFile[];
}

interface Told {
  readonly name: string;
  readonly filename: string;
  readonly size: number;
}

/** Packs every package into `folder`, from what the last build left in dist. */
export function packAll(folder: string): readonly Tarball[] {
  const packages = globSync("packages/*", { cwd: root }).map((path) => `./${path}`);
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const said = execFileSync(npm, ["pack", ...packages, "--json", "--ignore-scripts", "--pack-destination", folder], {
    cwd: root,
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  const told: Record<string, Told> | readonly Told[] = JSON.parse(said);
  return Object.values<Told>(told).map(({ name, filename, size }) => {
    const path = join(folder, filename);
    return { name, path, bytes: size, files: unpacked(path) };
  });
}

function unpacked(path: string): PackedFile[] {
  const into = path.replace(/\.tgz$/, "");
  mkdirSync(into);
  execFileSync("tar", ["-xzf", path, "-C", into]);
  const folder = join(into, "package");
  return globSync("**/*", { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      return { path: file.slice(folder.length + 1).replaceAll("\\", "/"), text: readFileSync(file, "utf8") };
    });
}
