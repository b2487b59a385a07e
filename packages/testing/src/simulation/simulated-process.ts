import {
  givenSettings,
  isBanyanError,
  faulty,
  jsonCodec,
  Runtime,
  type App,
  type Limits,
  type Platform,
  type RuntimeStatus,
  type SettingValues,
  type Signal,
  type Telemetry,
} from "@banyan/core";
import { BacklogWitness } from "./backlog-witness.ts";
import { Life } from "./life.ts";
import type { Nemesis } from "./nemesis.ts";
import { PortCalls, type Fate } from "./port-calls.ts";
import type { Prng } from "./prng.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Breach } from "./simulation.ts";
import { SimulatedStore } from "./simulated-store.ts";
import { throughCalls } from "./application-ports.ts";
import type { Volume } from "./volume.ts";

export interface ProcessOptions {
  readonly app: App;
  /** Where there is earlier code, the first start is of it. */
  readonly earlier: App | undefined;
  readonly limits: Partial<Limits>;
  readonly settings: SettingValues;
  readonly scheduler: Scheduler;
  readonly nemesis: Nemesis;
  readonly prng: Prng;
  readonly volume: Volume;
  /** Where the supervisor stands: outside what crashes. */
  readonly outside: Life;
  readonly signal: (signal: Signal) => void;
  readonly breach: (breach: Breach) => void;
  /** A start that failed for a reason no fault explains. */
  readonly broken: (error: unknown) => void;
}

/** One runtime in one life. */
interface Instance {
  readonly life: Life;
  readonly runtime: Runtime;
  readonly app: App;
  readonly backlog: BacklogWitness;
}

const LONGEST_DOWN_MS = 3_000;
const LONGEST_PAUSE_MS = 60_000;
const LONGEST_ZOMBIE_MS = 5_000;
const LONGEST_OPERATION_MS = 4;
const STRIKES_OPERATION = 200;
/** What a start may fail with while faults strike. */
const EXPECTED = new Set([
  "store-failed",
  "commit-failed",
  "fault-injected",
  "fenced",
  "read-timeout",
  "disk-full",
  "statement-failed",
]);

/** A process under a supervisor: it crashes, stands still, is replaced, and is started again. */
export class SimulatedProcess implements Fate {
  readonly #options: ProcessOptions;
  readonly #zombies = new Set<Instance>();
  #current: Instance | undefined;
  #starts = 0;
  #planned = false;
  /** A zombie may have appended what nobody here was woken for: without hints between processes, the next start finds it. */
  #stale = false;

  /** The code the next start is of. */
  #deployed: App;

  constructor(options: ProcessOptions) {
    this.#options = options;
    this.#deployed = options.earlier ?? options.app;
  }

