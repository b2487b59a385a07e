import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { availableParallelism, cpus, loadavg } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { InstalledApp } from "./installed-app.ts";

const help = `Saves a file of an application under \`banyan dev\` and waits for the new code to answer; times commands beside it.

npm run measure:restart -- [options]

  --app NAME       tutorial (default) or shop
  --saves N        in each round (default 10)
  --rounds N       rounds, each with a process of its own (default 3)
  --against DIR    another checkout, built, measured in turn with this one
  --json           one JSON document on standard output

Needs what \`npm run build\` leaves. Exit 2: it could not run.
`;

const root = join(import.meta.dirname, "..", "..");
const LIMIT_MS = 30_000;
const POLL_MS = 4;

/** A route that anybody may use, and the file that has it. */
const ROUTES = {
  tutorial: { file: "contexts/welcome/contract.ts", route: "/letters" },
  shop: { file: "contexts/inventory/contract.ts", route: "/stock" },
} as const;

const COMMANDS = [["--help"], ["check"], ["events", "lag"]] as const;

/** Milliseconds from the save to a line of the output, or to the answer. */
type Times = Readonly<Record<string, number>>;

/** What is looked for in the output after a save, in order. */
const STAGES: readonly (readonly [string, RegExp])[] = [
  ["noticed", /changed, starting again/],
  ["draining", /process draining/],
  ["stopped", /process stopped/],
  ["ready", /process ready/],
  ["serving", /serving url=/],
];

class Dev implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #began = performance.now();
  readonly #app: InstalledApp;
  readonly #route: { readonly file: string; readonly route: string };
  #text = "";
  #lines: { readonly text: string; readonly at: number }[] = [];
  #saved = 0;

  constructor(app: InstalledApp, name: keyof typeof ROUTES) {
    this.#app = app;
    this.#route = ROUTES[name];
    this.#child = spawn(process.execPath, [app.bin, "dev", "--port", String(PORT), "--no-faults"], {
      cwd: app.path,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => this.#take(text));
  }

  /** Until the first answer. */
  async first(): Promise<number> {
    await this.#answers(this.#route.route);
    return performance.now() - this.#began;
  }

  async save(): Promise<Times> {
    const file = join(this.#app.path, this.#route.file);
    const route = `${this.#route.route}-${++this.#saved}`;
    const text = readFileSync(file, "utf8").replace(new RegExp(`"GET ${this.#route.route}(-\\d+)?"`), `"GET ${route}"`);
    this.#lines = [];
    const began = performance.now();
    writeFileSync(file, text);
    await this.#answers(route);
    const answered = performance.now() - began;
    const at = (pattern: RegExp): number | undefined => this.#lines.find((line) => pattern.test(line.text))?.at;
    const stages = STAGES.map(([stage, pattern]) => [stage, (at(pattern) ?? Number.NaN) - began] as const);
    return { ...Object.fromEntries(stages), answered };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((done) => this.#child.once("close", done));
    this.#child.kill("SIGINT");
    await closed;
  }

  async #answers(route: string): Promise<void> {
    const end = performance.now() + LIMIT_MS;
    while (![200, 401].includes(await statusOf(route))) {
      if (performance.now() > end || this.#child.exitCode !== null) throw new Error(`no answer:\n${this.#text}`);
      await pause(POLL_MS);
    }
  }

  #take(text: string): void {
    this.#text += text;
    this.#lines.push({ text, at: performance.now() });
  }
}

const PORT = 4_190;

/** 0 where nobody answers. */
function statusOf(path: string): Promise<number> {
  return new Promise((done) => {
    const asked = request({ host: "127.0.0.1", port: PORT, path, agent: false }, (answer) => {
      answer.resume();
      done(answer.statusCode ?? 0);
    });
    asked.on("error", () => done(0)).end();
  });
}

interface Figures {
  readonly first: number[];
  readonly saves: Times[];
  readonly commands: Record<string, number[]>;
}

async function round(app: InstalledApp, options: { name: keyof typeof ROUTES; saves: number }, into: Figures) {
  await using dev = new Dev(app, options.name);
  into.first.push(await dev.first());
  for (let i = 0; i < options.saves; i++) {
    // so long a person takes at least
    await pause(1_000);
    into.saves.push(await dev.save());
  }
  for (const words of COMMANDS) {
    const began = performance.now();
    spawnSync(process.execPath, [app.bin, ...words], { cwd: app.path });
    (into.commands[words.join(" ")] ??= []).push(performance.now() - began);
  }
}

const quantile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
};
const told = (values: readonly number[]): string =>
  `median ${quantile(values, 0.5)} ms, p95 ${quantile(values, 0.95)} ms (${values.length})`;

function report(checkout: string, { first, saves, commands }: Figures): string {
  const stages = [...STAGES.map(([stage]) => stage), "answered"];
  return [
    checkout,
    `  first answer     ${told(first)}`,
    `  save to answer   ${told(saves.map((times) => times["answered"] ?? Number.NaN))}`,
    `    stages (median) ${stages
      .map(
        (stage) =>
          `${stage} ${quantile(
            saves.map((times) => times[stage] ?? Number.NaN),
            0.5,
          )}`,
      )
      .join(", ")}`,
    ...Object.entries(commands).map(([words, times]) => `  ${words.padEnd(16)} ${told(times)}`),
  ].join("\n");
}

async function main(): Promise<number> {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const { values } = parseArgs({
    options: { app: text, saves: text, rounds: text, against: text, json: flag, help: flag },
  });
  const name = (values.app ?? "tutorial") as keyof typeof ROUTES;
  if (values.help === true || ROUTES[name] === undefined) {
    process.stdout.write(help);
    return values.help === true ? 0 : 2;
  }
  const checkouts = [...(values.against === undefined ? [] : [resolve(values.against)]), root];
  const figures = new Map<string, Figures>(checkouts.map((one) => [one, { first: [], saves: [], commands: {} }]));
  for (let i = 0; i < Number(values.rounds ?? 3); i++) {
    for (const [checkout, into] of figures) {
      using app = new InstalledApp(checkout, name);
      await round(app, { name, saves: Number(values.saves ?? 10) }, into);
    }
  }
  const machine = `${availableParallelism()} x ${cpus()[0]?.model ?? "unknown"}, Node ${process.version}, load ${loadavg()[0]?.toFixed(1)}`;
  if (values.json === true)
    process.stdout.write(`${JSON.stringify({ machine, figures: Object.fromEntries(figures) })}\n`);
  else process.stdout.write(`${machine}\n${[...figures].map(([one, of]) => report(one, of)).join("\n")}\n`);
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`measure:restart: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
