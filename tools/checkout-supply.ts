import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { INSTALL_SCRIPTS, type Manifest, type Supply } from "./dependencies.ts";

const root = join(import.meta.dirname, "..");

/** The lockfile, the packages and the installed dependencies of this checkout. */
export function checkoutSupply(): Supply {
  const folders = globSync("packages/*", { cwd: root }).map((folder) => folder.replaceAll("\\", "/"));
  return {
    lockfile: JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages,
    packages: new Map(folders.toSorted().map((folder) => [folder, manifestAt(folder)])),
    scriptsAt: installScripts,
  };
}

function manifestAt(place: string): Manifest {
  return JSON.parse(readFileSync(join(root, place, "package.json"), "utf8"));
}

/** What its own manifest says, not what the lockfile says of it: a registry may leave that out. npm builds what has a binding.gyp. */
function installScripts(place: string): readonly string[] {
  if (!existsSync(join(root, place, "package.json"))) return [];
  const { scripts = {} } = manifestAt(place);
  const named = INSTALL_SCRIPTS.filter((script) => script in scripts);
  return existsSync(join(root, place, "binding.gyp")) ? [...named, "binding.gyp"] : named;
}
