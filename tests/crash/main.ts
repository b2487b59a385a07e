import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Summary } from "../../examples/shop/replay/summary.ts";
import { faultsIn, readLedgers, type Ledgers } from "./ledgers.ts";
import { writeRounds } from "./orders.ts";
import { faultsOfSight, readSight, type Sight } from "./sight.ts";
import { ShopProcess } from "./shop-process.ts";
import { strike, strikesOf } from "./strikes.ts";

const help = `Strikes the shop during a replay and checks that nothing was lost or done twice. It is killed with SIGKILL and started again: at any
moment, as a commit is being written, and after its payment provider was killed; and it is stopped for longer than anybody waits for an
answer, and goes on.

npm run crash -- [FILE.csv[.gz]] [options]

  FILE          orders to replay; without it the sample, several times over
  --rounds N    how often the sample is repeated (default 40)
  --limit N     only the first N invoices of FILE (default 6000)
  --kills N     how often it is killed (default 20)
  --pauses N    how often it is stopped and goes on (default 5)
  --seed N      of the moments and kinds (default 1)
  --no-faults   without the development faults
  --port N      of the shop (default 4170)
  --json        one JSON document on standard output

Exit 0: nothing lost, nothing twice, nothing stuck. 1: it fell short. 2: it could not run.
`;

interface Options {
  readonly file: string | undefined;
  readonly kills: number;
  readonly pauses: number;
  readonly rounds: number;
  readonly limit: number;
  readonly seed: number;
  readonly faults: boolean;
  readonly port: number;
  readonly json: boolean;
}

interface Replayed {
  readonly exitCode: number | null;
  readonly summary: Summary;
}

interface Report {
  readonly kills: number;
  readonly pauses: number;
  readonly recoveryMs: readonly number[];
  readonly replay: Summary;
  readonly ledgers: Ledgers;
  readonly sight: Sight;
  readonly acknowledged: number;
  readonly lost: number;
  readonly faults: readonly string[];
}

function readOptions(): Options | undefined {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    allowNegative: true,
    options: {
      kills: text,
      pauses: text,
      rounds: text,
      limit: text,
      seed: text,
      port: text,
      faults: flag,
      json: flag,
      help: flag,
    },
  });
  if (values.help === true) return undefined;
  const number = (given: string | undefined, otherwise: number): number => {
    const value = given === undefined ? otherwise : Number(given);
    if (!Number.isInteger(value) || value < 0) throw new Error(`"${given}" is not a whole number.`);
    return value;
  };
  return {
    file: positionals[0] === undefined ? undefined : resolve(positionals[0]),
    kills: number(values.kills, 20),
    pauses: number(values.pauses, 5),
    rounds: number(values.rounds, 40),
    limit: number(values.limit, 6_000),
    seed: number(values.seed, 1),
    port: number(values.port, 4_170),
    faults: values.faults !== false,
    json: values.json === true,
  };
}

