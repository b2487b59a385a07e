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

/** The lines an application needs; `types` compiles with `tsconfig`. `among` what is there already, our tests are run and no others. */
export function linesWith(tsconfig: string, among: boolean): PackageLines {
  const ours = `^${ownVersion()}`;
  return {
    scripts: {
      dev: "banyan dev",
      start: "banyan start",
      check: "banyan check",
      types: tsconfig === "tsconfig.json" ? "tsc" : `tsc -p ${tsconfig}`,
      test: among ? 'node --test "contexts/**/*.test.ts"' : "node --test",
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

/** What a package.json has in a version before the one that what is written is made for: `zod ^3.25.0, and not ^4.6.7`. */
export function olderOnes(has: Readonly<Record<string, unknown>>): readonly string[] {
  return ["dependencies", "devDependencies", "peerDependencies"].flatMap((section) =>
    namesIn(has[section]).flatMap((name) => {
      const range = (has[section] as Readonly<Record<string, unknown>>)[name];
      const wanted = MADE_FOR[name];
      return wanted !== undefined && typeof range === "string" && isBefore(range, wanted)
        ? [`${name} ${range}, and not ^${wanted.join(".")}`]
        : [];
    }),
  );
}

type Version = readonly [major: number, minor: number];

/** The first versions with which what is written loads and compiles. */
const MADE_FOR: Readonly<Record<string, Version>> = { zod: [4, 0], typescript: [5, 8] };

/** Whether no version of the range is as new; what is no plain range is not judged. */
function isBefore(range: string, [major, minor]: Version): boolean {
  return range.split("||").every((part) => {
    const [, sign, first = "", second] = /^\s*([~^]?)=?v?(\d+)(?:\.(\d+))?[\w.+-]*\s*$/.exec(part) ?? [];
    if (first === "") return false;
    const moves = sign === "^" || second === undefined;
    return Number(first) < major || (Number(first) === major && !moves && Number(second) < minor);
  });
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
