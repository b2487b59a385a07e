import { readFileSync } from "node:fs";
import { join } from "node:path";
import { memory, memoryDisk } from "@banyan/core";
import { PLANTED_BUGS, PLANTED_UNDER, reference, simulateSeed } from "@banyan/testing";
import { expect, test } from "vitest";
import { missingAmong, namedIn } from "../failures/named-tests.ts";

const PAGE = join(import.meta.dirname, "..", "..", "docs", "explanation", "simulation.md");
const text = readFileSync(PAGE, "utf8");

/** Seeds within which a bug breaks the law of its row. */
const WITHIN = 200;

/** Promises that rest on one line each. */
const THREE = ["ignores the fence", "forgets what is open", "acknowledges before it commits"];

interface Check {
  readonly id: string;
  readonly law: string;
  readonly history: string;
  readonly bugs: readonly string[];
  readonly notYet: boolean;
}

const quotedIn = (cell: string): readonly string[] => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);

const checks: readonly Check[] = text.split("\n").flatMap((line) => {
  const cells = line
    .split("|")
    .slice(1, -1)
    .map((cell) => cell.trim());
  const [id = "", , law = "", history = "", planted = ""] = cells;
  if (cells.length !== 5 || !/^(C\d|)$/.test(id)) return [];
  const [named = ""] = quotedIn(law);
  return { id, law: named, history, bugs: quotedIn(planted), notYet: planted.startsWith("not yet: ") };
});

test("the nine checks and liveness are rows; each names a law, a history and a bug, or the part it comes with", () => {
  const ids = Array.from({ length: 9 }, (_, i) => `C${i + 1}`);
  expect(checks.map(({ id }) => id)).toEqual(["", ...ids, ""]);
  const [, ...rows] = checks;
  const empty = rows.filter(({ law, bugs, notYet }) => !notYet && (law === "" || bugs.length === 0));
  expect(empty).toEqual([]);
  expect(rows.filter(({ history, notYet }) => !notYet && namedIn(history, PAGE).length === 0)).toEqual([]);
});

test("every find of the proof is a test that is there", () => {
  const page = join(import.meta.dirname, "..", "..", "docs", "explanation", "proof.md");
  const rows = readFileSync(page, "utf8")
    .split("\n")
    .filter((line) => /^\| [A-Z]/.test(line));
  expect(rows.length).toBeGreaterThan(10);
  expect(rows.filter((row) => namedIn(row, page).length !== 1)).toEqual([]);
  expect(missingAmong(namedIn(readFileSync(page, "utf8"), page))).toEqual([]);
});

test("every history that the page names is a test", () => {
  const named = namedIn(text, PAGE);
  expect(named.length).toBeGreaterThan(10);
  expect(missingAmong(named)).toEqual([]);
});

test("the three that rest on one line are named and planted", () => {
  expect(THREE.filter((bug) => !text.includes(`\`${bug}\``) || !Object.hasOwn(PLANTED_BUGS, bug))).toEqual([]);
});

async function breaksLaw(bug: string, law: string): Promise<boolean> {
  const plant = PLANTED_BUGS[bug];
  if (plant === undefined) throw new Error(`Nobody plants "${bug}".`);
  const bank = reference("tables");
  const faults = { ...bank.faults, ...PLANTED_UNDER[bug] };
  const store = (disk: ReturnType<typeof memoryDisk>) => plant(memory(disk));
  for (let seed = 1; seed <= WITHIN; seed++) {
    const { breaches } = await simulateSeed({ ...bank, faults, store, disk: memoryDisk, maxSteps: 100_000, seed });
    if (breaches.some((breach) => breach.law === law)) return true;
  }
  return false;
}

const planted = checks.flatMap(({ id, law, bugs }) => bugs.map((bug) => ({ check: id || law, law, bug })));

test.each(planted)("$check: a store that $bug breaks $law", { timeout: 120_000 }, async ({ bug, law }) => {
  expect(await breaksLaw(bug, law)).toBe(true);
});
