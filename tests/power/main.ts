import { parseArgs } from "node:util";
import { cutPower, type Cut } from "./cuts.ts";
import { whyNoLoopDisk } from "./loop-disk.ts";

const help = `Cuts the power under a running application and looks what is there: a file system of its own, of which only what had reached its
disk goes on. Then the same with SQLite made to acknowledge before the disk has it, which must lose some: else this could not tell.

npm run power -- [options]

  --cuts N          how often (default 50)
  --calibration N   how often with the weaker SQLite (default 6)
  --seed N          of the moments of the cuts (default 1)
  --json            one JSON document on standard output

Needs Linux and the right to mount. Exit 0: nothing acknowledged was lost, and the calibration lost some; or "skipped", with the reason,
where no disk can be made. 1: it fell short. 2: it could not run.
`;

interface Side {
  readonly cuts: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly doubled: number;
  readonly uncopied: number;
  readonly outOfOrder: number;
  readonly damaged: number;
}

interface Report {
  readonly skipped?: string;
  readonly durable?: Side;
  readonly calibration?: Side;
  readonly faults: readonly string[];
}

async function side(weaker: boolean, cuts: number, seed: number): Promise<Side> {
  const seen: Cut[] = [];
  for await (const cut of cutPower({ cuts, seed, weaker })) {
    seen.push(cut);
    const { nth, afterMs, acknowledged, lost } = cut;
    const name = weaker ? "calibration" : "cut";
    process.stderr.write(`${name} ${nth} of ${cuts}: after ${afterMs} ms; ${acknowledged} kept, ${lost.length} lost\n`);
  }
  const sum = (of: (cut: Cut) => number): number => seen.reduce((total, cut) => total + of(cut), 0);
  return {
    cuts: seen.length,
    acknowledged: sum((cut) => cut.written),
    lost: sum((cut) => cut.lost.length),
    doubled: sum((cut) => cut.doubled),
    uncopied: sum((cut) => cut.uncopied),
    outOfOrder: sum((cut) => cut.outOfOrder),
    damaged: sum((cut) => (cut.integrity === "ok" ? 0 : 1)),
  };
}

/** What must not be: in the durable run a loss of any kind, in the calibration that there was none. */
function faultsOf(durable: Side, calibration: Side): readonly string[] {
  const { cuts, acknowledged, ...zero } = durable;
  const bad = Object.entries(zero).filter(([, count]) => count !== 0);
  return [
    ...bad.map(([name, count]) => `${name}: ${count}`),
    ...(acknowledged > 0 ? [] : [`nothing was acknowledged in ${cuts} cuts, so nothing was judged`]),
    ...(calibration.lost > 0 ? [] : ["the calibration lost nothing, so this could not tell"]),
  ];
}

function textOf({ skipped, durable, calibration, faults }: Report): string {
  if (durable === undefined || calibration === undefined) return `skipped: ${skipped}\n`;
  const line = (name: string, { cuts, acknowledged, lost, damaged }: Side): string =>
    `${name}: ${cuts} cuts, ${acknowledged} commands acknowledged, ${lost} lost, ${damaged} files damaged`;
  return [
    line("FULL", durable),
    `      ${durable.doubled} doubled, ${durable.uncopied} without their effect, ${durable.outOfOrder} out of order`,
    line("calibration (NORMAL)", calibration),
    faults.length === 0 ? "fine\n" : `fell short:\n  ${faults.join("\n  ")}\n`,
  ].join("\n");
}

async function main(): Promise<number> {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const options = { cuts: text, calibration: text, seed: text, json: flag, help: flag };
  const { values } = parseArgs({ options });
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  const number = (given: string | undefined, otherwise: number): number => {
    const value = given === undefined ? otherwise : Number(given);
    if (!Number.isInteger(value) || value < 1) throw new Error(`"${given}" is no whole number above 0.`);
    return value;
  };
  const asked = { cuts: number(values.cuts, 50), few: number(values.calibration, 6), seed: number(values.seed, 1) };
  const report = await reportOf(asked);
  process.stdout.write(values.json === true ? `${JSON.stringify(report)}\n` : textOf(report));
  return report.faults.length === 0 ? 0 : 1;
}

async function reportOf(by: { readonly cuts: number; readonly few: number; readonly seed: number }): Promise<Report> {
  const skipped = whyNoLoopDisk();
  if (skipped !== undefined) return { skipped, faults: [] };
  const durable = await side(false, by.cuts, by.seed);
  const calibration = await side(true, by.few, by.seed);
  return { durable, calibration, faults: faultsOf(durable, calibration) };
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`power: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