  /** Where a request arrives: mostly the current process, at times one that does not know yet that it was replaced. */
  reach(): Instance | undefined {
    const { nemesis } = this.#options;
    const stale = [...this.#zombies][0];
    return stale !== undefined && nemesis.coin() ? stale : this.#current;
  }

  get status(): RuntimeStatus | undefined {
    return this.#current?.runtime.status;
  }

  /** Whether it runs, alone, with the current code, and nothing is in flight. */
  get idle(): boolean {
    const current = this.#current;
    if (current === undefined || current.life.held !== undefined || this.#zombies.size > 0 || this.#stale) return false;
    if (current.app !== this.#options.app) return false;
    const { state, lag } = current.runtime.status;
    return state === "ready" && lag === 0;
  }

  boot(): void {
    const { scheduler } = this.#options;
    this.#planned = false;
    this.#stale = false;
    // A store is taken over while its former owners stand still: between opening it and claiming the cursors it has one owner.
    for (const { life } of this.#zombies) scheduler.standStill(life);
    const life = new Life(`process ${++this.#starts}`);
    const app = this.#deployed;
    const backlog = new BacklogWitness(app, this.#options);
    const instance: Instance = { life, runtime: this.#runtimeIn(life, app, backlog), app, backlog };
    this.#current = instance;
    instance.runtime.start().then(
      () => this.#ready(),
      (error: unknown) => this.#failedToStart(instance, error),
    );
  }

  crash(life: Life, where: string): void {
    this.#options.nemesis.note(`crash ${where}`);
    this.#end(life);
  }

  pause(life: Life): void {
    const { scheduler, nemesis, outside } = this.#options;
    nemesis.note("pause");
    scheduler.standStill(life);
    scheduler.after(outside, nemesis.duration(LONGEST_PAUSE_MS), () => scheduler.goOn(life));
  }

  takeOver(life: Life): void {
    const current = this.#current;
    if (current?.life !== life || current.runtime.status.state !== "ready") return;
    this.#options.nemesis.note("takeover");
    this.#options.scheduler.standStill(life);
    this.#zombies.add(current);
    this.boot();
  }

  restart(life: Life): void {
    const current = this.#current;
    if (current?.life !== life || current.runtime.status.state !== "ready") return;
    this.#options.nemesis.note("restart");
    for (const zombie of this.#zombies) this.#end(zombie.life);
    this.#deploy();
    this.#stop(current);
  }

  /** No fault strikes any more: from here on the current code is in charge. */
  ceased(): void {
    this.#deployed = this.#options.app;
    this.#refresh();
  }

  /** A planned restart is a deployment at times, forward or back. */
  #deploy(): void {
    const { app, earlier, nemesis } = this.#options;
    if (earlier === undefined || !nemesis.coin()) return;
    nemesis.note(this.#deployed === app ? "deployed back" : "deployed forward");
    this.#deployed = this.#deployed === app ? earlier : app;
  }

  /** An operator asks for something of it. That is rare, so faults strike in the midst of it more often than elsewhere. */
  operated(life: Life): void {
    const { nemesis, scheduler, outside } = this.#options;
    const soon = (fault: () => void): void =>
      void scheduler.after(outside, nemesis.duration(LONGEST_OPERATION_MS), () => life.alive && fault());
    if (nemesis.strikes("takeover", STRIKES_OPERATION)) soon(() => this.takeOver(life));
    if (nemesis.strikes("crash", STRIKES_OPERATION)) soon(() => this.crash(life, "around an operation"));
  }

  /** It answered with an error. */
  refused({ backlog }: Instance, operation: string, error: unknown): void {
    if (!isBanyanError(error) || error.code !== "backlog-full") return;
    this.#options.nemesis.note("refused for its backlog");
    backlog.refused(operation.slice(0, operation.indexOf(".")));
  }

  /** The last stop of a run. */
  async stop(): Promise<void> {
    await this.#current?.runtime.stop();
  }

  #runtimeIn(life: Life, app: App, backlog: BacklogWitness): Runtime {
    const { limits, settings, scheduler, nemesis, prng, volume } = this.#options;
    const calls = new PortCalls(life, { scheduler, nemesis, fate: this });
    const clock = scheduler.clock(life);
    const random = prng.fork();
    const telemetry: Telemetry = { signal: (signal) => this.#signal(life, signal) };
    const faultRandom = { u32: () => (nemesis.active ? random.u32() : 0xffff_ffff) };
    const store = faulty(
      new SimulatedStore(volume, calls, backlog),
      { clock, random: faultRandom, telemetry },
      {
        commitFails: nemesis.odds("commitFails"),
        reorders: nemesis.odds("reorder"),
        delays: nemesis.odds("delay"),
      },
    );
    const turn = { next: () => scheduler.point(life, "turn") };
    const platform: Omit<Platform, "calls"> = { clock, random, turn, store, codec: jsonCodec, telemetry };
    const given = givenSettings(app.settings, settings);
    return new Runtime(throughCalls(app, calls), { platform, limits, settings: given });
  }

  #signal(life: Life, signal: Signal): void {
    if (!life.alive) return;
    this.#options.signal(signal);
    if (signal.name === "process.state" && signal.state === "failed") this.#endSoon(life);
  }

  #stop({ life, runtime }: Instance): void {
    runtime.stop().then(() => this.#end(life), this.#options.broken);
  }

  #ready(): void {
    const { scheduler, nemesis, outside } = this.#options;
    this.#refresh();
    for (const zombie of this.#zombies) {
      const awakeMs = nemesis.duration(LONGEST_ZOMBIE_MS);
      scheduler.after(outside, awakeMs, () => this.#wake(zombie));
      scheduler.after(outside, awakeMs + nemesis.duration(LONGEST_ZOMBIE_MS), () => this.#end(zombie.life));
    }
  }

  #wake(zombie: Instance): void {
    if (this.#current?.runtime.status.state === "ready") this.#options.scheduler.goOn(zombie.life);
  }

  /** One that was replaced meanwhile may find that its successor has closed the store they share here. */
  #failedToStart(instance: Instance, error: unknown): void {
    const wasReplaced = this.#zombies.has(instance);
    if (!wasReplaced && (!isBanyanError(error) || !EXPECTED.has(error.code))) this.#options.broken(error);
    this.#endSoon(instance.life);
  }

  /** A process that has failed ends a little later: its last answers may get through. */
  #endSoon(life: Life): void {
    const { scheduler, nemesis, outside } = this.#options;
    scheduler.after(outside, nemesis.duration(LONGEST_DOWN_MS), () => this.#end(life));
  }

  #end(life: Life): void {
    life.end();
    for (const zombie of this.#zombies) {
      if (zombie.life !== life) continue;
      this.#zombies.delete(zombie);
      this.#stale = true;
    }
    if (this.#current?.life !== life) return this.#refresh();
    this.#current = undefined;
    this.#planBoot();
  }

  #refresh(): void {
    const current = this.#current;
    if (current?.runtime.status.state !== "ready") return;
    if (this.#stale || this.#isOutdated(current)) this.#stop(current);
  }

  #isOutdated({ app }: Instance): boolean {
    return !this.#options.nemesis.active && app !== this.#options.app;
  }

  #planBoot(): void {
    if (this.#planned) return;
    this.#planned = true;
    const { scheduler, nemesis, outside } = this.#options;
    scheduler.after(outside, nemesis.duration(LONGEST_DOWN_MS), () => this.boot());
  }
}
