import { durationMs, ids, type App, type Signal } from "@banyan/core";
import { Counters } from "./counters.ts";
import { guarded } from "./guard.ts";
import { History } from "./history.ts";
import { instrument } from "./instrument.ts";
import { eventTypesOf, judge, readRemains } from "./laws/index.ts";
import { Life } from "./life.ts";
import { Nemesis } from "./nemesis.ts";
import { hasPlans } from "./planned.ts";
import { Prng } from "./prng.ts";
import { Scheduler } from "./scheduler.ts";
import { SimulatedClient } from "./simulated-client.ts";
import { judgeAudits } from "./operations.ts";
import { SimulatedOperator } from "./simulated-operator.ts";
import { SimulatedProcess } from "./simulated-process.ts";
import type { Breach, Scenario, SimulationOptions, SimulationResult, World } from "./simulation.ts";
import { Volume } from "./volume.ts";
import { Wire } from "./wire.ts";
import { Witness, type KeptEvent } from "./witness.ts";

const LONGEST_TROUBLE_MS = 30_000;
const DEFAULT_SETTLE_WITHIN = "30m";
/** How long, on the wall clock, scheduled events are waited for once faults have ceased. */
const HORIZON_MS = 5 * 60_000;
const DEFAULT_MAX_STEPS = 400_000;

/**
 * Runs an application once, on virtual time, with every order and every fault decided by the seed: clients ask, the process crashes, stands
 * still, is replaced and comes back; then faults cease, everything must settle, and what remains is judged.
 *
 *     const result = await simulateSeed({ ...simulation, seed: 7, disk: memoryDisk, store: memory });
 *     // result.breaches: []; the same seed gives the same result.hash
 */
export async function simulateSeed<Disk>(options: SimulationOptions<Disk>): Promise<SimulationResult> {
  const run = new Run(options);
  return guarded(
    (leak) => run.breach({ law: "determinism", message: `${leak} was called; the simulation owns time and chance.` }),
    () => run.run(),
  );
}

class Run<Disk> {
  readonly #options: SimulationOptions<Disk>;
  readonly #breaches: Breach[] = [];
  readonly #counters = new Counters();
  readonly #outside = new Life("outside");
  readonly #scheduler: Scheduler;
  readonly #nemesis: Nemesis;
  readonly #world: World;
  readonly #disk: Disk;
  readonly #witness: Witness;
  readonly #volume: Volume;
  readonly #scenario: Scenario;
  readonly #app: App;
  readonly #earlier: App | undefined;
  readonly #process: SimulatedProcess;
  readonly #history: History;
  readonly #prng: Prng;
  readonly #active = new Set<SimulatedClient>();
  #operator: SimulatedOperator | undefined;
  #horizon = Infinity;
  #due: readonly KeptEvent[] = [];

  constructor(options: SimulationOptions<Disk>) {
    this.#options = options;
    this.#prng = new Prng(options.seed);
    this.#scheduler = new Scheduler(this.#prng.fork());
    this.#nemesis = new Nemesis(this.#prng.fork(), this.#counters, options.faults);
    this.#world = { seed: options.seed, clock: this.#scheduler.clock(this.#outside), random: this.#prng.fork() };
    this.#disk = options.disk();
    this.#scenario = options.scenario(this.#world);
    const { app, earlier } = this.#scenario;
    const note = (what: string): void => this.#counters.add(what);
    this.#witness = new Witness(trimmableOf(app), note);
    this.#volume = new Volume(() => options.store(this.#disk, this.#world), this.#scheduler, this.#witness);
    const [current, before] = instrument(earlier === undefined ? [app] : [app, earlier], note);
    this.#app = current as App;
    this.#earlier = before;
    this.#history = new History(() => this.#scheduler.ms, note);
    this.#process = this.#newProcess();
  }

  breach(breach: Breach): void {
    this.#breaches.push(breach);
  }

