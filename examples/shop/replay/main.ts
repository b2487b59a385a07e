import { join } from "node:path";
import { ReplayFailure } from "./failure.ts";
import { help, type Options, readOptions } from "./options.ts";
import { Progress } from "./progress.ts";
import { Replay } from "./replay.ts";
import { reportOf } from "./report.ts";

async function main(): Promise<number> {
  try {
    const sample = join(import.meta.dirname, "..", "sample", "orders.csv");
    const options = readOptions(process.argv.slice(2), { token: process.env["BANYAN_DEV_TOKEN"], sample });
    if (options !== "help") return await replay(options);
    process.stdout.write(help);
    return 0;
  } catch (error) {
    if (!(error instanceof ReplayFailure)) throw error;
    process.stderr.write(`${error.code}: ${error.message}\n  ${error.remedy}\n`);
    return 2;
  }
}

async function replay(options: Options): Promise<number> {
  const run = new Replay(options);
  const progress = new Progress(process.stderr, () => run.moment);
  process.on("SIGTERM", () => run.stop());
  process.on("SIGINT", () => run.stop());
  // whoever presses Ctrl-C again does not want to wait
  process.once("SIGINT", () => process.on("SIGINT", () => process.exit(130)));
  try {
    const summary = await run.run();
    progress.end();
    process.stdout.write(options.json ? `${JSON.stringify(summary)}\n` : reportOf(summary));
    return { fine: 0, "fell-short": 1, stopped: 2 }[summary.verdict];
  } finally {
    progress.end();
  }
}

process.exitCode = await main();
