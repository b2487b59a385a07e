import { parseArgs } from "node:util";
import { resolve } from "node:path";
import { FolderTaken } from "./place.ts";
import { routeHelp } from "./routes.ts";
import { serveProvider } from "./server.ts";

const help = `The payment provider of the shop: a simulator in a process of its own.

npm run shop:provider -- --data DIR [--idle-seconds N]

  --data DIR          the shop's data folder; ledger and port are kept in DIR/provider
  --idle-seconds N    end after N seconds without a request (default 300)

${routeHelp}`;

interface Options {
  readonly data: string;
  readonly idleMs: number;
}

async function main(): Promise<number> {
  let options: Options | "help";
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    return fail("usage-invalid", message(error), "Run it with --help.");
  }
  if (options === "help") {
    process.stdout.write(help);
    return 0;
  }
  try {
    return await run(options);
  } catch (error) {
    if (error instanceof FolderTaken) return fail(error.code, error.message, error.remedy);
    return fail(
      "provider-not-started",
      message(error),
      "Check that the data folder is a writable folder on a local disk.",
    );
  }
}

async function run(options: Options): Promise<number> {
  const server = await serveProvider(options);
  process.stdout.write(
    `payment provider: http://127.0.0.1:${server.port} (pid ${process.pid}, data ${options.data})\n`,
  );
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void server.close());
  if ((await server.closed) === "idle")
    process.stdout.write("payment provider: no shop asked for anything, so it ended\n");
  return 0;
}

function readOptions(args: string[]): Options | "help" {
  const { values } = parseArgs({
    args,
    options: {
      data: { type: "string" },
      "idle-seconds": { type: "string", default: "300" },
      help: { type: "boolean" },
    },
  });
  if (values.help) return "help";
  if (!values.data) throw new Error("--data DIR is missing.");
  const idle = Number(values["idle-seconds"]);
  if (!(idle > 0 && idle <= 86_400)) throw new Error("--idle-seconds must be a number over 0 and at most 86400.");
  return { data: resolve(values.data), idleMs: idle * 1000 };
}

function fail(code: string, what: string, remedy: string): number {
  process.stderr.write(`${code}: ${what}\n  ${remedy}\n`);
  return 2;
}

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

process.exitCode = await main();
