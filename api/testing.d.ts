// #region Interfaces
export interface Asking {
  readonly principal?: Principal;
  readonly tenant?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly key?: string;
}
export interface Breach {
  readonly law: Law;
  readonly message: string;
}
export interface Client {
  readonly name: string;
  readonly clock: Clock;
  readonly random: Random;
  sleep(_: number): Promise<void>;
  command<C extends CommandContract>(_: C, _: InputOf<C>, _?: Asking): Promise<Outcome<OutputOf<C>>>;
  query<Q extends QueryContract>(_: Q, _: InputOf<Q>, _?: Asking): Promise<Outcome<OutputOf<Q>>>;
}
export interface FaultOdds {
  readonly crash: number;
  readonly pause: number;
  readonly takeover: number;
  readonly restart: number;
  readonly clockJump: number;
  readonly delay: number;
  readonly readFails: number;
  readonly commitFails: number;
  readonly commitUnknown: number;
  readonly reorder: number;
  readonly repeat: number;
}
export interface HistoryLine {
  readonly atMs: number;
  readonly client: string;
  readonly event: "invoke" | "ok" | "fail" | "info";
  readonly operation: string;
  readonly key: string;
  readonly value: unknown;
}
export interface Scenario {
  readonly app: App;
  readonly limits?: Partial<Limits>;
  readonly clients: readonly ((client: Client) => Promise<void>)[];
  readonly invariants?: (_: Settled) => Promise<readonly string[]>;
  readonly mayDie?: (_: Entry, _: string) => boolean;
}
export interface SeedsOptions<Disk> extends Omit<SimulationOptions<Disk>, "seed"> {
  readonly from: number;
  readonly seeds: number;
}
export interface Settled {
  readonly client: Client;
  readonly history: readonly HistoryLine[];
}
export interface Simulation {
  readonly scenario: (_: World) => Scenario;
  readonly faults?: Partial<FaultOdds>;
  readonly settleWithinMs?: number;
  readonly maxSteps?: number;
}
export interface SimulationOptions<Disk> extends Simulation {
  readonly seed: number;
  readonly disk: () => Disk;
  readonly store: (_: Disk, _: World) => Store;
}
export interface SimulationResult {
  readonly seed: number;
  readonly hash: string;
  readonly steps: number;
  readonly virtualMs: number;
  readonly counters: Readonly<Record<string, number>>;
  readonly breaches: readonly Breach[];
}
export interface World {
  readonly seed: number;
  readonly clock: Clock;
  readonly random: Random;
}
// #endregion

// #region Types
export type Law = "acknowledged" | "effect-once" | "emitted-once" | "key-order" | "same-answer" | "liveness" | "invariant" | "determinism" | "uncaught";
export type Outcome<Value> = {
  readonly ok: true;
  readonly answer: "ok" | "accepted" | "empty";
  readonly value: Value;
  readonly commandId: string | undefined;
} | {
  readonly ok: false;
  readonly code: string;
  readonly message: string;
};
export type PlantedBug = (_: Store) => Store;
// #endregion

// #region Functions
export declare function neverHappened(_: Readonly<Record<string, number>>): readonly string[];
export declare function reference(_: RawHandle["kind"]): Simulation;
export declare function simulate<Disk>(_: SimulationOptions<Disk>): Promise<SimulationResult>;
export declare function simulateSeeds<Disk>(_: SeedsOptions<Disk>): AsyncGenerator<SimulationResult, void>;
// #endregion

// #region Variables
export declare const DEFAULT_ODDS: FaultOdds;
export declare const PLANTED_BUGS: Readonly<Record<string, PlantedBug>>;
// #endregion
