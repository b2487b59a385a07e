import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { drill, type DrillOptions, type DrillReport } from "./drill.ts";

const help = `Takes a backup of the shop in the middle of a replay, lets the replay go on, restores the backup into another folder beside
what the payment provider knows by then, starts there, waits until nothing is in flight, and judges what is there.

npm run drill -- [options]

  --file FILE.csv[.gz]   orders to replay, without returns; without it the sample, several times over
  --limit N              only the first N invoices of FILE (default 4000)
  --rounds N             how often the sample is repeated (default 8)
  --at SHARE             after which share of the orders the backup is taken (default 0.4)
  --port N               of the shop (default 4180)
  --json                 one JSON document on standard output

Exit 0: every check passed. 1: one did not. 2: it could not be carried out.
`;

function readOptions(): { readonly options: DrillOptions; readonly json: boolean } | undefined {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const { values } = parseArgs({
    options: { file: text, limit: text, rounds: text, at: text, port: text, json: flag, help: flag },
  });
  if (values.help === true) return undefined;
  const number = (given: string | undefined, otherwise: number): number => {
    const value = given === undefined ? otherwise : Number(given);
    if (!(value > 0)) throw new Error(`"${given}" is no number above 0.`);
    return value;
  };
  const options = {
    file: values.file === undefined ? undefined : resolve(values.file),
    limit: number(values.limit, 4_000),
    rounds: number(values.rounds, 8),
    at: number(values.at, 0.4),
    port: number(values.port, 4_180),
  };
  return { options, json: values.json === true };
}

function textOf({ passed, checks, orders, backupMs, settleMs }: DrillReport): string {
  const lines = checks.map(({ check, passed: well, found }) => `${well ? "PASS" : "FAIL"}  ${check}\n      ${found}`);
  const figures = `${orders} orders; backup ${backupMs} ms; restored shop at rest ${settleMs} ms after its start`;
  return `${[...lines, figures, passed ? "PASS" : "FAIL"].join("\n")}\n`;
}

async function main(): Promise<number> {
  const asked = readOptions();
  if (asked === undefined) {
    process.stdout.write(help);
    return 0;
  }
  const report = await drill(asked.options, (line) => process.stderr.write(`${line}\n`));
  process.stdout.write(asked.json ? `${JSON.stringify(report)}\n` : textOf(report));
  return report.passed ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`drill: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
