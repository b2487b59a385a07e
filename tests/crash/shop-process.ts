import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { openSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const root = join(import.meta.dirname, "..", "..");

export interface ShopOptions {
  readonly data: string;
  readonly port: number;
  readonly faults: boolean;
  /** Where its output goes. */
  readonly log: string;
  /** Another application than the shop's own. */
  readonly config?: string;
}

/** The shop as a child process, started as `npm run shop` starts it, killed without warning, and started again. */
export class ShopProcess {
  readonly url: string;
  readonly #options: ShopOptions;
  #child: ChildProcess | undefined;

  constructor(options: ShopOptions) {
    this.#options = options;
    this.url = `http://127.0.0.1:${options.port}`;
  }

  /** Milliseconds from start to the first 200 of /_banyan/health/ready. */
  async start(): Promise<number> {
    const { data, port, faults, log, config } = this.#options;
    const output = openSync(log, "a");
    const script = [
      join(root, "tools", "shop.ts"),
      "--data",
      data,
      "--port",
      String(port),
      ...(faults ? [] : ["--no-faults"]),
      ...(config === undefined ? [] : ["--config", config]),
    ];
    const began = performance.now();
    this.#child = spawn(process.execPath, ["--conditions=source", ...script], {
      cwd: root,
      stdio: ["ignore", output, output],
    });
    await this.#untilReady(this.#child, began + 60_000);
    return performance.now() - began;
  }

  async #untilReady(child: ChildProcess, deadline: number): Promise<void> {
    while (performance.now() < deadline) {
      if (child.exitCode !== null)
        throw new Error(`The shop ended with ${child.exitCode} before it was ready; see ${this.#options.log}.`);
      const answer = await fetch(`${this.url}/_banyan/health/ready`).catch(() => undefined);
      if (answer?.status === 200) return;
      await pause(20);
    }
    throw new Error(`The shop was not ready within a minute; see ${this.#options.log}.`);
  }

  /** SIGSTOP: it is there, and nothing of it runs until `goOn`. */
  standStill(): void {
    this.#child?.kill("SIGSTOP");
  }

  goOn(): void {
    this.#child?.kill("SIGCONT");
  }

  /** SIGKILL: nothing of the process runs after this. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  /** SIGTERM: it drains and ends the provider too. Returns its exit code. */
  async stop(): Promise<number | null> {
    return this.#end("SIGTERM");
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null) return child?.exitCode ?? null;
    const exit = once(child, "exit");
    child.kill(signal);
    await exit;
    return child.exitCode;
  }
}
