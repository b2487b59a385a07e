import { readFileSync } from "node:fs";
import { join } from "node:path";
import { templates } from "./templates.ts";

/** What a package.json needs, by section: names and their values. */
export type PackageLines = Readonly<Record<Section, Readonly<Record<string, string>>>>;

type Section = "scripts" | "dependencies" | "devDependencies";

const SECTIONS: readonly Section[] = ["scripts", "dependencies", "devDependencies"];

/** Of others' packages; a test holds them to the versions that this one is built with. */
export const OTHERS: Readonly<Record<"zod" | "typescript" | "@types/node", string>> = {
  zod: "^4.6.7",
  typescript: "^7.0.2",
  "@types/node": "^26.6.6",
};

/** The lines an application needs; `types` compiles with `tsconfig`. */
export function linesWith(tsconfig: string): PackageLines {
  const ours = `^${ownVersion()}`;
  return {
    scripts: {
      dev: "banyan dev",
      start: "banyan start",
      check: "banyan check",
      types: tsconfig === "tsconfig.json" ? "tsc" : `tsc -p ${tsconfig}`,
      test: "node --test",
    },
    dependencies: { banyan: ours, zod: OTHERS.zod },
    devDependencies: {
      "@banyan/testing": ours,
      "@types/node": OTHERS["@types/node"],
      typescript: OTHERS.typescript,
    },
  };
}

/** The lines that a package.json does not have; scripts whose names are taken get one of ours. */
export function missingLines(has: Readonly<Record<string, unknown>>, wanted: PackageLines): PackageLines {
  const known = new Set(["dependencies", "devDependencies", "peerDependencies"].flatMap((name) => namesIn(has[name])));
  const packages = (section: Section): Readonly<Record<string, string>> =>
    Object.fromEntries(Object.entries(wanted[section]).filter(([name]) => !known.has(name)));
  const taken = new Set(namesIn(has["scripts"]));
  const scripts = Object.entries(wanted.scripts).flatMap(([name, script]) => {
    const own = taken.has(name) ? `banyan:${name}` : name;
    return taken.has(own) ? [] : [[own, script]];
  });
  return {
    scripts: Object.fromEntries(scripts) as Readonly<Record<string, string>>,
    dependencies: packages("dependencies"),
    devDependencies: packages("devDependencies"),
  };
}

/** The text of a package.json with these lines in it: what was there keeps its value, its order and its indentation. */
export function withLines(text: string, lines: PackageLines): string {
  const whole = JSON.parse(text) as Record<string, unknown>;
  for (const section of SECTIONS)
    if (Object.keys(lines[section]).length > 0) {
      const before = whole[section] as Readonly<Record<string, string>> | undefined;
      whole[section] = { ...before, ...lines[section], ...before };
    }
  const indent = /^[{]\s*\n([ \t]+)/.exec(text)?.[1] ?? "  ";
  return `${JSON.stringify(whole, undefined, indent)}\n`;
}

function namesIn(section: unknown): string[] {
  return typeof section === "object" && section !== null ? Object.keys(section) : [];
}

function ownVersion(): string {
  const text = readFileSync(join(templates(), "..", "package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
