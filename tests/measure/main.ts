import { execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs, promisify } from "node:util";
import type { Summary } from "../../examples/shop/replay/summary.ts";
import { ShopProcess } from "../crash/shop-process.ts";

const help = `Replays orders against the shop and holds its figures against what is promised of it.

npm run measure -- FILE.csv[.gz] [options]

  --limit N        only the first N invoices (default 20000)
  --concurrency N  requests at a time (default 32)
  --faults         with the development faults, for correctness; without them, for figures (default)
  --port N         of the shop (default 4180)
  --json           one JSON document on standard output

Exit 0: within what is promised. 1: it fell short. 2: it could not run.
`;

const MIB = 1024 * 1024;
const root = join(import.meta.dirname, "..", "..");

interface Options {
  readonly file: string;
  readonly limit: string;
  readonly concurrency: string;
  readonly faults: boolean;
  readonly port: number;
  readonly json: boolean;
}

interface Health {
  readonly process: {
    readonly rssBytes: number;
    readonly eventLoopDelaySinceStart: { readonly p99Ms: number; readonly maxMs: number };
  };
}

interface Figures {
  readonly idleRssBytes: number;
  readonly endRssBytes: number;
  readonly lastOverThirdQuarter: number | null;
  readonly eventLoopP99Ms: number;
  readonly eventLoopMaxMs: number;
  readonly bareLoop: { readonly p99Ms: number; readonly maxMs: number };
  readonly summary: Summary;
}

function readOptions(): Options | undefined {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { limit: text, concurrency: text, port: text, faults: flag, json: flag, help: flag },
  });
  const [file] = positionals;
  if (values.help === true || file === undefined) return undefined;
  const { limit = "20000", concurrency = "32", port = "4180" } = values;
  return {
    file: resolve(file),
    limit,
    concurrency,
    port: Number(port),
    faults: values.faults === true,
    json: values.json === true,
  };
}

async function measure(options: Options): Promise<Figures> {
  const data = mkdtempSync(join(tmpdir(), "banyan-measure-"));
  const shop = new ShopProcess({ data, port: options.port, faults: options.faults, log: join(data, "shop.log") });
  try {
    await shop.start();
    await pause(5_000);
    const idle = await healthOf(shop);
    const summary = await replay(options, shop.url, data);
    const end = await healthOf(shop);
    await shop.stop();
    const delays = end.process.eventLoopDelaySinceStart;
    return {
      idleRssBytes: idle.process.rssBytes,
      endRssBytes: end.process.rssBytes,
      lastOverThirdQuarter: summary.shopProcess?.rssLastOverThird ?? null,
      eventLoopP99Ms: delays.p99Ms,
      eventLoopMaxMs: delays.maxMs,
      bareLoop: await bareLoop(data, summary),
      summary,
    };
  } finally {
    await shop.kill();
    rmSync(data, { recursive: true, force: true });
  }
}

async function healthOf(shop: ShopProcess): Promise<Health> {
  return (await (await fetch(`${shop.url}/_banyan/health/ready`)).json()) as Health;
}

/** The replay's summary; its progress goes to the terminal. */
function replay({ file, limit, concurrency }: Options, url: string, data: string): Promise<Summary> {
  const script = join(root, "examples/shop/replay/main.ts");
  const args = [
    "--conditions=source",
    script,
    file,
    "--url",
    url,
    "--data",
    data,
    "--limit",
    limit,
    "--concurrency",
    concurrency,
    "--json",
  ];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((done, failed) => {
    child.on("error", failed);
    child.on("close", (code) =>
      output === ""
        ? failed(new Error(`The replay ended with ${code} and said nothing.`))
        : done(JSON.parse(output) as Summary),
    );
  });
}

async function bareLoop(data: string, { orders, rows, invoices }: Summary): Promise<Figures["bareLoop"]> {
  const lines = Math.max(1, Math.round(rows / invoices));
  const script = join(import.meta.dirname, "bare-loop.ts");
  const { stdout } = await promisify(execFile)(process.execPath, [
    script,
    data,
    String(orders.acknowledged),
    String(lines),
  ]);
  return JSON.parse(stdout) as Figures["bareLoop"];
}

/** What the figures promise and do not keep. */
function shortfalls({
  idleRssBytes,
  endRssBytes,
  lastOverThirdQuarter,
  eventLoopP99Ms,
  bareLoop,
  summary,
}: Figures): readonly string[] {
  const allowed = Math.max(20, bareLoop.p99Ms * 2);
  return [
    ...(summary.verdict === "fine" ? [] : [`the replay says ${summary.verdict}: ${summary.faults.join("; ")}`]),
    ...(idleRssBytes < 160 * MIB ? [] : [`idle memory ${mib(idleRssBytes)} is not under 160 MiB`]),
    ...(endRssBytes < 400 * MIB ? [] : [`memory at the end ${mib(endRssBytes)} is not under 400 MiB`]),
    ...(lastOverThirdQuarter !== null && lastOverThirdQuarter <= 1.1
      ? []
      : [`memory of the last quarter is ${lastOverThirdQuarter} times the third's, not at most 1.1`]),
    ...(eventLoopP99Ms <= allowed
      ? []
      : [`event-loop delay p99 ${eventLoopP99Ms.toFixed(1)} ms is over ${allowed.toFixed(1)} ms`]),
  ];
}

const mib = (bytes: number): string => `${(bytes / MIB).toFixed(0)} MiB`;

function report(figures: Figures, missing: readonly string[]): string {
  const { summary, bareLoop: bare } = figures;
  const latency = summary.latencyMs;
  return [
    `machine            ${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}`,
    `orders             ${summary.orders.acknowledged} of ${summary.orders.planned}, by outcome ${JSON.stringify(summary.orders.byStatus)}`,
    `refused            ${JSON.stringify(summary.orders.refused)}, not sent ${JSON.stringify(summary.orders.notSent)}`,
    `cancellations      ${JSON.stringify(summary.cancellations)}`,
    `rate               ${summary.acceptedPerSecond} orders/s over ${summary.sendS} s, drained ${summary.drainS} s later`,
    `POST /orders       ${latency === null ? "-" : `p50 ${latency.p50} ms, p90 ${latency.p90} ms, p99 ${latency.p99} ms, max ${latency.max} ms`}`,
    `memory             idle ${mib(figures.idleRssBytes)}, at the end ${mib(figures.endRssBytes)}, last quarter ${figures.lastOverThirdQuarter} times the third`,
    `event-loop delay   p99 ${figures.eventLoopP99Ms.toFixed(1)} ms, max ${figures.eventLoopMaxMs.toFixed(1)} ms; bare loop p99 ${bare.p99Ms.toFixed(1)} ms, max ${bare.maxMs.toFixed(1)} ms`,
    `audit              ${JSON.stringify(summary.audit)}, lost ${summary.lost?.length ?? "unknown"}`,
    missing.length === 0 ? "fine" : `fell short:\n  ${missing.join("\n  ")}`,
  ].join("\n");
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) {
    process.stdout.write(help);
    return process.argv.includes("--help") ? 0 : 2;
  }
  const figures = await measure(options);
  const missing = shortfalls(figures);
  process.stdout.write(options.json ? `${JSON.stringify({ ...figures, missing })}\n` : `${report(figures, missing)}\n`);
  return missing.length === 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`measure: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
