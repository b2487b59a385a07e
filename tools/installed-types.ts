import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

// Compiles the shop and the first application of `banyan init`, declarations included, as an application that installed
// our packages where each sees only its own dependencies (the layout of pnpm). A type that a factory returns but `banyan` does not export by name fails here, and
// nowhere in this repository, where everything is hoisted. Needs the build that the step before it left in dist.
const root = join(import.meta.dirname, "..");
const app = mkdtempSync(join(tmpdir(), "banyan-installed-"));
interface Manifest {
  readonly name: string;
  readonly dependencies?: object;
  readonly peerDependencies?: object;
  readonly devDependencies?: object;
}
const manifest = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
const ours = new Map(
  globSync("packages/*", { cwd: root }).map((path) => [manifest(join(root, path)).name, join(root, path)]),
);

const shop = join(root, "examples", "shop");
install(app, shop);
link(join(app, "node_modules"), "@types/node", join(root, "node_modules", "@types", "node"));
// what `banyan init` writes: of ours it needs what the shop needs
cpSync(join(root, "packages", "banyan", "templates", "first"), join(app, "first"), { recursive: true });
cpSync(shop, join(app, "shop"), { recursive: true, filter: (path) => !/node_modules|\.test\.ts$|\.banyan/.test(path) });
const compilerOptions = {
  target: "esnext",
  module: "nodenext",
  lib: ["esnext"],
  types: ["node"],
  strict: true,
  exactOptionalPropertyTypes: true,
  allowImportingTsExtensions: true,
  declaration: true,
  emitDeclarationOnly: true,
  outDir: "out",
  rootDir: ".",
};
writeFileSync(
  join(app, "tsconfig.json"),
  JSON.stringify({ compilerOptions, include: ["shop", "first"], exclude: ["shop/tests"] }),
);
writeFileSync(join(app, "package.json"), JSON.stringify({ type: "module" }));
const { status, stdout } = spawnSync(join(root, "node_modules/.bin/tsc"), ["--pretty", "false", "-p", app], {
  encoding: "utf8",
});
rmSync(app, { recursive: true });
console.log(stdout.trim() || "an application compiles against the packages as installed");
process.exitCode = status === 0 ? 0 : 1;

/** Links what the package in `folder` lists into the node_modules of `place`, and installs ours the same way in turn. */
function install(place: string, folder: string): void {
  const { dependencies, peerDependencies, devDependencies } = manifest(folder);
  const wanted = { ...dependencies, ...peerDependencies, ...(place === app ? devDependencies : {}) };
  for (const name of Object.keys(wanted)) {
    const source = ours.get(name);
    link(
      join(place, "node_modules"),
      name,
      source === undefined ? join(root, "node_modules", name) : stored(name, source),
    );
  }
}

/** Each of our packages lies once in a store of its own, with nothing beside it but its dependencies. */
function stored(name: string, source: string): string {
  const home = join(app, "store", name.replace("/", "+"));
  const target = join(home, "node_modules", name);
  if (existsSync(target)) return target;
  mkdirSync(target, { recursive: true });
  cpSync(join(source, "package.json"), join(target, "package.json"));
  cpSync(join(source, "dist"), join(target, "dist"), { recursive: true });
  install(home, source);
  return target;
}

function link(modules: string, name: string, target: string): void {
  mkdirSync(dirname(join(modules, name)), { recursive: true });
  symlinkSync(target, join(modules, name));
}
