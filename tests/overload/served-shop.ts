import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { keyOf, OPERATOR } from "./callers.ts";
import { SKUS, type Load, type Loaded, type Phase } from "./load.ts";

const root = join(import.meta.dirname, "..", "..");
const MIB = 1024 * 1024;
const READY_MS = 60_000;
const DRAINED_MS = 120_000;
/** Of the clock by which Linux counts processor time. */
const TICKS_PER_SECOND = 100;

export interface Health {
  readonly status: string;
  readonly lag: number;
  readonly parked: number;
  readonly process: {
    readonly pid: number;
    readonly rssBytes: number;
    readonly eventLoopDelayP99Ms: number;
  };
}

/** `banyan start` on the shop, in a process of its own. */
export class ServedShop {
  readonly #data: string;
  readonly port: number;
  readonly outcomes: string[] = [];
  #child: ChildProcess | undefined;

  constructor(data: string, port: number) {
    this.#data = data;
    this.port = port;
  }

  async start(): Promise<void> {
    const output = openSync(join(this.#data, "shop.log"), "a");
    const config = join(import.meta.dirname, "banyan.config.ts");
    const bin = join(root, "packages", "banyan", "bin", "banyan.js");
    const args = ["--conditions=source", bin, "start", "--config", config, "--data", this.#data];
    const child = spawn(process.execPath, [...args, "--port", String(this.port)], {
      cwd: root,
      stdio: ["ignore", output, output],
    });
    this.#child = child;
    for (const until = performance.now() + READY_MS; performance.now() < until; await pause(50)) {
      if (child.exitCode !== null) break;
      if ((await this.health().catch(() => undefined))?.status === "ready") return this.#stock();
    }
    throw new Error(`The shop did not get ready; its last words:\n${this.words}`);
  }

  get words(): string {
    return readFileSync(join(this.#data, "shop.log"), "utf8").slice(-2_000);
  }

  async health(): Promise<Health> {
    const answer = await fetch(`http://127.0.0.1:${this.port}/_banyan/health/ready`);
    return (await answer.json()) as Health;
  }

  /** As an operator sees it. Throws where it is refused. */
  async operate(): Promise<void> {
    const answer = await this.#ask("GET", "/_banyan/ops/delivery/subscriptions");
    await answer.arrayBuffer();
  }

  async #stock(): Promise<void> {
    for (const sku of SKUS) await this.#ask("PUT", `/stock/${sku}`, { quantity: 1e9, priceCents: 1_250 });
  }

  async #ask(method: string, path: string, json?: object): Promise<Response> {
    const headers = { authorization: `Bearer ${keyOf(OPERATOR)}`, "content-type": "application/json" };
    const body = json === undefined ? {} : { body: JSON.stringify(json) };
    const answer = await fetch(`http://127.0.0.1:${this.port}${path}`, { method, headers, ...body });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status} ${await answer.text()}`);
    return answer;
  }

  /** Processor time of the shop so far, in seconds; null where the system does not tell. */
  get cpuS(): number | null {
    try {
      const fields = readFileSync(`/proc/${this.#child?.pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
      return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    } catch {
      return null;
    }
  }

  /** What is sent in these phases, from a process of its own; what became of each order is left in the data folder. */
  async load(phases: readonly Phase[]): Promise<Loaded> {
    const args = ["--conditions=source", join(import.meta.dirname, "load.ts")];
    const outcomes = join(this.#data, `outcomes-${this.outcomes.length}`);
    const load: Load = { port: this.port, sender: this.outcomes.length, outcomes, phases };
    const all = [...args, JSON.stringify(load)];
    const { stdout } = await promisify(execFile)(process.execPath, all, { maxBuffer: 512 * MIB });
    this.outcomes.push(outcomes);
    return JSON.parse(stdout) as Loaded;
  }

  /** Resolves when everything that was placed is done: nothing has waited for a second. */
  async drained(): Promise<void> {
    let quiet = 0;
    for (const until = performance.now() + DRAINED_MS; performance.now() < until; await pause(200)) {
      quiet = (await this.health()).lag === 0 ? quiet + 1 : 0;
      if (quiet === 5) return;
    }
    throw new Error("What was placed is not done after two minutes.");
  }

  /** SIGTERM; it ends its provider, too. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return;
    const exit = once(child, "exit");
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), 30_000);
    await exit;
    clearTimeout(late);
  }
}
