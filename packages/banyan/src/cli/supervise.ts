import { spawn, type ChildProcess } from "node:child_process";
import { close as closeInspector } from "node:inspector";
import { relative } from "node:path";
import type { ExitCode } from "./command.ts";
import type { Io } from "./io.ts";
import { WATCHED, type LoadedFiles } from "./watched.ts";
import { WatchedFolders } from "./watch-folders.ts";

export interface Supervised {
  /** The words after `banyan` that run the application without watching. */
  readonly words: readonly string[];
  readonly config: string;
  /** A file of settings that the user named. */
  readonly settings?: string;
}

/** Editors write a file in several steps. */
const SETTLE_MS = 100;
/** After this a drain is cut short: what was acknowledged is on disk. */
const DRAIN_MS = 5_000;

/** Runs the application in a process of its own and starts it again when a file it is made of changes. Answers the exit code of the last one. */
export function supervise(supervised: Supervised, io: Io): Promise<ExitCode> {
  return new Supervisor(supervised, io).run();
}

class Supervisor {
  readonly #supervised: Supervised;
  readonly #io: Io;
  readonly #folders: WatchedFolders;
  readonly #ended = Promise.withResolvers<ExitCode>();
  #child: ChildProcess | undefined;
  #settling: NodeJS.Timeout | undefined;
  #stopping = false;
  #again = false;

  constructor(supervised: Supervised, io: Io) {
    this.#supervised = supervised;
    this.#io = io;
    this.#folders = new WatchedFolders((path) => this.#changed(path));
  }

  async run(): Promise<ExitCode> {
    const signals = ["SIGINT", "SIGTERM"] as const;
    const pass = (signal: NodeJS.Signals): void => this.#stop(signal);
    for (const signal of signals) process.on(signal, pass);
    const { config, settings = config } = this.#supervised;
    this.#folders.add([config, settings]);
    // a debugger that was asked for by Node's own option is for the process that runs the application: it gets the port
    closeInspector();
    this.#start();
    try {
      return await this.#ended.promise;
    } finally {
      clearTimeout(this.#settling);
      this.#folders.close();
      for (const signal of signals) process.off(signal, pass);
    }
  }

  #start(): void {
    const [, bin = ""] = process.argv;
    const child = spawn(process.execPath, [...process.execArgv, bin, ...this.#supervised.words], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      env: { ...this.#io.env, [WATCHED]: "1" },
      // Ctrl-C reaches this process alone, which passes it on once
      detached: process.platform !== "win32",
    });
    this.#child = child;
    child.on("message", (message: LoadedFiles) => this.#folders.add(message.loaded));
    child.once("error", (error) => this.#io.err(`banyan dev: ${error.message}\n`));
    child.once("close", (code, signal) => this.#childEnded(code ?? codeOf(signal)));
  }

  #childEnded(code: ExitCode): void {
    this.#child = undefined;
    if (this.#stopping) return this.#ended.resolve(code);
    if (this.#again) {
      this.#again = false;
      return this.#start();
    }
    this.#io.err(`banyan dev: ended with ${code}; a change starts it again, Ctrl-C ends\n`);
  }

  #changed(path: string): void {
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#restart(path), SETTLE_MS);
  }

  #restart(path: string): void {
    if (this.#stopping) return;
    this.#io.err(`banyan dev: ${relative(this.#io.cwd, path)} changed, starting again\n`);
    const child = this.#child;
    if (child === undefined) return this.#start();
    if (this.#again) return;
    this.#again = true;
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), DRAIN_MS);
    child.once("close", () => clearTimeout(late));
  }

  #stop(signal: NodeJS.Signals): void {
    this.#stopping = true;
    if (this.#child === undefined) this.#ended.resolve(0);
    else this.#child.kill(signal);
  }
}

/** A process that a signal ended before it could answer it: told to stop, it has stopped. */
function codeOf(signal: NodeJS.Signals | null): ExitCode {
  return signal === "SIGTERM" ? 0 : signal === "SIGINT" ? 130 : 1;
}
