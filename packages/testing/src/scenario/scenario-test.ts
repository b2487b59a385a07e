import {
  BanyanError,
  DEFAULT_TENANT,
  durationMs,
  givenSettings,
  jsonCodec,
  Runtime,
  tenantOf,
  type DataOf,
  type InputOf,
  type OperationContract,
  type OutputOf,
  type Principal,
  type QueryContract,
  type Reply,
  type Request,
  type Signal,
} from "@banyan/core";
import { Prng } from "../simulation/prng.ts";
import { Logs, type AnyEvent, type EmittedEvent } from "./emitted.ts";
import { find, inWords as eventInWords } from "./expectation.ts";
import { Givens, ownerOf } from "./given.ts";
import { differences, shown, type Part } from "./matching.ts";
import { inWords, ParkedEntries, type ParkedEntry } from "./parked.ts";
import type { Plan } from "./plan.ts";
import { settledLater, VirtualTime } from "./virtual-time.ts";
import type { Watch } from "./watch.ts";

/** How a request differs from that of a guest. */
export interface AskedBy {
  /** Default: `{ id: "guest", roles: [] }`. One that says nothing of `tenants` is of the one asked for. */
  readonly principal?: Principal;
  readonly tenant?: string;
  /** As from the HTTP edge, it is among the headers too. */
  readonly idempotencyKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface ScenarioReply<Value> {
  readonly answer: "ok" | "accepted" | "empty";
  readonly value: Value;
  /** Undefined for queries. */
  readonly commandId: string | undefined;
  /** Whether this is the recorded answer of an earlier request with the same idempotency key. */
  readonly replayed: boolean;
}

export interface ExpectedEvent {
  /** How much virtual time may have passed between the latest `when` or `given` and the event: `"5m"`. */
  readonly within?: string;
}

const GUEST: Principal = { id: "guest", roles: [] };

/**
 * An application under test, in virtual time. Each step (`given`, `when`, `ask`, `advance`) returns when everything that follows from it has come
 * to rest: events are delivered, what they lead to as well, and what is left waits for time to pass.
 *
 * A step throws what is wrong with the test itself: `scenario-stuck` names handlers that do not end, `stub-missing` and `stub-invalid` the stub. A subscription that
 * fails does not make a step fail, as it would not in earnest: it is parked and tried again as time passes. It is told by `parked()`,
 * by the message of an `expectEvent` that misses, and at the latest by `stop()`.
 */
export class ScenarioTest {
  readonly #runtime: Runtime;
  readonly #time: VirtualTime;
  readonly #logs: Logs;
  readonly #watch: Watch;
  readonly #givens = new Givens();
  readonly #parked = new ParkedEntries();
  /** When something was last set off. */
  #since: number;
  #warning: string | undefined;
  #stopped = false;

  constructor(plan: Plan) {
    const prng = new Prng(plan.seed);
    const time = new VirtualTime(prng.fork(), () => plan.watch.busiest());
    const store = plan.store({ clock: time.clock, random: prng.fork() });
    const app = plan.watch.over(this.#givens.over(plan.app));
    this.#runtime = new Runtime(app, {
      // A body that waits for anything but its transaction fails at once, as in development.
      limits: { unitLimitMs: 0, ...plan.limits },
      seeds: plan.seeds,
      settings: givenSettings(app.settings, plan.settings),
      platform: {
        clock: time.clock,
        turn: time.turn,
        random: prng.fork(),
        store,
        codec: jsonCodec,
        telemetry: { signal: (signal) => this.#hear(signal) },
      },
    });
    this.#time = time;
    this.#logs = new Logs(store, app);
    this.#watch = plan.watch;
    this.#since = time.clock.now();
  }

  /** For the factories; a scenario is started once. */
  async start(): Promise<this> {
    const started = await this.#time.outcome(this.#runtime.start());
    if (started?.status === "rejected") throw started.reason;
    if (started === undefined) throw unanswered("The start");
    await this.#rest();
    // what the seeds emitted, and all that followed from it
    this.#logs.allGiven();
    return this;
  }

