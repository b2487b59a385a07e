import { close as closeInspector, url as inspectorUrl } from "node:inspector";
import { basename, relative } from "node:path";
import type { ExitCode } from "./command.ts";
import type { Stage } from "./hand-over.ts";
import type { Io } from "./io.ts";
import { WatchedFolders } from "./watch-folders.ts";
import { WatchedProcess, type WatchedOptions } from "./watched-process.ts";

export interface Supervised {
  /** The words after `banyan` that run the application without watching. */
  readonly words: readonly string[];
  readonly config: string;
  /** The data folder. */
  readonly data: string;
  /** A file of settings that the user named. */
  readonly settings?: string;
}

/** Editors write a file in several steps. */
const SETTLE_MS = 30;

/** What a change of these may have installed, a process that waits has loaded before. */
const OF_PACKAGES = /^(?:package|package-lock|npm-shrinkwrap)\.json$/;

/** Runs the application in a process of its own, and a new one when a file it is made of changes. Answers the exit code of the last one. */
export function supervise(supervised: Supervised, io: Io): Promise<ExitCode> {
  return new Supervisor(supervised, io).run();
}

/**
 * I1. `current` alone owns port and data, or is about to. `next` loads the changed code meanwhile and takes over when that registers.
 * I2. Code that does not load or register never ends the code before it.
 * I3. `spare` has loaded what no change of the application touches, and waits: a change loads the application alone.
 */
class Supervisor {
  readonly #supervised: Supervised;
  readonly #io: Io;
  readonly #folders: WatchedFolders;
  readonly #ended = Promise.withResolvers<ExitCode>();
  readonly #options: WatchedOptions;
  #current: WatchedProcess | undefined;
  #next: WatchedProcess | undefined;
  #spare: WatchedProcess | undefined;
  #settling: NodeJS.Timeout | undefined;
  #stopping = false;
  /** `current` was told to make room; what changes meanwhile waits until it has. */
  #handingOver = false;
  #again = false;

  constructor(supervised: Supervised, io: Io) {
    this.#supervised = supervised;
    this.#io = io;
    this.#folders = new WatchedFolders(supervised.data, (path) => this.#changed(path));
    this.#options = watchedOptions(supervised.words, io.env);
  }

  async run(): Promise<ExitCode> {
    const signals = ["SIGINT", "SIGTERM"] as const;
    const pass = (signal: NodeJS.Signals): void => this.#stop(signal);
    for (const signal of signals) process.on(signal, pass);
    const { config, settings = config } = this.#supervised;
    this.#folders.add([config, settings]);
    this.#load();
    try {
      return await this.#ended.promise;
    } finally {
      clearTimeout(this.#settling);
      this.#folders.close();
      for (const signal of signals) process.off(signal, pass);
    }
  }

  #spawn(): WatchedProcess {
    return new WatchedProcess(this.#options, {
      loaded: (files) => this.#folders.add(files),
      reached: (one, stage) => this.#reached(one, stage),
      ended: (one, code) => this.#processEnded(one, code),
      failed: (error) => this.#io.err(`banyan dev: ${error.message}\n`),
    });
  }

  #load(): void {
    this.#next?.discard();
    this.#next = this.#spare ?? this.#spawn();
    this.#spare = undefined;
    this.#next.tell("load");
  }

  #reached(one: WatchedProcess, stage: Stage): void {
    if (this.#stopping) return;
    if (one === this.#next && stage === "prepared") this.#handOver();
    if (one !== this.#current) return;
    if (stage === "serving") this.#spare ??= this.#spawn();
    if (!this.#handingOver) return;
    if (stage === "off-port") this.#next?.tell("listen");
    if (stage === "off-data") this.#takeOver();
  }

  #handOver(): void {
    if (this.#current === undefined) return this.#takeOver();
    this.#handingOver = true;
    this.#current.drain();
  }

  #takeOver(): void {
    this.#handingOver = false;
    this.#current = this.#next;
    this.#next = undefined;
    // it ended while it waited, of which nothing was said yet
    if (this.#current === undefined) return this.#restart(this.#supervised.config);
    this.#current?.tell("listen");
    this.#current?.tell("open");
    if (!this.#again) return;
    this.#again = false;
    this.#load();
  }

  #processEnded(one: WatchedProcess, code: ExitCode): void {
    if (one === this.#spare) this.#spare = undefined;
    else if (one === this.#next) this.#nextEnded(code);
    else if (one === this.#current) this.#currentEnded(code);
  }

  #nextEnded(code: ExitCode): void {
    this.#next = undefined;
    if (this.#handingOver) return;
    const before = this.#current === undefined ? "" : " and the code before it still answers";
    this.#io.err(`banyan dev: ended with ${code}${before}; a change starts it again, Ctrl-C ends\n`);
    this.#spare ??= this.#spawn();
  }

  #currentEnded(code: ExitCode): void {
    this.#current = undefined;
    if (this.#stopping) return this.#ended.resolve(code);
    if (this.#handingOver && this.#next !== undefined) return this.#takeOver();
    this.#handingOver = false;
    this.#io.err(`banyan dev: ended with ${code}; a change starts it again, Ctrl-C ends\n`);
    this.#spare ??= this.#spawn();
  }

  #changed(path: string): void {
    if (OF_PACKAGES.test(basename(path))) this.#dropSpare();
    clearTimeout(this.#settling);
    this.#settling = setTimeout(() => this.#restart(path), SETTLE_MS);
  }

  #restart(path: string): void {
    if (this.#stopping) return;
    this.#io.err(`banyan dev: ${relative(this.#io.cwd, path)} changed, starting again\n`);
    if (this.#handingOver) this.#again = true;
    else this.#load();
  }

  #dropSpare(): void {
    this.#spare?.discard();
    this.#spare = undefined;
  }

  #stop(signal: NodeJS.Signals): void {
    this.#stopping = true;
    this.#dropSpare();
    this.#next?.discard();
    if (this.#current === undefined) this.#ended.resolve(0);
    else this.#current.signal(signal);
  }
}

/** A debugger that was asked for by Node's own option is for the process that runs the application: it gets the port, once it is free. */
function watchedOptions(words: readonly string[], env: Io["env"]): WatchedOptions {
  const asked = inspectorUrl();
  if (asked === undefined) return { words, env, execArgv: process.execArgv };
  closeInspector();
  const { NODE_OPTIONS: options = "" } = env;
  return {
    words: [...words, `--inspect=${new URL(asked).port}`],
    env: { ...env, NODE_OPTIONS: options.replaceAll(INSPECT, "") },
    execArgv: process.execArgv.filter((word) => !word.startsWith("--inspect")),
  };
}

const INSPECT = /(?<=^|\s)--inspect\S*/g;
