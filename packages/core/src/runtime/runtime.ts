import { prefixOf, type App, type ContextDefinition, type DeliveryCounts, type Environment } from "../context/index.ts";
import {
  asBanyanError,
  BanyanError,
  isBanyanError,
  messageOf,
  violationsError,
  type ErrorCode,
  type Violation,
} from "../error/index.ts";
import type { CallRequest, Cursor, Platform, StorePlan, StoreState } from "../ports/index.ts";
import { givenSettings, type SettingValues } from "../settings/index.ts";
import { checkedLimits } from "./checked-limits.ts";
import { claimLanes } from "./claim-lanes.ts";
import { BoundedWork } from "./bounded-work.ts";
import { Committer, type Appended } from "./committer.ts";
import { countsOf } from "./delivery-counts.ts";
import { DeliveryOperations } from "./delivery-operations.ts";
import { sleep, within } from "./deferred.ts";
import { Elsewhere } from "./elsewhere.ts";
import { Host, type Surroundings } from "./host.ts";
import { ids } from "./ids.ts";
import { Intake } from "./intake.ts";
import type { Lane } from "./lane.ts";
import type { Limits } from "./limits.ts";
import { LoopDelay } from "./loop-delay.ts";
import { DryReplays } from "./dry-replay.ts";
import { readTypesOf } from "./manifest.ts";
import { Readers } from "./readers.ts";
import { Replays } from "./replay.ts";
import { Retention, type KeptLog } from "./retention.ts";
import { Operations } from "./operations.ts";
import type { Reply, Request } from "./request.ts";
import { Seeding, type Seeded } from "./seeding.ts";
import { Schedule, type ScheduleCounts } from "./schedule.ts";
import { checkPorts, checkRegistration } from "./registration.ts";
import { telling } from "./store-trouble.ts";
import { Tail } from "./tail.ts";
import { Turnstile } from "./turnstile.ts";
import { afterChanges, checkTaken, nameChangesOf } from "./stored-names.ts";

export type RuntimeState = "starting" | "ready" | "draining" | "stopped" | "failed";

export interface RuntimeOptions {
  readonly platform: Omit<Platform, "calls"> & { readonly calls?: Platform["calls"] };
  readonly limits?: Partial<Limits>;
  /** What is set from outside, as it was resolved. Without it every setting has the default of its schema, or is missed at start. */
  readonly settings?: SettingValues;
  /** The data folder, handed to the application's ports; "" when there is none. */
  readonly data?: string;
  /** Subscriptions (`context.name`) that stand still, whether this code has them or not. */
  readonly hold?: readonly string[];
  /** Executes the application's seeds where its data is fresh, before anybody else may ask and anything is delivered. */
  readonly seeds?: boolean;
}

export interface RuntimeStatus extends DeliveryCounts, ScheduleCounts {
  readonly state: RuntimeState;
  /** Why it is not ready. */
  readonly reason: string | undefined;
  /** Contexts whose commands are refused because too much of their log waits; whether all are because the disk is almost full. */
  readonly backlogFull: number;
  readonly diskLow: boolean;
}

export interface Load {
  /** Of what a command may wait for its turn, what the next one would wait at least: 1 and more is too much. */
  readonly commands: number;
  /** How long a turn of the event loop takes, as far as was looked lately. */
  readonly turnMs: number;
}

