import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Place, run } from "./process.ts";

/** Our packages by name, each as the path of its tarball. */
export type Packed = ReadonlyMap<string, string>;

const QUIET = ["--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund"];

/** An npm package that only this check uses, in a folder of its own; the folder of its commands. */
export async function tool(place: Place, spec: string): Promise<string> {
  const cwd = join(place.cwd, `tool-${spec.replaceAll(/[^\w.]+/g, "-")}`);
  emptyPackage(cwd);
  await run({ ...place, cwd }, "npm", "install", ...QUIET, "--no-save", spec);
  return join(cwd, "node_modules", ".bin");
}

/** What `banyan init` of the tarballs writes, told to find ours in the tarballs; nothing is installed yet. */
export async function begun(place: Place, name: string, packed: Packed): Promise<string> {
  const installer = join(place.cwd, `${name}-installer`);
  emptyPackage(installer);
  const ours = ["banyan", "@banyan/core", "@banyan/node"].map((of) => String(packed.get(of)));
  await run({ ...place, cwd: installer }, "npm", "install", ...QUIET, ...ours);
  await run(place, join(installer, "node_modules", ".bin", "banyan"), "init", name);
  const folder = join(place.cwd, name);
  const at = join(folder, "package.json");
  const manifest = JSON.parse(readFileSync(at, "utf8"));
  const direct = new Set<string>();
  for (const section of [manifest.dependencies, manifest.devDependencies] as Record<string, string>[])
    for (const [of, path] of packed)
      if (of in section) {
        direct.add(of);
        section[of] = `file:${path}`;
      }

  manifest.overrides = Object.fromEntries(
    [...packed].flatMap(([of, path]) => (direct.has(of) ? [] : [[of, `file:${path}`]])),
  );
  writeFileSync(at, JSON.stringify(manifest, undefined, 2));
  const overrides = [...packed].map(([of, path]) => `  "${of}": "file:${path}"\n`).join("");
  // what pnpm reads in place of npm's `overrides`
  writeFileSync(join(folder, "pnpm-workspace.yaml"), `overrides:\n${overrides}`);
  return folder;
}

/** Installs with npm, which hoists. */
export async function npmInstall(place: Place): Promise<void> {
  await run(place, "npm", "install", ...QUIET);
}

/** Installs with pnpm, where a package finds only what it lists. */
export async function pnpmInstall(place: Place, pnpm: string): Promise<void> {
  await run(place, join(pnpm, "pnpm"), "install", "--prefer-offline", "--ignore-scripts", "--no-frozen-lockfile");
}

function emptyPackage(folder: string): void {
  mkdirSync(folder);
  writeFileSync(
    join(folder, "package.json"),
    '{ "name": "foreign", "version": "0.0.0", "private": true, "type": "module" }\n',
  );
}
