import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { HooksPlan } from "./hooks-process.ts";

const root = join(import.meta.dirname, "..", "..");
const PROGRAM = join(import.meta.dirname, "hooks-process.ts");

/** `hooks-process.ts`, running. */
export class HooksChild implements AsyncDisposable {
  readonly #child: ChildProcess;
  /** The signal that ended it, or its exit code. */
  readonly ended: Promise<number | string>;
  readonly #url = Promise.withResolvers<string>();

  constructor(plan: HooksPlan) {
    const options = ["--conditions=source", PROGRAM, JSON.stringify(plan)];
    this.#child = spawn(process.execPath, options, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
    const ended = Promise.withResolvers<number | string>();
    this.ended = ended.promise;
    let text = "";
    this.#child.stdout?.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      const url = /serving at (http\S+)\n/.exec(text)?.[1];
      if (url !== undefined) this.#url.resolve(url);
    });
    this.#child.once("exit", (code, signal) => {
      ended.resolve(signal ?? code ?? "");
      this.#url.reject(new Error(`ended before it served: ${text}`));
    });
  }

  get url(): Promise<string> {
    return this.#url.promise;
  }

  /** The most memory that it has ever taken, in MiB. */
  async peak(): Promise<number> {
    return ((await (await fetch(`${await this.url}/peak`)).json()) as number) / 1_024 ** 2;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.ended;
  }
}