/** A seeded generator (mulberry32), so that a run can be repeated with the same waits. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}

function replay(options: Options, shop: ShopProcess, data: string): Promise<Replayed> {
  const root = join(import.meta.dirname, "..", "..");
  const limit = options.file === undefined ? [] : ["--limit", String(options.limit)];
  const args = [
    "--conditions=source",
    join(root, "examples/shop/replay/main.ts"),
    options.file ?? writeRounds(data, options.rounds),
    "--url",
    shop.url,
    "--data",
    data,
    ...limit,
    "--json",
  ];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "ignore"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("close", (exitCode) => {
      try {
        done({ exitCode, summary: JSON.parse(output) as Summary });
      } catch {
        failed(new Error(`The replay ended with ${exitCode} and without a summary.`));
      }
    });
  });
}

async function run(options: Options, say: (line: string) => void): Promise<Report> {
  const data = mkdtempSync(join(tmpdir(), "banyan-crash-"));
  const { port, faults } = options;
  const config = join(import.meta.dirname, "banyan.config.ts");
  const shop = new ShopProcess({ data, port, faults, log: join(data, "shop.log"), config });
  const random = dice(options.seed);
  const strikes = strikesOf(options.kills, options.pauses, random);
  const recoveryMs: number[] = [];
  try {
    await shop.start();
    let over = false;
    const replaying = replay(options, shop, data).finally(() => (over = true));
    replaying.catch(() => {});
    let pauses = 0;
    for (const [i, kind] of strikes.entries()) {
      await pause(300 + random() * 1_200);
      if (over) break;
      const readyMs = await strike(kind, { shop, data, random });
      if (readyMs === undefined) pauses++;
      else recoveryMs.push(readyMs);
      say(`${i + 1} of ${strikes.length}: ${kind}${readyMs === undefined ? "" : `; ready again after ${readyMs} ms`}`);
    }
    const { summary } = await replaying;
    const exitCode = await shop.stop();
    return judge({
      summary,
      recoveryMs,
      pauses,
      ledgers: readLedgers(data),
      sight: readSight(data),
      exitCode,
      wanted: strikes.length,
    });
  } finally {
    await shop.kill();
    rmSync(data, { recursive: true, force: true });
  }
}

function judge(seen: {
  summary: Summary;
  recoveryMs: number[];
  pauses: number;
  ledgers: Ledgers;
  sight: Sight;
  exitCode: number | null;
  wanted: number;
}): Report {
  const { summary, recoveryMs, pauses, ledgers, sight, exitCode, wanted } = seen;
  const struck = recoveryMs.length + pauses;
  const acknowledged = summary.orders.acknowledged;
  const found = Object.values(ledgers.orders).reduce((sum, count) => sum + count, 0);
  const lost = Math.max(0, acknowledged - found, summary.lost?.length ?? acknowledged);
  const faults = [
    ...(summary.verdict === "fine" ? [] : [`the replay says ${summary.verdict}: ${summary.faults.join("; ")}`]),
    ...(lost === 0 ? [] : [`lost: ${lost}`]),
    ...(struck === wanted
      ? []
      : [`only ${struck} of ${wanted} kills and pauses fell into the replay; replay more invoices`]),
    ...(exitCode === 0 ? [] : [`the shop ended with ${exitCode} after SIGTERM`]),
    ...faultsIn(ledgers),
    ...faultsOfSight(sight),
  ];
  return { kills: recoveryMs.length, pauses, recoveryMs, replay: summary, ledgers, sight, acknowledged, lost, faults };
}

function print(report: Report): void {
  const { recoveryMs, ledgers, sight, faults } = report;
  const sorted = recoveryMs.toSorted((a, b) => a - b);
  const lines = [
    `${report.kills} kills, ${report.pauses} pauses; ready again after ${sorted[sorted.length >> 1] ?? "-"} ms (median), ${sorted.at(-1) ?? "-"} ms (most)`,
    `${report.acknowledged} orders acknowledged, ${report.lost} lost; by status ${JSON.stringify(ledgers.orders)}`,
    `charged twice ${ledgers.chargedTwice}, wrongly paid ${ledgers.wronglyPaid}, charges without an order ${ledgers.chargesWithoutOrder}`,
    `not ended ${ledgers.unfinished}, holds left open ${ledgers.openHolds}, wrong stock ${ledgers.wrongStock}, parked ${ledgers.parked}`,
    `seen ${sight.seen} events of orders: ${sight.unseen} not, ${sight.seenTwice} twice, ${sight.seenOutOfOrder} out of order`,
    `notices missing ${ledgers.noticesMissing}, notices sent twice ${ledgers.noticesDouble}`,
    faults.length === 0 ? "fine" : `fell short:\n  ${faults.join("\n  ")}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) {
    process.stdout.write(help);
    return 0;
  }
  const report = await run(options, (line) => process.stderr.write(`${line}\n`));
  if (options.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  else print(report);
  return report.faults.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`crash: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
