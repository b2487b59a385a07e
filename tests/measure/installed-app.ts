import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** What an installed package has of ours; sources would be run as a checkout is. */
const PACKED = ["package.json", "dist", "bin", "templates"];

/** A copy of an example in a folder of its own, with the packages that `checkout` has built, as npm lays them out. */
export class InstalledApp implements Disposable {
  readonly path: string = realpathSync.native(mkdtempSync(join(tmpdir(), "banyan-installed-")));
  readonly bin: string;

  constructor(checkout: string, example: string) {
    cpSync(join(checkout, "examples", example), this.path, { recursive: true });
    const modules = join(this.path, "node_modules");
    const packages = join(checkout, "packages");
    for (const folder of readdirSync(packages)) install(join(packages, folder), modules);
    const others = join(checkout, "node_modules");
    for (const name of readdirSync(others).filter((one) => !one.startsWith(".") && one !== "@banyan")) {
      const at = join(modules, name);
      if (name !== "banyan") symlinkSync(join(others, name), at);
    }
    this.bin = join(modules, "banyan", "bin", "banyan.js");
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

function install(source: string, modules: string): void {
  const { name } = JSON.parse(readFileSync(join(source, "package.json"), "utf8")) as { readonly name: string };
  const target = join(modules, name);
  mkdirSync(dirname(target), { recursive: true });
  for (const part of PACKED.filter((one) => existsSync(join(source, one))))
    cpSync(join(source, part), join(target, part), { recursive: true });
}
