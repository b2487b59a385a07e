import { spawn, type ChildProcess } from "node:child_process";
import type { ExitCode } from "./command.ts";
import { WATCHED, type Said, type Stage, type Step } from "./hand-over.ts";

export interface WatchedOptions {
  readonly execArgv: readonly string[];
  /** The words after `banyan`. */
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Watcher {
  readonly loaded: (files: readonly string[]) => void;
  readonly reached: (process: WatchedProcess, stage: Stage) => void;
  readonly ended: (process: WatchedProcess, code: ExitCode) => void;
  readonly failed: (error: Error) => void;
}

/** After this a drain is cut short: what was acknowledged is on disk. */
const DRAIN_MS = 5_000;

/** A process that runs the application when it is told to, as its supervisor sees it. */
export class WatchedProcess {
  readonly #child: ChildProcess;
  readonly #told = new Set<Step>();

  constructor({ execArgv, words, env }: WatchedOptions, watcher: Watcher) {
    const [, bin = ""] = process.argv;
    this.#child = spawn(process.execPath, [...execArgv, bin, ...words], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      env: { ...env, [WATCHED]: "1" },
      // Ctrl-C reaches the supervisor alone, which passes it on once
      detached: process.platform !== "win32",
    });
    this.#child.on("message", (said: Said) =>
      "loaded" in said ? watcher.loaded(said.loaded) : watcher.reached(this, said.stage),
    );
    this.#child.on("error", (error) => watcher.failed(error));
    this.#child.once("close", (code, signal) => watcher.ended(this, code ?? codeOf(signal)));
  }

  /** Says that a step may be taken; safe to say twice. */
  tell(step: Step): void {
    if (this.#told.has(step)) return;
    this.#told.add(step);
    // it may have ended a moment ago, of which its end tells
    if (this.#child.connected) this.#child.send(step, () => {});
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Lets it finish what it has begun, within a limit. */
  drain(): void {
    this.#child.kill("SIGTERM");
    const late = setTimeout(() => this.#child.kill("SIGKILL"), DRAIN_MS);
    this.#child.once("close", () => clearTimeout(late));
  }

  /** Ends one that holds nothing. */
  discard(): void {
    this.#child.kill("SIGKILL");
  }
}

/** A process that a signal ended before it could answer it: told to stop, it has stopped. */
function codeOf(signal: NodeJS.Signals | null): ExitCode {
  return signal === "SIGTERM" ? 0 : signal === "SIGINT" ? 130 : 1;
}
