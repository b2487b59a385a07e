import type { App } from "../context/index.ts";
import type { BanyanError } from "../error/index.ts";
import {
  DEFAULT_TENANT,
  type Entry,
  type Platform,
  type Principal,
  type Store,
  type TablesHandle,
} from "../ports/index.ts";
import type { ByHand } from "./fixture.ts";
import { jsonCodec } from "./json-codec.ts";
import type { Reply, Request } from "./request.ts";
import { Runtime, type RuntimeOptions } from "./runtime.ts";

/** How a request differs from that of a guest. */
export interface Asking extends Partial<Omit<Request, "operation" | "input" | "principal">> {
  readonly who?: string;
  readonly roles?: readonly string[];
  /** Of `tenant` where nothing is said. */
  readonly tenants?: NonNullable<Principal["tenants"]>;
}

export interface WorldOptions extends Omit<RuntimeOptions, "platform"> {
  readonly store: Store;
  readonly hand: ByHand;
  readonly platform?: Partial<Platform>;
}

/** A runtime for tests, moved by hand. */
export class RuntimeWorld {
  readonly runtime: Runtime;
  readonly hand: ByHand;
  readonly #store: Store;

  constructor(app: App, { store, hand, platform, ...options }: WorldOptions) {
    const { clock, turn, random, telemetry } = hand;
    this.runtime = new Runtime(app, {
      ...options,
      platform: { store, clock, turn, random, telemetry, codec: jsonCodec, ...platform },
    });
    this.hand = hand;
    this.#store = store;
  }

  /** Started, and at rest. */
  static async started(app: App, options: WorldOptions): Promise<RuntimeWorld> {
    const world = new RuntimeWorld(app, options);
    await world.hand.value(world.runtime.start());
    return world;
  }

  /** Sends a request; nothing happens to it before turns do. */
  ask(operation: string, input: unknown, by: Asking = {}): Promise<Reply> {
    const {
      who = "guest",
      roles = [],
      tenants,
      tenant = tenants === "*" ? DEFAULT_TENANT : (tenants?.[0] ?? DEFAULT_TENANT),
      headers = {},
      ...more
    } = by;
    const principal = { id: who, roles, tenants: tenants ?? [tenant] };
    const reply = this.runtime.execute({ operation, input, principal, tenant, headers, ...more });
    reply.catch(() => {});
    return reply;
  }

  /** The answer, after all that follows from it has come to rest. Time stands still. */
  async reply(operation: string, input: unknown, by?: Asking): Promise<Reply> {
    return this.hand.value(this.ask(operation, input, by));
  }

  /** The error a request is refused with. */
  async refusal(operation: string, input: unknown, by?: Asking): Promise<BanyanError> {
    const outcome = await this.hand.outcome(this.ask(operation, input, by));
    if (outcome !== "pending" && "error" in outcome) return outcome.error as BanyanError;
    throw new Error(`not refused: ${JSON.stringify(outcome)}`);
  }

  /** The committed rows of a table, by key. */
  async rows(context: string, table: string): Promise<Record<string, unknown>> {
    const session = await this.#store.session(context);
    const rows = await (session.raw as TablesHandle).table(table).entries();
    await session.end();
    return Object.fromEntries(rows);
  }

  /** The committed events of a context, of these types. */
  async log(source: string, ...types: readonly string[]): Promise<readonly Entry[]> {
    const { entries } = await this.#store.fetch({ source, after: 0, limit: 1_000, types });
    return entries;
  }

  /** What became of entries of a subscription: `position state`, in the order said. */
  fates(subscription: string): string[] {
    return this.hand.signals.flatMap((signal) => {
      if (!("subscription" in signal) || signal.subscription !== subscription) return [];
      if (signal.name === "entry.parked") return [`${signal.position} ${signal.state}`];
      return signal.name === "entry.settled" ? [`${signal.position} settled`] : [];
    });
  }
}
