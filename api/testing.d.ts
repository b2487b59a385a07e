// #region Interfaces
export interface AskedBy {
  readonly principal?: Principal;
  readonly tenant?: string;
  readonly idempotencyKey?: string;
  readonly headers?: Readonly<Record<string, string>>;
}
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
export interface EmittedEvent<E> {
  readonly id: string;
  readonly type: E extends {
    readonly name: infer Name;
  } ? Name : string;
  readonly version: number;
  readonly key: string;
  readonly at: number;
  readonly data: DataOf<E>;
  readonly tenant: string;
  readonly principal: string;
  readonly correlation: string;
  readonly causation: string;
}
export interface ExpectedEvent {
  readonly within?: string;
}
export interface FaultOdds {
  readonly crash: number;
  readonly pause: number;
  readonly takeover: number;
  readonly restart: number;
  readonly clockJump: number;
  readonly clockDrift: number;
  readonly delay: number;
  readonly readFails: number;
  readonly commitFails: number;
  readonly commitUnknown: number;
  readonly statementFails: number;
  readonly diskFull: number;
  readonly reorder: number;
  readonly repeat: number;
  readonly duplicate: number;
}
export interface HistoryLine {
  readonly atMs: number;
  readonly client: string;
  readonly event: "invoke" | "ok" | "fail" | "info";
  readonly operation: string;
  readonly key: string;
  readonly value: unknown;
}
export interface Narrowing {
  readonly faults?: readonly Fault[] | undefined;
  readonly clients?: readonly number[] | undefined;
}
export interface Operating {
  readonly skips: readonly string[];
  readonly replays?: readonly string[];
  readonly dryReplays?: readonly string[];
}
export interface ParkedEntry {
  readonly subscription: string;
  readonly position: number;
  readonly event: string;
  readonly key: string;
  readonly state: ParkState;
  readonly attempts: number;
  readonly code: string;
  readonly message: string;
}
export interface Scenario {
  readonly app: App;
  readonly earlier?: App;
  readonly limits?: Partial<Limits>;
  readonly settings?: SettingValues;
  readonly clients: readonly ((client: Client) => Promise<void>)[];
  readonly invariants?: (_: Settled) => Promise<readonly string[]>;
  readonly operator?: Operating;
  readonly mayDie?: (_: Entry, _: string) => boolean;
}
export interface ScenarioFactory {
  (_: App, _: ScenarioOptions): Promise<ScenarioTest>;
  context<Ports, Uses extends OperationContract>(_: Context<string, any, Ports, Uses>, _: ContextScenarioOptions<Ports>): Promise<ScenarioTest>;
}
export interface ScenarioOptions {
  readonly store: (_: Virtual) => Store;
  readonly seed?: number;
  readonly limits?: Partial<Limits>;
  readonly settings?: SettingValues;
  readonly seeds?: boolean;
}
export interface ScenarioReply<Value> {
  readonly answer: "ok" | "accepted" | "empty";
  readonly value: Value;
  readonly commandId: string | undefined;
  readonly replayed: boolean;
}
export interface SeedsOptions<Disk> extends Omit<SimulationOptions<Disk>, "seed"> {
  readonly from: number;
  readonly seeds: number;
}
export interface Settled {
  readonly client: Client;
  readonly history: readonly HistoryLine[];
}
export interface Shrunk {
  readonly seed: number;
  readonly breach: Breach;
  readonly faults: readonly Fault[];
  readonly clients: readonly number[];
  readonly of: number;
  readonly runs: number;
}
export interface Simulated {
  readonly seeds: number;
  readonly steps: number;
  readonly virtualMs: number;
  readonly counters: Readonly<Record<string, number>>;
  readonly never: readonly string[];
}
export interface SimulateOptions extends Omit<Scenario, "app" | "clients"> {
  readonly seeds: number;
  readonly from?: number;
  readonly faults?: Partial<FaultOdds>;
  readonly workload: Scenario["clients"];
  readonly store?: (_: MemoryDisk, _: World) => Store;
  readonly settleWithin?: string;
  readonly mustHappen?: readonly string[];
}
export interface Simulation {
  readonly scenario: (_: World) => Scenario;
  readonly faults?: Partial<FaultOdds>;
  readonly settleWithin?: string;
  readonly mustHappen?: readonly string[];
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
export interface Stub {
  readonly what: OperationContract;
  readonly answer: (_: never) => unknown;
}
export interface Virtual {
  readonly clock: Clock;
  readonly random: Random;
}
export interface World {
  readonly seed: number;
  readonly clock: Clock;
  readonly random: Random;
}
// #endregion

// #region Types
export type ContextScenarioOptions<Ports> = ScenarioOptions & {
  readonly stubs?: readonly Stub[];
} & PortsOf<Ports>;
export type Law = "acknowledged" | "effect-once" | "emitted-once" | "key-order" | "schedule" | "retention" | "back-pressure" | "same-answer" | "liveness" | "invariant" | "operator" | "determinism" | "uncaught";
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
export type Part<T> = T extends readonly (infer Item)[] ? readonly Part<Item>[] : T extends object ? { readonly [Name in keyof T]?: Part<T[Name]>; } : T;
export type PlantedBug = (_: Store) => Store;
// #endregion

// #region Classes
export declare class ScenarioTest {
  #private;
  constructor(_: Plan);
  start(): Promise<this>;
  get now(): number;
  given<E extends AnyEvent>(_: E, _: NoInfer<DataOf<E>>, _?: {
    readonly tenant?: string;
  }): Promise<void>;
  when<O extends OperationContract>(_: O, _: NoInfer<InputOf<O>>, _?: AskedBy): Promise<ScenarioReply<OutputOf<O>>>;
  ask<Q extends QueryContract>(_: Q, _: NoInfer<InputOf<Q>>, _?: AskedBy): Promise<OutputOf<Q>>;
  advance(_: string): Promise<void>;
  events<E extends AnyEvent>(_: E): readonly EmittedEvent<E>[];
  expectEvent<E extends AnyEvent>(_: E, _?: Part<NoInfer<DataOf<E>>>, { within: text }?: ExpectedEvent): EmittedEvent<E>;
  expectNoEvent<E extends AnyEvent>(_: E, _?: Part<NoInfer<DataOf<E>>>): void;
  parked(): readonly ParkedEntry[];
  expectNothingParked(): void;
  stop(): Promise<void>;
}
// #endregion

// #region Functions
export declare function narrowed<S extends Simulation>(_: S, { faults, clients }: Narrowing): S;
export declare function neverHappened(_: Readonly<Record<string, number>>, _?: readonly string[], _?: Partial<FaultOdds>): readonly string[];
export declare function reference(_: RawHandle["kind"]): Simulation;
export declare function shrink<Disk>(_: SimulationOptions<Disk>, _: Law): Promise<Shrunk | undefined>;
export declare function simulate(_: App | ((_: World) => App), _: SimulateOptions): Promise<Simulated>;
export declare function simulateNth<Disk>(_: SeedsOptions<Disk>, _: number): Promise<SimulationResult>;
export declare function simulateSeed<Disk>(_: SimulationOptions<Disk>): Promise<SimulationResult>;
export declare function simulateSeeds<Disk>(_: SeedsOptions<Disk>): AsyncGenerator<SimulationResult, void>;
export declare function stub<O extends OperationContract>(_: O, _: (_: InputDataOf<O>) => OutputOf<O> | Promise<OutputOf<O>>): Stub;
// #endregion

// #region Variables
export declare const DEFAULT_ODDS: FaultOdds;
export declare const DELIVERED: readonly string[];
export declare const NO_FAULTS: FaultOdds;
export declare const PLANTED_BUGS: Readonly<Record<string, PlantedBug>>;
export declare const PLANTED_UNDER: Readonly<Record<string, Partial<FaultOdds>>>;
export declare const scenario: ScenarioFactory;
// #endregion

// #region Referenced (internal)
type AnyEvent = EventContract<string, any>;
type Fault = keyof FaultOdds;
interface Plan {
  readonly app: App;
  readonly store: (_: Virtual) => Store;
  readonly seed: number;
  readonly limits: Partial<Limits>;
  readonly settings: SettingValues | undefined;
  readonly seeds: boolean;
  readonly watch: Watch;
}
type PortsOf<Ports> = keyof Ports extends never ? {
  readonly ports?: undefined;
} : {
  readonly ports: Ports;
};
// #endregion