/** A process that runs contexts: opens the store, delivers events, executes commands and queries, drains and stops. */
export class Runtime {
  readonly app: App;
  readonly #around: Surroundings;
  readonly #intake: Intake;
  readonly #committer: Committer;
  readonly #schedule: Schedule;
  readonly #elsewhere: Elsewhere;
  readonly #options: RuntimeOptions;
  readonly #stops: (() => void | Promise<void>)[] = [];
  readonly #running = new Set<Promise<unknown>>();
  #operations: Operations | undefined;
  /** One list, read by all who deal with lanes; a replay puts another lane into it. */
  #lanes: Lane[] = [];
  #delivery: DeliveryOperations | undefined;
  #retention: Retention | undefined;
  #held: readonly string[] = [];
  #state: RuntimeState = "starting";
  #seeded: Seeded | undefined;
  #reason: string | undefined = "the store is being opened";
  #failedWith: ErrorCode = "store-failed";
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(app: App, options: RuntimeOptions) {
    this.app = app;
    this.#options = options;
    const platform: Platform = {
      ...options.platform,
      calls: options.platform.calls,
      store: telling(options.platform.store),
    };
    const limits = checkedLimits(options.limits);
    const send = (request: CallRequest): Promise<string> =>
      platform.calls === undefined ? this.#callLocally(request) : platform.calls.send(request);
    const loopDelay = new LoopDelay(platform);
    const bounded = new BoundedWork(platform, limits.beforeLimitMs);
    this.#intake = new Intake(app, platform, limits);
    this.#around = {
      platform,
      limits,
      loopDelay,
      intake: this.#intake,
      turnstile: new Turnstile(platform.clock, limits),
      newId: ids(platform.clock, platform.random),
      bounded,
      send,
    };
    this.#committer = new Committer(platform, limits, {
      commit: (appended, scheduled) => this.#wake(appended, scheduled),
      failed: (error) => this.#fail(error),
      flushed: (ms) => loopDelay.excuse(ms),
    });
    this.#elsewhere = new Elsewhere({
      store: platform.store,
      clock: platform.clock,
      everyMs: limits.elsewhereEveryMs,
      found: (contexts) => this.#wakeElsewhere(contexts),
    });
    this.#schedule = new Schedule(
      app.contexts.map(({ name }) => name),
      this.#around,
      this.#committer,
    );
  }

  get status(): RuntimeStatus {
    return {
      ...countsOf(this.#lanes, this.#held.length),
      ...this.#schedule.counts,
      state: this.#state,
      reason: this.#reason,
      backlogFull: this.#intake.full,
      diskLow: this.#intake.diskLow,
    };
  }

  /** Refuses an application that is not put together right, naming everything at once; then opens the store and starts to deliver. */
  start(): Promise<void> {
    this.#starting ??= this.#startOrFail();
    return this.#starting;
  }

  async #startOrFail(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      this.#fail(error);
      await this.#runStops();
      await this.#around.platform.store.close();
      throw error;
    }
  }

  async #start(): Promise<void> {
    const { platform } = this.#around;
    refuseAny(checkRegistration(this.app, platform.store.features));
    const settings = this.#options.settings ?? givenSettings(this.app.settings);
    const contexts = this.app.contexts.map(planOf);
    const found = await platform.store.open({ contexts, now: () => platform.clock.now(), newId: this.#around.newId });
    // Only the owner of the data may touch what lies beside it.
    const ports = await this.app.ports(this.#environment(settings));
    refuseAny(checkPorts(this.app, ports));
    for (const message of found.warnings) this.#warn(message);
    const hosts = this.app.contexts.map(
      (definition) => new Host(definition, portsOf(ports, definition.name), this.#around),
    );
    this.#operations = new Operations(hosts, this.#around, this.#committer);
    const changes = nameChangesOf(this.app, found);
    refuseAny(checkTaken(found.cursors, changes));
    const state = afterChanges(found, changes);
    this.#held = [...new Set(this.#options.hold)];
    const parts = { around: this.#around, committer: this.#committer };
    const { lanes, held } = await claimLanes({ hosts, state, changes, held: this.#held }, parts);
    this.#lanes = lanes;
    await this.#schedule.look();
    this.#operate(state, held);
    if (this.#options.seeds === true) await this.#seed(this.#operations);
    if (this.#stopping !== undefined) return;
    this.#become("ready", undefined);
    this.#schedule.wake();
    this.#retention?.start();
    this.#elsewhere.start();
    await this.#startLanes();
  }

  /** A stop that could wait no longer may have closed the store: what fails because of that is not a failure of the start. */
  async #startLanes(): Promise<void> {
    try {
      await Promise.all(this.#lanes.map((lane) => lane.start()));
    } catch (error) {
      if (this.#stopping === undefined) throw error;
    }
  }

  #operate({ parked: heldParked, incarnations }: StoreState, held: readonly Cursor[]): void {
    const around = this.#around;
    const lanes = this.#lanes;
    const logs = this.app.contexts.map(({ name, keepMs, backlogBytes }): KeptLog => ({
      source: name,
      incarnation: incarnations.get(name) ?? "",
      keepMs,
      budgetBytes: backlogBytes ?? around.limits.backlogBytes,
    }));
    const typesOf = readTypesOf(this.app);
    const readers = new Readers({ lanes, held, typesOf });
    const running = (): boolean => this.#state === "ready";
    const parts = { around, committer: this.#committer, lanes, running };
    this.#delivery = new DeliveryOperations({
      around,
      lanes,
      held,
      heldParked,
      logs,
      replays: new Replays(parts),
      dryReplays: new DryReplays(parts),
      typesOf,
      tail: new Tail(around.platform, logs, this.app.contexts),
    });
    this.#intake.watch(readers);
    this.#retention = new Retention({
      around,
      committer: this.#committer,
      logs,
      readers,
      acting: new Set(lanes.filter((lane) => lane.acts).map((lane) => lane.subscription)),
    });
  }

  async #seed(operations: Operations): Promise<void> {
    const execute = (request: Request): Promise<Reply> => operations.execute(request);
    const parts = { app: this.app, around: this.#around, committer: this.#committer, execute };
    this.#seeded = await new Seeding(parts).run();
  }

  #environment(settings: SettingValues): Environment {
    return {
      settings,
      data: this.#options.data ?? "",
      delivery: () => this.status,
      onStop: (stop) => void this.#stops.unshift(stop),
    };
  }

  /** What an operator may see and do of delivery. Throws with a code that says "ask again" before it is started. */
  get delivery(): DeliveryOperations {
    if (this.#delivery === undefined) throw this.#notReady();
    return this.#delivery;
  }

  /** How much the process has to do, for a door that would rather refuse a request than begin it in vain. Asking costs next to nothing. */
  get load(): Load {
    const { turnstile, loopDelay } = this.#around;
    return { commands: turnstile.pressure, turnMs: loopDelay.recentMs };
  }

  /** Executes a command or query. While starting, draining or failed it is refused with a code that says "ask again". */
  async execute(request: Request): Promise<Reply> {
    if (this.#state !== "ready" || this.#operations === undefined) throw this.#notReady();
    return this.#track(this.#operations.execute(request));
  }

  /** What became of the seeds; undefined where none were asked for, or not yet. */
  get seeded(): Seeded | undefined {
    return this.#seeded;
  }

  #notReady(): BanyanError {
    const code = this.#state === "starting" ? "starting" : this.#state === "failed" ? this.#failedWith : "draining";
    return new BanyanError(
      code,
      `The process is ${this.#state}${this.#reason === undefined ? "" : `: ${this.#reason}`}.`,
      { retryAfterMs: 1_000 },
    );
  }

  async #track<T>(work: Promise<T>): Promise<T> {
    this.#running.add(work);
    try {
      return await work;
    } finally {
      this.#running.delete(work);
    }
  }

  /** A call between contexts of this process. It is let through while draining, since what drains may need it. */
  async #callLocally(request: CallRequest): Promise<string> {
    const { codec } = this.#around.platform;
    if (this.#operations === undefined) throw this.#notReady();
    const { tenant, correlation, traceparent } = request.origin;
    const { operation, principal, idempotencyKey, abort } = request;
    const input = codec.decode(request.input);
    const reply = await this.#operations.execute({
      operation,
      principal,
      idempotencyKey,
      input,
      tenant,
      correlation,
      traceparent,
      headers: {},
      nested: true,
      abort,
    });
    return codec.encode(reply.value);
  }

  #wake(appended: Appended, scheduled: boolean): void {
    if (scheduled) this.#schedule.wake();
    this.#intake.appended(appended);
    if (appended.size > 0) this.#retention?.appended();
    this.#retention?.committed();
    for (const lane of this.#lanes) {
      const entries = appended.get(lane.source);
      if (entries !== undefined) lane.wake(entries);
    }
  }

  #wakeElsewhere(contexts: readonly string[]): void {
    this.#intake.appendedElsewhere(contexts);
    for (const lane of this.#lanes) if (contexts.includes(lane.source)) void lane.wakeUncounted();
  }

  /** Nothing can be committed any more, so nothing more is attempted, nor outside. */
  #fail(error: unknown): void {
    // who comes later is to know what to do, too
    if (isBanyanError(error) && error.code === "database-corrupt") this.#failedWith = error.code;
    this.#become("failed", messageOf(error));
    this.#halt();
  }

  #halt(): void {
    this.#elsewhere.stop();
    for (const lane of this.#lanes) void lane.stop();
    void this.#schedule.stop();
    void this.#retention?.stop();
    this.#around.bounded.halt(this.#notReady());
  }

  #become(state: RuntimeState, reason: string | undefined): void {
    this.#state = state;
    this.#reason = reason;
    this.#around.platform.telemetry.signal({
      name: "process.state",
      state,
      ...(reason === undefined ? {} : { reason }),
    });
  }

  /** Takes no new requests, finishes what is in flight (for at most `drainMs`), closes the store. Safe to call twice. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    if (this.#state !== "failed") this.#become("draining", "the process is stopping");
    const { clock, store } = this.#around.platform;
    const late = (): BanyanError => new BanyanError("draining", "What was in flight did not end in time.");
    const drained = this.#drain();
    await within(drained, clock, { ms: this.#around.limits.drainMs, late }).catch((error: Error) =>
      this.#warn(error.message),
    );
    this.#halt();
    await this.#runStops();
    await store.close();
    this.#become("stopped", undefined);
  }

  /** A start that is under way ends first: it reads the store that is to be closed. */
  async #drain(): Promise<void> {
    await Promise.allSettled([this.#starting]);
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
    await Promise.all([this.#schedule.stop(), this.#retention?.stop(), ...this.#lanes.map((lane) => lane.stop())]);
    while (this.#committer.queued > 0) await sleep(this.#around.platform.clock, 1);
  }

  /** The application's own; one that fails keeps neither the others nor the store from ending. */
  async #runStops(): Promise<void> {
    for (const stop of this.#stops.splice(0)) {
      try {
        await stop();
      } catch (error) {
        this.#warn(asBanyanError(error, "What the application does when it stops").message);
      }
    }
  }

  #warn(message: string): void {
    this.#around.platform.telemetry.signal({ name: "warning", message });
  }
}

function planOf({ name, migrations, tenantTables }: ContextDefinition): StorePlan["contexts"][number] {
  return { name, prefix: prefixOf(name), migrations, tenantTables };
}

function refuseAny(violations: readonly Violation[]): void {
  if (violations.length > 0) throw violationsError(violations);
}

function portsOf(ports: unknown, context: string): unknown {
  return (ports as Record<string, unknown> | undefined)?.[context] ?? {};
}
