import { existsSync, readFileSync, globSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { BanyanError } from "@banyan/core";

/** The folder of templates. It lies beside the sources and beside what is built of them, which are of different depth. */
export function templates(): string {
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, "templates", "first"))) return join(folder, "templates");
  throw new BanyanError("internal", `There are no templates above ${fileURLToPath(import.meta.url)}.`, {
    remedy: "Install banyan again.",
  });
}

/** The files of the first application, by their path in it, written with `/`. */
export function templateFiles(): ReadonlyMap<string, string> {
  const root = join(templates(), "first");
  const paths = globSync("**/*.*", { cwd: root }).map((path) => path.replaceAll("\\", "/"));
  return new Map(paths.sort().map((path) => [path, readFileSync(join(root, path), "utf8")]));
}
