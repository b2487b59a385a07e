import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { run, type Ran } from "./run.ts";

const help = `Offers the shop several times what it can do, and holds what it does then against what is promised.

npm run overload -- [options]

  --minutes N      how long it is overloaded (default 5; 0.5 is half a minute)
  --times N        by how many times the sustainable rate (default 5)
  --settle N       seconds at half the sustainable rate afterwards (default 60)
  --json           one JSON document on standard output

The shop runs as in production, with the limits that are the default. Its peak is looked for first: so many clients that each send the next order when the last is
answered. Then orders come at a rate, whatever becomes of those before them, over at most 1,000 kept connections, from clients that heed no Retry-After. The
sender is a process of its own beside the shop and the payment provider: all three share this machine, also when the peak is measured. At the end the shop's
tables and the provider's ledger are read: they must have every order that was acknowledged, and none that was refused.

Exit 0: within what is promised. 1: it fell short. 2: it could not run.
`;

const MIB = 1024 * 1024;

interface Options {
  readonly seconds: number;
  readonly times: number;
  readonly settleSeconds: number;
  readonly json: boolean;
}

function readOptions(): Options | undefined {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const { values } = parseArgs({ options: { minutes: text, times: text, settle: text, json: flag, help: flag } });
  if (values.help === true) return undefined;
  const number = (name: "minutes" | "times" | "settle", otherwise: number): number => {
    const value = Number(values[name] ?? otherwise);
    if (!(value > 0 && value < 1_000)) throw new Error(`--${name} ${values[name]} is not a number above 0.`);
    return value;
  };
  return {
    seconds: Math.max(5, Math.round(number("minutes", 5) * 60)),
    times: number("times", 5),
    settleSeconds: Math.max(10, Math.round(number("settle", 60))),
    json: values.json === true,
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function report(ran: Ran): string {
  const percent = (share: number | null): string => (share === null ? "unknown" : `${Math.round(share * 100)} %`);
  const taken = (ms: number | null): string => (ms === null ? "unknown" : `${ms.toFixed(2)} ms`);
  const asked = (ms: number | null): string => (ms === null ? "not always answered" : `at most ${ms} ms`);
  return [
    `${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}; of one processor the shop took ${percent(ran.shopCpu)}, the sender ${percent(ran.senderCpu)}`,
    `${Math.round(ran.offeredPerSecond)} orders a second offered, ${Math.round(ran.goodPerSecond)} done in time; peak ${Math.round(ran.peakPerSecond)}`,
    `processor time of the shop for each of these: ${taken(ran.overloadCpuMs)}, at the peak ${taken(ran.peakCpuMs)}`,
    `accepted p50 ${ran.acceptedP50Ms} ms, p95 ${ran.acceptedP95Ms} ms; refused p95 ${ran.refusedP95Ms} ms; before p95 ${ran.beforeP95Ms} ms, after ${ran.afterP95Ms} ms`,
    `health ${asked(ran.healthMaxMs)}, an operator ${asked(ran.operatorMaxMs)}; event loop p99 ${Math.round(ran.loopP99MaxMs)} ms; at most ${ran.lagMax} entries not delivered; memory afterwards ${Math.round(ran.rssAfterBytes / MIB)} MiB; ${ran.connections} connections`,
    ...ran.points.map(({ point, promised, measured, verdict }) => `${verdict}  ${point}: ${measured} (${promised})`),
  ].join("\n");
}

async function main(): Promise<number> {
  const options = readOptions();
  if (options === undefined) {
    process.stdout.write(help);
    return 0;
  }
  const data = mkdtempSync(join(tmpdir(), "banyan-overload-"));
  try {
    const tell = (words: string): void => void process.stderr.write(`${words}\n`);
    const ran = await run({ ...options, data, port: await freePort(), tell });
    const missing = ran.points.filter(({ verdict }) => verdict === "FAIL").map(({ point }) => point);
    const verdict = missing.length === 0 ? "fine" : `fell short: ${missing.join(", ")}`;
    const { seconds, times } = options;
    process.stdout.write(
      options.json ? `${JSON.stringify({ seconds, times, ...ran, missing })}\n` : `${report(ran)}\n${verdict}\n`,
    );
    return missing.length === 0 ? 0 : 1;
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`overload: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(2);
}