  async run(): Promise<SimulationResult> {
    const unheard = (reason: unknown): void =>
      this.breach({ law: "uncaught", message: `A rejection nobody handles: ${words(reason)}` });
    process.on("unhandledRejection", unheard);
    try {
      await this.#live();
      await this.#judge();
    } catch (error) {
      this.breach({ law: "liveness", message: words(error) });
    } finally {
      process.off("unhandledRejection", unheard);
      // a database in memory is not collected while it is open
      (this.#disk as Partial<Disposable>)[Symbol.dispose]?.();
    }
    return this.#result();
  }

  /** Clients and faults; then no more faults; then everything settles; then the last questions, and a stop. */
  async #live(): Promise<void> {
    const { clients, invariants } = this.#scenario;
    const wire = new Wire(this.#process, this.#scheduler, this.#nemesis);
    this.#process.boot();
    clients.forEach((client, i) => this.#let(`client ${i + 1}`, wire, client));
    this.#letOperate(wire);
    let deadline = Infinity;
    this.#scheduler.after(this.#outside, this.#prng.below(LONGEST_TROUBLE_MS), () => {
      this.#nemesis.cease();
      this.#process.ceased();
      this.#horizon = this.#world.clock.now() + HORIZON_MS;
      const withinMs = durationMs(this.#options.settleWithin ?? DEFAULT_SETTLE_WITHIN);
      deadline = this.#scheduler.ms + withinMs;
      // so that what is left is seen then, and not when it ends at last
      this.#scheduler.after(this.#outside, withinMs + 1, () => {});
    });
    await this.#until(() => {
      if (this.#scheduler.ms > deadline) throw new Error(`Not everything settled in time. ${this.#whatIsLeft()}`);
      return this.#settled();
    });
    this.#due = this.#witness.kept.filter(({ due }) => due <= this.#horizon);
    if (invariants !== undefined) {
      this.#let("judge", wire, async (client) => {
        for (const message of await invariants({ client, history: this.#history.lines }))
          this.breach({ law: "invariant", message });
      });
      await this.#until(() => this.#active.size === 0);
    }
    let stopped = false;
    void this.#process.stop().then(() => (stopped = true));
    await this.#until(() => stopped);
  }

  async #until(done: () => boolean | Promise<boolean>): Promise<void> {
    const ended = await this.#scheduler.run(done, this.#options.maxSteps ?? DEFAULT_MAX_STEPS);
    if (!ended) throw new Error(`Nothing is left that could happen, and somebody still waits. ${this.#whatIsLeft()}`);
  }