  /** Virtual wall-clock milliseconds; they begin at 2026-01-01T00:00:00Z and pass with `advance` only. */
  get now(): number {
    return this.#time.clock.now();
  }

  /** Appends an event to its owner's log, as if the owner had emitted it: data that its contract does not allow is refused. */
  async given<E extends AnyEvent>(
    event: E,
    data: NoInfer<DataOf<E>>,
    by: { readonly tenant?: string } = {},
  ): Promise<void> {
    const { operation, input } = this.#givens.request(event, data);
    const { tenant = DEFAULT_TENANT } = by;
    const principal: Principal = { id: `context:${ownerOf(event.name)}`, roles: ["context"], tenants: [tenant] };
    const given = await this.#execute({ operation, input, principal, tenant, headers: {} });
    this.#logs.isGiven(given.commandId);
  }

  /** Executes a command, or asks a query. What the application refuses is thrown: a `BanyanError` with its code. */
  async when<O extends OperationContract>(
    what: O,
    input: NoInfer<InputOf<O>>,
    by: AskedBy = {},
  ): Promise<ScenarioReply<OutputOf<O>>> {
    const { answer, value, commandId, replayed } = await this.#execute(requestOf(what, input, by));
    return { answer, value: asOverAWire(value) as OutputOf<O>, commandId, replayed };
  }

  /** The answer of a query. */
  async ask<Q extends QueryContract>(what: Q, input: NoInfer<InputOf<Q>>, by: AskedBy = {}): Promise<OutputOf<Q>> {
    const { value } = await this.#execute(requestOf(what, input, by));
    return asOverAWire(value) as OutputOf<Q>;
  }

  /** Lets virtual time pass, `"250ms"`, `"5s"`, `"10m"`, `"2h"`, `"3d"`: retries and timers come due in their order. Nothing real is waited for. */
  async advance(duration: string): Promise<void> {
    const ms = durationMs(duration);
    this.#refuseStopped();
    this.#warning = undefined;
    await this.#time.pass(ms);
    await this.#rest();
  }

  /** What the application has emitted of an event, in order; not what the test gave. */
  events<E extends AnyEvent>(event: E): readonly EmittedEvent<E>[] {
    return this.#logs.emitted.filter(({ type }) => type === event.name) as unknown as readonly EmittedEvent<E>[];
  }

