import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { keep } from "./record.ts";
import { type Printed, SUITES, type Suite } from "./suites.ts";

const help = `Does the long proofs and keeps what they found in docs/proofs/.

npm run prove -- [SUITE ...] [options]

  SUITE          ${SUITES.map(({ name }) => name).join(", ")} (default: all)
  --minutes N    at most so long for a suite; what is left is done by the next call (default 120)
  --again        also what has been done of this commit

A suite has steps, and what a step found is kept under .banyan/prove/: a call goes on where the last one ended. A proof is of a commit, so
everything outside docs/ must be committed.

Exit 0: every suite holds, or says why it was skipped. 1: one fell short. 2: one could not run, or there is more to do.
`;

const root = join(import.meta.dirname, "..", "..");
const stopped = new AbortController();

interface Step {
  readonly exitCode: number;
  readonly seconds: number;
  readonly printed: Printed;
}

function git(...args: readonly string[]): string {
  return execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();
}

/** The commit that is proved. Throws where the tree is another. */
function commitOfTree(): string {
  const changed = git("status", "--porcelain", "--", ".", ":!docs");
  if (changed === "") return git("rev-parse", "--short=10", "HEAD");
  throw new Error(`A proof is of a commit: commit these first.\n${changed}`);
}

async function proveSuite(suite: Suite, by: { commit: string; minutes: number; again: boolean }): Promise<number> {
  const folder = join(root, ".banyan", "prove", by.commit, suite.name);
  mkdirSync(folder, { recursive: true });
  const steps: Step[] = [];
  const began = performance.now();
  for (const [i, args] of suite.steps.entries()) {
    const file = join(folder, `${i + 1}.json`);
    const done = by.again || !existsSync(file) ? undefined : (JSON.parse(readFileSync(file, "utf8")) as Step);
    if (done === undefined && performance.now() - began > by.minutes * 60_000) {
      say(`${suite.name}: ${i} of ${suite.steps.length} steps done; call again to go on.`);
      return 2;
    }
    const step = done ?? (await runStep(suite, args));
    if (step === undefined) return 2;
    writeFileSync(file, JSON.stringify(step));
    steps.push(step);
    say(`${suite.name}: step ${i + 1} of ${suite.steps.length}, ${Math.round(step.seconds)} s, exit ${step.exitCode}`);
    if (step.exitCode !== 0) break;
  }
  return conclude(suite, steps, by.commit);
}

function conclude(suite: Suite, steps: readonly Step[], commit: string): number {
  const printed = steps.map((step) => step.printed);
  const skipped = printed.map((one) => one["skipped"]).find((reason) => typeof reason === "string");
  const holds = steps.every(({ exitCode }) => exitCode === 0);
  const figures = skipped ?? suite.figures(printed);
  keep({
    name: suite.name,
    claim: suite.claim,
    command: `npm run prove -- ${suite.name}`,
    verdict: skipped === undefined ? (holds ? "holds" : "fell short") : "skipped",
    figures,
    steps: steps.length,
    seconds: Math.round(steps.reduce((sum, { seconds }) => sum + seconds, 0)),
    date: new Date().toISOString().slice(0, 10),
    commit,
    machine: `${cpus().length} x ${cpus()[0]?.model ?? "?"}, Node ${process.versions.node}, SQLite ${process.versions["sqlite"]}`,
  });
  say(`${suite.name}: ${holds ? "holds" : "fell short"}: ${figures}`);
  return holds ? 0 : 1;
}

/** Undefined: it could not run, or was stopped. */
async function runStep({ name, script }: Suite, args: readonly string[]): Promise<Step | undefined> {
  const began = performance.now();
  const child = spawn("npm", ["run", "--silent", script, "--", ...args, "--json"], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    signal: stopped.signal,
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const exitCode = await new Promise<number>((done) => {
    child.on("error", () => done(2));
    child.on("close", (code) => done(code ?? 2));
  });
  const seconds = (performance.now() - began) / 1_000;
  if (exitCode === 0 || exitCode === 1) return { exitCode, seconds, printed: JSON.parse(output) as Printed };
  say(`${name}: ${args.join(" ")} ${stopped.signal.aborted ? "was stopped" : `could not run: exit ${exitCode}`}`);
  return undefined;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

async function main(): Promise<number> {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { minutes: text, again: flag, help: flag },
  });
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  const unknown = positionals.find((name) => SUITES.every((suite) => suite.name !== name));
  if (unknown !== undefined) throw new Error(`There is no suite "${unknown}". See --help.`);
  const minutes = Number(values.minutes ?? 120);
  if (!(minutes > 0)) throw new Error(`--minutes is "${values.minutes}", but must be a number above 0.`);
  const by = { commit: commitOfTree(), minutes, again: values.again === true };
  const chosen = SUITES.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  let worst = 0;
  for (const suite of chosen) {
    if (stopped.signal.aborted) return 2;
    worst = Math.max(worst, await proveSuite(suite, by));
  }
  return worst;
}

process.once("SIGINT", () => stopped.abort());
try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`prove: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