  /** Nobody asks, nothing is in flight, nothing is yet to come: the store itself says so. */
  async #settled(): Promise<boolean> {
    if (this.#nemesis.active || this.#isBusy || !this.#process.idle) return false;
    return !(await hasPlans(this.#volume.store, this.#horizon));
  }

  #let(name: string, wire: Wire, live: (client: SimulatedClient) => Promise<void>): void {
    const around = { wire, scheduler: this.#scheduler, nemesis: this.#nemesis, history: this.#history };
    const client = new SimulatedClient(new Life(name), this.#prng.fork(), around);
    this.#active.add(client);
    const failed = (error: unknown): void =>
      this.breach({ law: "uncaught", message: `${name} failed: ${words(error)}` });
    void live(client)
      .catch(failed)
      .then(() => this.#active.delete(client));
  }

  get #isBusy(): boolean {
    return this.#active.size > 0 || this.#operator?.works === true;
  }

  #letOperate(wire: Wire): void {
    const { operator } = this.#scenario;
    if (operator === undefined) return;
    const around = { wire, scheduler: this.#scheduler, nemesis: this.#nemesis, operating: operator };
    this.#operator = new SimulatedOperator(this.#prng.fork(), around);
    this.#operator
      .work()
      .catch((error: unknown) => this.breach({ law: "uncaught", message: `The operator failed: ${words(error)}` }));
  }

  #whatIsLeft(): string {
    const waiting = [...this.#active].map(({ name, doing }) => `${name} waits for ${doing}`);
    const { state, reason, lag, parked, dead } = this.#process.status ?? {};
    const process =
      state === undefined
        ? "no process runs"
        : `the process is ${state} (${reason ?? "no reason"}), lag ${lag}, parked ${parked}, dead ${dead}`;
    if (this.#operator?.works === true) waiting.push("the operator waits for an answer");
    return `${[...waiting, process].join("; ")}.`;
  }

  async #judge(): Promise<void> {
    const newId = ids(this.#world.clock, this.#prng.fork());
    const store = this.#options.store(this.#disk, this.#world);
    const now = (): number => this.#world.clock.now();
    const remains = await readRemains(store, { app: this.#app, witness: this.#witness, now, newId });
    const { kept, entered, trimmedTo } = this.#witness;
    const { acknowledged } = this.#history;
    const { mayDie = () => false } = this.#scenario;
    for (const breach of judge(this.#app, remains, { kept, entered, trimmedTo, acknowledged, mayDie, due: this.#due }))
      this.breach(breach);
    this.#countSchedule();
    const operations = this.#operator?.operations ?? new Map();
    for (const breach of judgeAudits(remains.audits, operations)) this.breach(breach);
    for (const { n, name, cause } of remains.effects) this.#scheduler.trace.text(`${n} ${name} ${cause}`);
  }

  #countSchedule(): void {
    const { kept, entered } = this.#witness;
    const keepers = new Map(kept.map((one) => [one.entry.id, one.process]));
    for (const { id, process } of entered)
      this.#counters.add(process === keepers.get(id) ? "schedule entered" : "schedule entered after another start");
  }

  #newProcess(): SimulatedProcess {
    return new SimulatedProcess({
      app: this.#app,
      earlier: this.#earlier,
      limits: this.#scenario.limits ?? {},
      settings: this.#scenario.settings ?? {},
      volume: this.#volume,
      scheduler: this.#scheduler,
      nemesis: this.#nemesis,
      prng: this.#prng.fork(),
      outside: this.#outside,
      signal: (signal) => this.#hear(signal),
      breach: (breach) => this.breach(breach),
      broken: (error) =>
        this.breach({ law: "uncaught", message: `The process could not start or stop: ${words(error)}` }),
    });
  }

  #hear(signal: Signal): void {
    this.#scheduler.trace.word(signal.name);
    const counted = COUNTED[signal.name];
    if (counted !== undefined) this.#counters.add(counted(signal as never));
  }

  #result(): SimulationResult {
    const { trace, steps, ms } = this.#scheduler;
    const breaches = [...this.#breaches, ...this.#history.breaches];
    return {
      seed: this.#options.seed,
      hash: trace.digest(),
      steps,
      virtualMs: Math.round(ms),
      counters: this.#counters.all(),
      breaches,
    };
  }
}

function trimmableOf({ contexts }: App): ReadonlyMap<string, readonly string[]> {
  const kept = contexts.filter(({ keepMs }) => keepMs !== undefined);
  return new Map(kept.map((context) => [context.name, eventTypesOf(context)]));
}

/** Signals worth counting, by the name they are counted under. */
const COUNTED: { readonly [Name in Signal["name"]]?: (signal: Extract<Signal, { name: Name }>) => string } = {
  "fault.injected": ({ fault }) => fault,
  "batch.rerun": () => "batch rerun",
  "entry.settled": () => "entry settled",
  "entry.parked": ({ state }) => `entry parked, ${state}`,
  "log.trimmed": () => "log trimmed",
  "key.released": () => "key released",
  "subscription.paused": () => "subscription paused",
  "subscription.resumed": () => "subscription resumed",
  "subscription.rewound": () => "subscription rewound",
  "process.state": ({ state }) => `process ${state}`,
};

function words(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
