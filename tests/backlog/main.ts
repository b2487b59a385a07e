import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { logFor, type Spread } from "./application.ts";
import { drain, type Drained } from "./drain.ts";
import { fill } from "./fill.ts";
import { judge, judgeLive, type Judged } from "./judge.ts";
import { live, type Live } from "./live.ts";

const help = `Lets a backlog wait, drains it with the real store in a process of its own, and holds the figures against what is promised.

npm run backlog -- [options]

  --entries N      entries for the reader (default 1000000); the log has one of another event beside every seven
  --keys N         distinct keys (default 1000)
  --hot PERCENT    so many of 100 entries are of one key (default 0)
  --rate N         no backlog: N entries a second come while they are read, --entries in all, and it is told how late each is
  --json           one JSON document on standard output

PASS or FAIL is said of each point. Rate and time to drain by the clock are said too, and not judged: a machine that others use does not keep its speed.

Exit 0: within what is promised. 1: it fell short. 2: it could not run.
`;

const MIB = 1024 * 1024;

interface Options {
  readonly entries: number;
  readonly spread: Spread;
  readonly rate: number | undefined;
  readonly json: boolean;
  /** What this process does of the whole; undefined: it leads the others. */
  readonly phase: string | undefined;
  readonly data: string;
}

function readOptions(): Options | undefined {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const options = { entries: text, keys: text, hot: text, rate: text, phase: text, data: text, json: flag, help: flag };
  const { values } = parseArgs({ options });
  const whole = (value: string | undefined, otherwise: number): number => {
    const number = Number(value ?? otherwise);
    if (!Number.isInteger(number) || number < 0) throw new Error(`"${value}" is not a whole number.`);
    return number;
  };
  if (values.help === true) return undefined;
  return {
    entries: whole(values.entries, 1_000_000),
    spread: { keys: Math.max(1, whole(values.keys, 1_000)), hot: whole(values.hot, 0) },
    rate: values.rate === undefined ? undefined : whole(values.rate, 0),
    json: values.json === true,
    phase: values.phase,
    data: values.data ?? "",
  };
}

/** One phase in a process of its own, so that its memory is its own too. */
async function apart<T>(phase: string, data: string, entries: number): Promise<T> {
  const given = process.argv.slice(2).filter((argument) => argument !== "--json");
  const args = ["--conditions=source", import.meta.filename, ...given, "--entries", String(entries)];
  const more = ["--phase", phase, "--data", data];
  const { stdout } = await promisify(execFile)(process.execPath, [...args, ...more], { maxBuffer: 64 * MIB });
  return JSON.parse(stdout) as T;
}

function run({ phase, data, entries, spread, rate = 1_000 }: Options): Promise<unknown> {
  if (phase === "fill") return fill(data, entries, spread);
  return phase === "drain" ? drain(data, entries, spread) : live(data, entries, { rate, spread });
}

const machine = (): string => `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`;

function reportDrained({ entries, ms, tenths }: Drained, judged: Judged): string {
  const rows = tenths.map(
    ({ perSecond, cpuUs, rssBytes, loopP99Ms }, i) =>
      `${String((i + 1) * 10).padStart(3)} %   ${String(perSecond).padStart(6)} entries/s   ${cpuUs.toFixed(1).padStart(5)} us of processor each   ${(rssBytes / MIB).toFixed(0).padStart(4)} MiB   event loop p99 ${loopP99Ms.toFixed(1)} ms`,
  );
  return [
    machine(),
    `${entries} entries in ${(ms / 1_000).toFixed(1)} s, ${Math.round(entries / (ms / 1_000))} a second`,
    ...rows,
    ...judged.points.map(
      ({ point, promised, measured, verdict, judged: decides }) =>
        `${verdict}  ${point}: ${measured} (${promised}${decides ? "" : "; not judged, others use the machine"})`,
    ),
  ].join("\n");
}

function reportLive({ entries, ms, hotP99Ms, othersP99Ms }: Live): string {
  return [
    machine(),
    `${entries} entries read in ${(ms / 1_000).toFixed(1)} s; p99 from emission to effect, by quarter:`,
    `the hot key   ${hotP99Ms.join(", ")} ms`,
    `the others    ${othersP99Ms.join(", ")} ms`,
  ].join("\n");
}

async function lead({ entries, rate, json }: Options): Promise<number> {
  const data = mkdtempSync(join(tmpdir(), "banyan-backlog-"));
  const tell = (figures: object, text: string, missing: readonly string[]): number => {
    const verdict = missing.length === 0 ? "fine" : `fell short:\n  ${missing.join("\n  ")}`;
    process.stdout.write(json ? `${JSON.stringify({ ...figures, missing })}\n` : `${text}\n${verdict}\n`);
    return missing.length === 0 ? 0 : 1;
  };
  try {
    if (rate !== undefined) {
      const figures = await apart<Live>("live", data, entries);
      return tell(figures, reportLive(figures), judgeLive(figures));
    }
    const wanted = await apart<number>("fill", data, logFor(entries));
    const drained = await apart<Drained>("drain", data, wanted);
    const judged = judge(drained);
    const { samples: _, ...figures } = drained;
    const missing = judged.points.filter((one) => one.judged && one.verdict === "FAIL").map((one) => one.point);
    return tell({ ...figures, ...judged }, reportDrained(drained, judged), missing);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) {
    process.stdout.write(help);
    return 0;
  }
  if (options.phase === undefined) return lead(options);
  process.stdout.write(JSON.stringify(await run(options)));
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`backlog: ${error instanceof Error ? error.message : String(error)}\n`);
  // what was opened would keep the process alive
  process.exit(2);
}
