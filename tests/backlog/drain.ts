import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import type { SubscriptionState } from "@banyan/core";
import { application, type Spread } from "./application.ts";
import { open, type Opened } from "./open.ts";

const EVERY_MS = 50;
const TENTHS = 10;
/** So often it is looked again where nothing waits and not everything came: then it was lost. */
const LOOKS = 100;

/** What was told at a moment, and how many really waited then. */
export interface Sample {
  readonly ms: number;
  readonly left: number;
  readonly behind: number;
  readonly drainedInMs: number | null;
  /** Processor time of this process until then. */
  readonly cpuMs: number;
}

export interface Tenth {
  readonly perSecond: number;
  /** Processor time of this process for an entry: what a busy machine does to the rate is not in it. */
  readonly cpuUs: number;
  readonly rssBytes: number;
  readonly loopP99Ms: number;
}

export interface Drained {
  readonly entries: number;
  readonly ms: number;
  readonly parked: number;
  readonly tenths: readonly Tenth[];
  readonly samples: readonly Sample[];
}

/** Starts a reader on what waits, and watches it until nothing does. */
export async function drain(path: string, entries: number, spread: Spread): Promise<Drained> {
  const opened = await open(application({ spread, seen: () => {} }), path);
  const watch = new Watch(opened, entries);
  while (await watch.sample()) await pause(EVERY_MS);
  const { parked } = opened.runtime.status;
  await opened.end();
  return { entries, parked, ...watch.result };
}

class Watch {
  readonly #opened: Opened;
  readonly #entries: number;
  readonly #samples: Sample[] = [];
  readonly #tenths: Tenth[] = [];
  readonly #loop = monitorEventLoopDelay({ resolution: 1 });
  readonly #began: number;
  #inVain = 0;
  #tenth: { readonly ms: number; readonly settled: number; readonly cpuUs: number };

  constructor(opened: Opened, entries: number) {
    this.#opened = opened;
    this.#entries = entries;
    this.#began = opened.now();
    this.#tenth = { ms: 0, settled: 0, cpuUs: cpuUs() };
    this.#loop.enable();
  }

  get result(): Pick<Drained, "ms" | "tenths" | "samples"> {
    return { ms: this.#samples.at(-1)?.ms ?? 0, tenths: this.#tenths, samples: this.#samples };
  }

  /** False once nothing waits, and everything came or will not come any more. */
  async sample(): Promise<boolean> {
    const state = await this.#state();
    const settled = this.#opened.settled();
    const ms = this.#opened.now() - this.#began;
    const { behind, drainedInMs = null } = state;
    this.#samples.push({ ms, left: this.#entries - settled, behind, drainedInMs, cpuMs: cpuUs() / 1_000 });
    const due = Math.ceil((this.#entries * (this.#tenths.length + 1)) / TENTHS);
    if (settled >= due) this.#closeTenth(ms, settled);
    const { parked, lag } = this.#opened.runtime.status;
    if (lag > 0) return true;
    return settled + parked < this.#entries && ++this.#inVain < LOOKS;
  }

  async #state(): Promise<SubscriptionState> {
    const [state] = await this.#opened.runtime.delivery.subscriptions();
    if (state === undefined) throw new Error("The reader is not there.");
    return state;
  }

  #closeTenth(ms: number, settled: number): void {
    const seconds = (ms - this.#tenth.ms) / 1_000;
    const count = settled - this.#tenth.settled;
    const cpu = cpuUs();
    this.#tenths.push({
      perSecond: Math.round(count / seconds),
      cpuUs: Math.round(((cpu - this.#tenth.cpuUs) / count) * 10) / 10,
      rssBytes: process.memoryUsage.rss(),
      loopP99Ms: this.#loop.percentile(99) / 1e6,
    });
    this.#loop.reset();
    this.#tenth = { ms, settled, cpuUs: cpu };
  }
}

function cpuUs(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}