  /** The first emitted event whose data has this part. Throws when there is none, and says what was emitted instead and what is parked. */
  expectEvent<E extends AnyEvent>(
    event: E,
    data: Part<NoInfer<DataOf<E>>> = {} as Part<DataOf<E>>,
    { within: text }: ExpectedEvent = {},
  ): EmittedEvent<E> {
    const within = text === undefined ? undefined : { text, since: this.#since, ms: durationMs(text) };
    const found = find({ event: event, data, within }, this.#logs.emitted);
    if (!Array.isArray(found)) return found as EmittedEvent<E>;
    const isAny = within === undefined && Object.keys(data as object).length === 0;
    const missed = isAny ? `No "${event.name}" was emitted.` : `No "${event.name}" has ${shown(data)}.`;
    const parked = this.#list().map((entry) => `  ${inWords(entry)}`);
    const besides = parked.length === 0 ? [] : ["Parked:", ...parked];
    throw new Error([missed, ...(found as string[]), ...besides].join("\n"));
  }

  /** Throws when an event whose data has this part was emitted. */
  expectNoEvent<E extends AnyEvent>(event: E, data: Part<NoInfer<DataOf<E>>> = {} as Part<DataOf<E>>): void {
    const matching = this.#logs.emitted.filter(
      (one) => one.type === event.name && differences(data, one.data).length === 0,
    );
    if (matching.length === 0) return;
    const lines = matching.map((one) => `  ${eventInWords(one)}`);
    throw new Error([`"${event.name}" was emitted, and was not to be:`, ...lines].join("\n"));
  }

  /** What subscriptions have set aside and not dealt with. Whoever asks knows of it, so `stop()` does not throw for what is listed here. */
  parked(): readonly ParkedEntry[] {
    this.#parked.see();
    return this.#list();
  }

  /** Throws when anything is parked, and says what and why. */
  expectNothingParked(): void {
    refuseParked(this.#list());
  }

  /**
   * Drains and stops the application. Throws when something is parked that `parked()` has never listed: a failure nobody looked at is not
   * passed over. Safe to call twice.
   */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    const stopped = await this.#time.outcome(this.#runtime.stop());
    if (stopped?.status === "rejected") throw stopped.reason;
    if (stopped === undefined) throw unanswered("The stop");
    const unseen = new Set(this.#parked.unseen.map(({ subscription, position }) => `${subscription} ${position}`));
    refuseParked(this.#list().filter(({ subscription, position }) => unseen.has(`${subscription} ${position}`)));
  }

  async #execute(request: Request): Promise<Reply> {
    this.#refuseStopped();
    this.#since = this.now;
    this.#warning = undefined;
    const reply = settledLater(this.#runtime.execute(request));
    await this.#time.settle();
    const outcome = reply();
    await this.#rest({ refused: outcome?.status === "rejected" });
    if (outcome === undefined) throw unanswered(`"${request.operation}"`);
    if (outcome.status === "rejected") throw outcome.reason;
    return outcome.value;
  }

  /** After a step: what is wrong with it, then what it brought. What warned of a refusal is told by the refusal. */
  async #rest({ refused = false } = {}): Promise<void> {
    this.#watch.judge();
    const { state, reason } = this.#runtime.status;
    if (state === "failed") throw new BanyanError("store-failed", `The application has failed: ${reason ?? ""}`);
    await this.#logs.read();
    const { lag, paused } = this.#runtime.status;
    // what a paused subscription has not read it reads later
    if (!refused && this.#warning !== undefined && lag > 0 && paused === 0)
      throw new BanyanError("scenario-stuck", this.#warning);
  }

  #hear(signal: Signal): void {
    this.#parked.hear(signal);
    if (signal.name === "warning") this.#warning = signal.message;
  }

  #refuseStopped(): void {
    if (this.#stopped) throw new BanyanError("draining", "This scenario has been stopped.");
  }

  #list(): readonly ParkedEntry[] {
    return this.#parked.all.map((told) => {
      const { type = "?", key = "?" } = this.#entryOf(told.subscription, told.position) ?? {};
      return { ...told, event: type, key };
    });
  }

  #entryOf(subscription: string, position: number): { readonly type: string; readonly key: string } | undefined {
    const [context, name] = subscription.split(".");
    const definition = this.#runtime.app.contexts.find((one) => one.name === context);
    const contract = definition?.subscriptions.find((one) => one.name === name)?.contracts[0];
    return contract === undefined ? undefined : this.#logs.entry(ownerOf(contract.name), position);
  }
}

function requestOf(what: OperationContract, input: unknown, by: AskedBy): Request {
  const { idempotencyKey, headers = {} } = by;
  // who says nothing of tenants is of the one that is asked for
  const principal = { tenants: [by.tenant ?? DEFAULT_TENANT], ...(by.principal ?? GUEST) };
  const tenant = tenantOf(principal, by.tenant);
  const keyed = idempotencyKey === undefined ? headers : { "idempotency-key": idempotencyKey, ...headers };
  return { operation: what.name, input: asOverAWire(input), principal, tenant, headers: keyed, idempotencyKey };
}

const asOverAWire = (value: unknown): unknown =>
  value === undefined ? undefined : jsonCodec.decode(jsonCodec.encode(value));

function unanswered(what: string): BanyanError {
  const why = "It waits for time to pass, or for something real: a store for scenarios answers by promises alone.";
  return new BanyanError("scenario-stuck", `${what} does not end. ${why}`, {
    remedy: "Use memory() or sqlite({ memory: true }), and look at what the message names.",
  });
}

function refuseParked(parked: readonly ParkedEntry[]): void {
  if (parked.length === 0) return;
  const lines = parked.map((entry) => `  ${inWords(entry)}`);
  throw new Error(["Something is parked:", ...lines].join("\n"));
}
