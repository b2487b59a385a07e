import type {
  App,
  CommandContract,
  Clock,
  Entry,
  InputOf,
  Limits,
  OutputOf,
  Principal,
  QueryContract,
  Random,
  SettingValues,
  Store,
} from "@banyan/core";
import type { FaultOdds } from "./fault-odds.ts";

/**
 * An application made ready to be simulated. A file that exports one as `simulation` can be run with `npm run simulate -- --app FILE`:
 *
 *     export const simulation: Simulation = {
 *       scenario: (world) => {
 *         const provider = simulatedProvider(world.clock, world.random);
 *         return {
 *           app: app({ contexts: [orders, payments], ports: () => ({ payments: { provider } }) }),
 *           clients: [buyer, buyer, canceller],
 *           invariants: async ({ client }) => (await stockConserved(client) ? [] : ["stock is not conserved"]),
 *         };
 *       },
 *     };
 */
export interface Simulation {
  /** Builds the application and the world around it, anew for each run; it must depend on nothing but `world`. */
  readonly scenario: (world: World) => Scenario;
  /** Chances of the faults that differ from `DEFAULT_ODDS`. */
  readonly faults?: Partial<FaultOdds>;
  /** How much virtual time there is for everything to be settled once faults have ceased. Default: `"30m"`. */
  readonly settleWithin?: string;
  /** Counters that must not be 0 after some hundred runs, beside those of the faults: what never happened was not judged. */
  readonly mustHappen?: readonly string[];
  /** Steps after which a run counts as one that never ends. Default: 400,000. */
  readonly maxSteps?: number;
}

export interface SimulationOptions<Disk> extends Simulation {
  readonly seed: number;
  /** A new, empty disk: what survives a crash. */
  readonly disk: () => Disk;
  /** A store on that disk; opening a second one must undo what the first had not committed. It may wait for promises only, never for I/O or timers. */
  readonly store: (disk: Disk, world: World) => Store;
}

/** What lies outside the process that crashes: time, chance, and whatever the scenario builds from them. */
export interface World {
  readonly seed: number;
  readonly clock: Clock;
  readonly random: Random;
}

export interface Scenario {
  readonly app: App;
  /** Earlier code of the application: a run begins with it, a planned restart may go back to it, and `app` is in charge in the end. */
  readonly earlier?: App;
  /** Limits of the runtime; small ones, drawn from `world.random`, bring a run sooner to where they matter. */
  readonly limits?: Partial<Limits>;
  /** Values of the application's settings: checked by their schemas, which also give what is left out. */
  readonly settings?: SettingValues;
  /** Who asks. They run side by side, outlive every crash, and must end. */
  readonly clients: readonly ((client: Client) => Promise<void>)[];
  /** Judges the application once all is settled and no fault strikes any more; each text returned is a breach. */
  readonly invariants?: (settled: Settled) => Promise<readonly string[]>;
  /** An operator redrives parked entries at random moments while faults strike, and does to these subscriptions what is said. By default there is none. */
  readonly operator?: Operating;
  /** Whether an entry may be dead in the end, with what waits behind it: those the scenario makes fail for ever. By default none may. */
  readonly mayDie?: (entry: Entry, subscription: string) => boolean;
}

/** Names of subscriptions. */
export interface Operating {
  /** Parked entries of these are skipped. */
  readonly skips: readonly string[];
  /** These declare `rebuild`, and are made anew. */
  readonly replays?: readonly string[];
  /** Entries are delivered to these in dry replays, which must leave nothing. */
  readonly dryReplays?: readonly string[];
}

export interface Settled {
  readonly client: Client;
  readonly history: readonly HistoryLine[];
}

/** Somebody at the other end of a wire that loses what is in flight when the process crashes. */
export interface Client {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  /** Virtual milliseconds. */
  sleep(ms: number): Promise<void>;
  /** Sends a command under an idempotency key, again and again until it is answered: with a result or with a terminal refusal. */
  command<C extends CommandContract>(what: C, input: InputOf<C>, by?: Asking): Promise<Outcome<OutputOf<C>>>;
  /** Asks a query until it is answered. */
  query<Q extends QueryContract>(what: Q, input: InputOf<Q>, by?: Asking): Promise<Outcome<OutputOf<Q>>>;
}

export interface Asking {
  /** Default: the client's name, with no role. */
  readonly principal?: Principal;
  readonly tenant?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** The idempotency key; by default one that is never used again. */
  readonly key?: string;
}

export type Outcome<Value> =
  | {
      readonly ok: true;
      readonly answer: "ok" | "accepted" | "empty";
      readonly value: Value;
      readonly commandId: string | undefined;
    }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** What a client saw: `info` is a lost answer, whose outcome nobody knows until the request is repeated. */
export interface HistoryLine {
  readonly atMs: number;
  readonly client: string;
  readonly event: "invoke" | "ok" | "fail" | "info";
  readonly operation: string;
  readonly key: string;
  readonly value: unknown;
}

/** A promise that was broken. */
export interface Breach {
  readonly law: Law;
  readonly message: string;
}

export type Law =
  /** What was answered is there, and nothing that was not. */
  | "acknowledged"
  /** One effect for each subscription and entry, one for each command. */
  | "effect-once"
  /** The log has what committed bodies emitted, once. */
  | "emitted-once"
  | "key-order"
  /** What is scheduled enters once, not before its time, in the order of its time. */
  | "schedule"
  /** Nothing is taken out of a log before its time. */
  | "retention"
  /** A command is refused for a backlog only where somebody is that far behind. */
  | "back-pressure"
  /** A repeated command gets the same answer. */
  | "same-answer"
  /** Once faults cease, everything settles. */
  | "liveness"
  | "invariant"
  /** What an operator was told was done is in the audit, and nothing else. */
  | "operator"
  /** The same seed gives the same run. */
  | "determinism"
  /** Something threw where nobody listens. */
  | "uncaught";

export interface SimulationResult {
  readonly seed: number;
  /** Of everything that happened, in order: equal for equal seeds. */
  readonly hash: string;
  readonly steps: number;
  readonly virtualMs: number;
  /** What really happened, by name: faults struck, answers replayed, keys parked and released. */
  readonly counters: Readonly<Record<string, number>>;
  readonly breaches: readonly Breach[];
}
