// #region Interfaces
export interface Accepted<Value> {
  readonly answer: "accepted";
  readonly value: Value;
}
export interface AnswerOptions<Tx, Ports, C> {
  readonly allow: Allow<InputDataOf<C>, Tx, Ports>;
}
export interface App {
  readonly kind: "app";
  readonly contexts: readonly ContextDefinition[];
  readonly topology: Topology;
  readonly ports: (_: Environment) => unknown;
}
export interface AppOptions<C extends Context> {
  readonly contexts: readonly C[];
  readonly topology?: Topology;
  readonly ports?: (_: Environment) => AppPorts<C> | Promise<AppPorts<C>>;
}
export interface Asked<Input, Read, Ports> {
  readonly principal: Principal;
  readonly tenant: string;
  readonly input: Input;
  readonly headers: RequestHeaders;
  readonly read: Read;
  readonly ports: Ports;
}
export interface BodyTools<Name extends string, Tx, Before> {
  readonly tx: Tx;
  readonly emit: Emit<Name>;
  readonly newId: () => string;
  readonly now: number;
  readonly before: Before;
  readonly tenant: string;
}
export interface CallRequest {
  readonly operation: string;
  readonly input: string;
  readonly principal: Principal;
  readonly origin: Origin;
  readonly idempotencyKey: string | undefined;
}
export interface Calls {
  send(_: CallRequest): Promise<string>;
}
export interface Clock {
  now(): number;
  mono(): number;
  after(_: number, _: () => void): () => void;
}
export interface Codec {
  readonly name: "json";
  encode(_: unknown): string;
  decode(_: string): unknown;
}
export interface CommandBeforeTools<Name extends string, Read, Ports, Uses extends OperationContract> extends Surroundings<Read, Ports> {
  readonly call: Ask<Name, Uses>;
  readonly principal: Principal;
  readonly headers: RequestHeaders;
}
export interface CommandContract<Name extends string = string, In = any, Data = any, Out = any> extends Operation<"command", Name, In, Data, Out> {
  readonly confirms: readonly EventContract[];
}
export interface CommandDefinition {
  readonly contract: CommandContract;
  readonly at: string;
  readonly allow: Allow<any, any, any> | undefined;
  readonly before: ((_: any, _: any) => unknown) | undefined;
  readonly unstored: ((_: any, _: any) => object) | undefined;
  readonly body: (_: any, _: any) => unknown;
  readonly unknownOptions: readonly string[];
}
export interface CommandOptions<In, Data, Out> {
  readonly http?: string;
  readonly input: StandardSchema<In, Data>;
  readonly output?: StandardSchema<Out, unknown>;
  readonly confirms?: readonly EventContract[];
}
export interface CommandRecord extends CommandScope {
  readonly digest: string;
  readonly commandId: string;
  readonly outcome: "result" | "error";
  readonly body: string;
  readonly at: number;
  readonly expires: number;
}
export interface CommandScope {
  readonly tenant: string;
  readonly principal: string;
  readonly operation: string;
  readonly key: string;
}
export interface CommandTools<Name extends string, Tx, Before> extends BodyTools<Name, Tx, Before> {
  readonly principal: Principal;
  readonly commandId: string;
}
export interface Context<Name extends string = string, Tx = any, Ports = any, Uses extends OperationContract = any> {
  readonly name: Name;
  readonly definition: ContextDefinition;
  readonly portTypes?: Ports;
  handle<C extends CommandContract, Before = undefined, Added extends object = {}>(_: Own<Name, C>, _: HandleOptions<Name, Tx, Ports, Uses, C, Before, Added>, _: (_: InputDataOf<C>, _: CommandTools<Name, Tx, Before>) => Answer<Stored<OutputOf<C>, Added>> | Promise<Answer<Stored<OutputOf<C>, Added>>>): void;
  answer<C extends QueryContract>(_: Own<Name, C>, _: AnswerOptions<Tx, Ports, C>, _: (_: InputDataOf<C>, _: QueryTools<Name, Tx, Ports, Uses>) => OutputOf<C> | Promise<OutputOf<C>>): void;
  on<E extends EventContract<string, any>, Before = undefined>(_: E, _: OnOptions<Name, Tx, Ports, Uses, E, Before>, _: (_: Received<E>, _: BodyTools<Name, Tx, Before>) => void | Promise<void>): void;
}
export interface ContextDefinition {
  readonly name: string;
  readonly owner: string;
  readonly at: string;
  readonly contract: Readonly<Record<string, unknown>>;
  readonly uses: readonly OperationContract[];
  readonly handle: HandleKind<unknown>;
  readonly ports: readonly string[];
  readonly migrations: readonly Migration[];
  readonly commands: readonly CommandDefinition[];
  readonly queries: readonly QueryDefinition[];
  readonly subscriptions: readonly SubscriptionDefinition[];
}
export interface ContextOptions<Tx, Ports, Uses extends OperationContract> {
  readonly owner?: string;
  readonly contract: Readonly<Record<string, unknown>>;
  readonly uses?: readonly Uses[];
  readonly tx?: HandleKind<Tx>;
  readonly ports?: Needs<Ports>;
  readonly migrations?: readonly Migration[];
}
export interface Cursor extends CursorName, CursorPlace {
  readonly incarnation: string;
  readonly fence: number;
}
export interface CursorMove extends CursorName, CursorPlace {
  readonly fence: number;
}
export interface CursorName {
  readonly subscription: string;
  readonly source: string;
  readonly lane: string;
}
export interface CursorPlace {
  readonly pos: number;
  readonly open: readonly number[];
}
export interface DeliveryCounts {
  readonly parked: number;
  readonly dead: number;
  readonly held: number;
  readonly lag: number;
}
export interface Entry extends NewEntry {
  readonly source: string;
  readonly position: number;
}
export interface Environment {
  readonly data: string;
  readonly delivery: () => DeliveryCounts;
  readonly onStop: (_: () => void | Promise<void>) => void;
}
export interface ErrorOptions {
  readonly cause?: unknown;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly retryAfterMs?: number;
  readonly remedy?: string;
  readonly kind?: ErrorKind;
  readonly retry?: Retry;
}
export interface EventBeforeTools<Name extends string, Read, Ports, Uses extends OperationContract> extends Surroundings<Read, Ports> {
  readonly call: Call<Name, Uses>;
  readonly stableKey: string;
  readonly attempt: number;
}
export interface EventContract<Type extends string = string, Data = unknown> {
  readonly kind: "event";
  readonly name: Type;
  readonly version: number;
  readonly key: string | NoKey;
  readonly schema: StandardSchema<unknown, Data>;
  readonly personal: PersonalFields | undefined;
  readonly at: string;
}
export interface EventOptions<Data> {
  readonly version: number;
  readonly key: (keyof Data & string) | NoKey;
  readonly data: StandardSchema<unknown, Data>;
  readonly personal?: {
    readonly subject: keyof Data & string;
    readonly fields: readonly string[];
  };
}
export interface FaultOptions {
  readonly commitFails?: number;
  readonly reorders?: number;
  readonly delays?: number;
  readonly delayMs?: number;
}
export interface Fetched {
  readonly entries: readonly Entry[];
  readonly through: number;
}
export interface FetchQuery {
  readonly source: string;
  readonly after: number;
  readonly limit: number;
  readonly types: readonly string[];
}
export interface HandleKind<Handle> {
  readonly kind: RawHandle["kind"];
  bind(_: RawHandle): Handle;
}
export interface HandleOptions<Name extends string, Tx, Ports, Uses extends OperationContract, C, Before, Added> {
  readonly allow: Allow<InputDataOf<C>, Tx, Ports>;
  readonly before?: (_: InputDataOf<C>, _: CommandBeforeTools<Name, Tx, Ports, Uses>) => Before | Promise<Before>;
  readonly unstored?: (_: Record<string, any>, _: {
    readonly ports: Ports;
  }) => Added;
}
export interface Issue {
  readonly path: string;
  readonly message: string;
}
export interface Limits {
  readonly batchUnits: number;
  readonly batchBytes: number;
  readonly batchMs: number;
  readonly queuedUnits: number;
  readonly beforeLimitMs: number;
  readonly unitLimitMs: number;
  readonly inFlight: number;
  readonly retries: number;
  readonly parkedRows: number;
  readonly keepResultsMs: number;
  readonly inFlightWaitMs: number;
  readonly drainMs: number;
}
export interface Manifest {
  readonly banyan: 1;
  readonly topology: string;
  readonly contexts: readonly ManifestContext[];
  readonly edges: readonly ManifestEdge[];
}
export interface ManifestContext {
  readonly name: string;
  readonly owner: string;
  readonly events: readonly {
    readonly name: string;
    readonly version: number;
    readonly key: string | null;
    readonly personal: readonly string[];
    readonly schema: unknown;
  }[];
  readonly commands: readonly ManifestOperation[];
  readonly queries: readonly ManifestOperation[];
  readonly subscriptions: readonly {
    readonly name: string;
    readonly event: string;
    readonly from: string;
    readonly tries: number;
  }[];
  readonly migrations: readonly string[];
}
export interface ManifestEdge {
  readonly kind: "event" | "call";
  readonly from: string;
  readonly to: string;
  readonly name: string;
}
export interface ManifestOperation {
  readonly name: string;
  readonly http: string | null;
  readonly allow: string;
  readonly confirms?: readonly string[];
  readonly input: unknown;
  readonly output: unknown;
}
export interface Migration {
  readonly name: string;
  readonly sql: string;
}
export interface Needs<Ports> {
  readonly names: readonly (keyof Ports & string)[];
}
export interface NewEntry extends Origin {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly key: string;
  readonly slot: number;
  readonly at: number;
  readonly form: "json" | "sealed";
  readonly body: string;
}
export interface NoKey {
  readonly none: true;
}
export interface OnOptions<Name extends string, Tx, Ports, Uses extends OperationContract, E, Before> {
  readonly name: string;
  readonly from: "start" | "now";
  readonly retry?: RetryPolicy;
  readonly before?: (_: Received<E>, _: EventBeforeTools<Name, Tx, Ports, Uses>) => Before | Promise<Before>;
}
export interface Origin {
  readonly tenant: string;
  readonly principal: string;
  readonly correlation: string;
  readonly causation: string;
  readonly traceparent: string | undefined;
}
export interface ParkError {
  readonly at: number;
  readonly code: string;
  readonly message: string;
}
export interface ParkRef {
  readonly subscription: string;
  readonly source: string;
  readonly position: number;
}
export interface ParkRow extends ParkRef {
  readonly incarnation: string;
  readonly slot: number;
  readonly key: string;
  readonly state: ParkState;
  readonly attempts: number;
  readonly due: number;
  readonly errors: readonly ParkError[];
  readonly entry: Entry;
}
export interface PersonalFields {
  readonly subject: string;
  readonly fields: readonly string[];
}
export interface Platform {
  readonly clock: Clock;
  readonly random: Random;
  readonly turn: Turn;
  readonly store: Store;
  readonly codec: Codec;
  readonly telemetry: Telemetry;
  readonly calls: Calls | undefined;
}
export interface Policy {
  readonly policy: "anyone" | "roles";
  readonly roles: readonly string[];
}
export interface Principal {
  readonly id: string;
  readonly roles: readonly string[];
}
export interface QueryContract<Name extends string = string, In = any, Data = any, Out = any> extends Operation<"query", Name, In, Data, Out> {}
export interface QueryDefinition {
  readonly contract: QueryContract;
  readonly at: string;
  readonly allow: Allow<any, any, any> | undefined;
  readonly body: (_: any, _: any) => unknown;
  readonly unknownOptions: readonly string[];
}
export interface QueryOptions<In, Data, Out> {
  readonly http?: string;
  readonly input: StandardSchema<In, Data>;
  readonly output: StandardSchema<Out, unknown>;
}
export interface QueryTools<Name extends string, Read, Ports, Uses extends OperationContract> extends Surroundings<Read, Ports> {
  readonly call: Ask<Name, Uses>;
  readonly principal: Principal;
  readonly headers: RequestHeaders;
}
export interface Random {
  u32(): number;
}
export interface ReadSession {
  readonly raw: RawHandle;
  end(): Promise<void>;
}
export interface Received<E> {
  readonly id: string;
  readonly type: E extends EventContract<infer Type, any> ? Type : string;
  readonly version: number;
  readonly key: string;
  readonly at: number;
  readonly data: DataOf<E>;
  readonly source: string;
  readonly position: number;
  readonly tenant: string;
  readonly principal: string;
  readonly correlation: string;
  readonly causation: string;
}
export interface RefusalOptions {
  readonly kind?: "unprocessable" | "conflict" | "not-found" | "forbidden" | "unavailable";
  readonly remedy?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}
export interface Reply extends Answered {
  readonly commandId: string | undefined;
  readonly replayed: boolean;
}
export interface Request {
  readonly operation: string;
  readonly input: unknown;
  readonly principal: Principal;
  readonly tenant: string;
  readonly headers: RequestHeaders;
  readonly idempotencyKey?: string | undefined;
  readonly nested?: boolean;
  readonly correlation?: string | undefined;
  readonly traceparent?: string | undefined;
}
export interface RetryPolicy {
  readonly baseMs: number;
  readonly capMs: number;
  readonly tries: number;
}
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly parameters: readonly string[];
}
export interface RuntimeOptions {
  readonly platform: Omit<Platform, "calls"> & {
    readonly calls?: Platform["calls"];
  };
  readonly limits?: Partial<Limits>;
  readonly data?: string;
  readonly hold?: readonly string[];
}
export interface RuntimeStatus extends DeliveryCounts {
  readonly state: RuntimeState;
  readonly reason: string | undefined;
}
export interface SqlHandle {
  readonly kind: "sql";
  readonly dialect: "sqlite";
  execute(_: string, _?: readonly SqlValue[]): Promise<SqlResult>;
}
export interface SqlResult {
  readonly rows: readonly Record<string, unknown>[];
  readonly changes: number;
  readonly insertId?: number | bigint | undefined;
}
export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | {
    readonly key: PropertyKey;
  })[] | undefined;
}
export interface StandardProps<Input, Output> {
  readonly version: 1;
  readonly vendor: string;
  readonly validate: (_: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
  readonly types?: {
    readonly input: Input;
    readonly output: Output;
  } | undefined;
  readonly jsonSchema?: {
    readonly input: (_: {
      readonly target: "draft-2020-12";
    }) => Record<string, unknown>;
    readonly output: (_: {
      readonly target: "draft-2020-12";
    }) => Record<string, unknown>;
  };
}
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": StandardProps<Input, Output>;
}
export interface Store {
  readonly features: StoreFeatures;
  open(_: StorePlan): Promise<StoreState>;
  begin(): Promise<StoreTransaction>;
  fetch(_: FetchQuery): Promise<Fetched>;
  entriesAt(_: string, _: readonly number[]): Promise<readonly Entry[]>;
  parkedEntry(_: ParkRef): Promise<ParkRow | undefined>;
  recall(_: CommandScope): Promise<CommandRecord | undefined>;
  session(_: string, _?: boolean): Promise<ReadSession>;
  close(): Promise<void>;
}
export interface StoreFeatures {
  readonly name: string;
  readonly handle: RawHandle["kind"];
  readonly writers: number;
  readonly durable: boolean;
}
export interface StorePlan {
  readonly contexts: readonly {
    readonly name: string;
    readonly prefix: string;
    readonly migrations: readonly Migration[];
  }[];
  readonly now: () => number;
  readonly newId: () => string;
}
export interface StoreState {
  readonly incarnations: ReadonlyMap<string, string>;
  readonly cursors: readonly Cursor[];
  readonly parked: readonly Omit<ParkRow, "entry">[];
  readonly warnings: readonly string[];
}
export interface StoreTransaction {
  unit(_: string, _: string): UnitHandle;
  append(_: string, _: readonly NewEntry[]): Promise<void>;
  claim(_: CursorName, _: "start" | "now"): Promise<Cursor>;
  settle(_: CursorMove): Promise<boolean>;
  park(_: ParkRow): Promise<void>;
  unpark(_: ParkRef): Promise<void>;
  remember(_: CommandRecord): Promise<boolean>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}
export interface SubscriptionDefinition {
  readonly contract: EventContract;
  readonly at: string;
  readonly name: string;
  readonly from: "start" | "now" | undefined;
  readonly retry: RetryPolicy;
  readonly before: ((_: any, _: any) => unknown) | undefined;
  readonly body: (_: any, _: any) => unknown;
  readonly unknownOptions: readonly string[];
}
export interface Table<T> {
  get(_: string): Promise<T | undefined>;
  set(_: string, _: T): Promise<void>;
  delete(_: string): Promise<void>;
  entries(): Promise<readonly (readonly [string, T])[]>;
}
export interface TablesHandle {
  readonly kind: "tables";
  table<T>(_: string): Table<T>;
}
export interface Telemetry {
  signal(_: Signal): void;
}
export interface Topology {
  readonly shape: "one";
}
export interface Turn {
  next(): Promise<void>;
}
export interface UnitHandle {
  readonly raw: RawHandle;
  activity(): {
    readonly asked: number;
    readonly running: number;
  };
  end(): void;
}
export interface Violation {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy: string;
  readonly at: string;
}
// #endregion

// #region Types
export type Allow<Input, Read, Ports> = Policy | Predicate<Input, Read, Ports>;
export type Answer<Value> = Value | Accepted<Value>;
export type AppPorts<C> = { readonly [Name in WithPorts<C>]: PortsOf<C, Name>; };
export type Ask<Name extends string, Uses extends OperationContract> = <O extends OperationContract>(_: O extends CommandContract ? "before of a command may call queries only; emit an event instead" : Callable<Name, Uses, O>, _: NoInfer<InputOf<O>>) => Promise<OutputOf<O>>;
export type Call<Name extends string, Uses extends OperationContract> = <O extends OperationContract>(_: Callable<Name, Uses, O>, _: NoInfer<InputOf<O>>) => Promise<OutputOf<O>>;
export type Callable<Name extends string, Uses extends OperationContract, O extends OperationContract> = O["name"] extends Uses["name"] ? O : O["name"] extends `${Name}.${string}` ? O : `"${Name}" calls "${O["name"]}" without declaring it; add it to uses: [...]`;
export type DataOf<E> = E extends EventContract<string, infer Data> ? Data : never;
export type Emit<Name extends string> = <E extends EventContract<string, any>>(_: E extends EventContract<`${Name}.${string}`, any> ? E : `only its owner may emit "${E["name"]}"; "${Name}" may subscribe to it`, _: NoInfer<DataOf<E>>) => void;
export type ErrorCode = keyof typeof ERROR_CODES;
export type ErrorKind = "invalid" | "unprocessable" | "unauthenticated" | "forbidden" | "not-found" | "conflict" | "too-large" | "unavailable" | "internal" | "configuration";
export type InputDataOf<O> = O extends {
  readonly input: StandardSchema<any, infer Data>;
} ? Data : never;
export type InputOf<O> = O extends {
  readonly input: StandardSchema<infer In, any>;
} ? In : never;
export type JsonSchema = Readonly<Record<string, unknown>>;
export type OperationContract = CommandContract | QueryContract;
export type OutputOf<O> = O extends CommandContract<string, any, any, infer Out> ? Out : O extends QueryContract<string, any, any, infer Out> ? Out : never;
export type ParkState = "retrying" | "waiting" | "dead" | "unknown";
export type Predicate<Input, Read, Ports> = (_: Asked<Input, Read, Ports>) => boolean | Promise<boolean>;
export type RawHandle = SqlHandle | TablesHandle;
export type RequestHeaders = Readonly<Record<string, string>>;
export type Retry = "never" | "later";
export type RuntimeState = "starting" | "ready" | "draining" | "stopped" | "failed";
export type Signal = {
  readonly name: "process.state";
  readonly state: "starting" | "ready" | "draining" | "stopped" | "failed";
  readonly reason?: string;
} | {
  readonly name: "batch.committed";
  readonly units: number;
  readonly entries: number;
  readonly ms: number;
} | {
  readonly name: "batch.rerun";
  readonly units: number;
  readonly code: string;
} | {
  readonly name: "command.done";
  readonly operation: string;
  readonly commandId: string;
  readonly outcome: "result" | "replayed" | "refused" | "failed";
  readonly code?: string;
  readonly ms: number;
} | {
  readonly name: "query.done";
  readonly operation: string;
  readonly outcome: "result" | "refused" | "failed";
  readonly code?: string;
  readonly ms: number;
} | {
  readonly name: "entry.settled";
  readonly subscription: string;
  readonly position: number;
  readonly id: string;
} | {
  readonly name: "entry.parked";
  readonly subscription: string;
  readonly position: number;
  readonly state: ParkState;
  readonly attempts: number;
  readonly code: string;
  readonly message: string;
} | {
  readonly name: "key.released";
  readonly subscription: string;
  readonly position: number;
} | {
  readonly name: "lane.idle";
  readonly subscription: string;
  readonly pos: number;
} | {
  readonly name: "fault.injected";
  readonly fault: "commit-failed" | "reordered" | "delayed";
  readonly where: string;
} | {
  readonly name: "warning";
  readonly message: string;
};
export type SqlValue = null | number | string | bigint | Uint8Array;
export type StandardResult<Output> = {
  readonly value: Output;
  readonly issues?: undefined;
} | {
  readonly issues: readonly StandardIssue[];
};
export type Validated<T> = {
  readonly ok: true;
  readonly value: T;
} | {
  readonly ok: false;
  readonly issues: readonly Issue[];
};
// #endregion

// #region Classes
export declare class BanyanError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;
  readonly retry: Retry;
  readonly remedy: string;
  readonly retryAfterMs: number | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;
  constructor(_: ErrorCode | (string & {}), _: string, _?: ErrorOptions);
}
export declare class MemoryDisk {
  #private;
  take<Content>(_: object, _: string, _: () => Content): Content;
  owns(_: object): boolean;
  check(_: object): void;
}
export declare class Runtime {
  #private;
  readonly app: App;
  constructor(_: App, _: RuntimeOptions);
  get status(): RuntimeStatus;
  start(): Promise<void>;
  execute(_: Request): Promise<Reply>;
  stop(): Promise<void>;
}
// #endregion

// #region Functions
export declare function accepted<Value>(_: Value): Accepted<Value>;
export declare function anyone(): Policy;
export declare function app<const C extends Context>(_: AppOptions<C>): App;
export declare function asBanyanError(_: unknown, _: string): BanyanError;
export declare function backoff(_: string, _: string, _: number): RetryPolicy;
export declare function canonicalJson(_: unknown): string;
export declare function checkRegistration(_: App, _: StoreFeatures): readonly Violation[];
export declare function command<const Name extends string, In, Data, Out = void>(_: Name, _: CommandOptions<In, Data, Out>): CommandContract<Name, In, Data, Out>;
export declare function context<const Name extends string, Tx = SqlHandle, Ports = {}, const Uses extends OperationContract = never>(_: Name, _: ContextOptions<Tx, Ports, Uses>): Context<Name, Tx, Ports, Uses>;
export declare function contractsOf(_: ContextDefinition, _: "event"): readonly EventContract[];
export declare function contractsOf(_: ContextDefinition, _: "command"): readonly CommandContract[];
export declare function contractsOf(_: ContextDefinition, _: "query"): readonly QueryContract[];
export declare function didYouMean(_: string, _: Iterable<string>): string;
export declare function durationMs(_: string): number;
export declare function event<const Type extends string, Data>(_: Type, _: EventOptions<Data>): EventContract<Type, Data>;
export declare function faulty(_: Store, _: {
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
}, _?: FaultOptions): Store;
export declare function fieldsOf(_: JsonSchema): readonly string[] | undefined;
export declare function ids(_: Clock, _: Random): () => string;
export declare function isBanyanError(_: unknown): value is BanyanError;
export declare function jsonSchemaOf(_: StandardSchema<any, any>, _: "input" | "output"): JsonSchema | string;
export declare function manifestOf(_: App): Manifest;
export declare function memory(_?: MemoryDisk): Store;
export declare function memoryDisk(): MemoryDisk;
export declare function needs<Ports>(..._: readonly (keyof Ports & string)[]): Needs<Ports>;
export declare function notAccepted(_: unknown, _: unknown, _?: string): string | undefined;
export declare function one(): Topology;
export declare function operationsOf(_: ContextDefinition): readonly OperationContract[];
export declare function parseRoute(_: string): Route | undefined;
export declare function prefixOf(_: string): string;
export declare function query<const Name extends string, In, Data, Out>(_: Name, _: QueryOptions<In, Data, Out>): QueryContract<Name, In, Data, Out>;
export declare function refuse(_: string, _: string, _?: RefusalOptions): BanyanError;
export declare function roles(..._: readonly [string, ...string[]]): Policy;
export declare function sha256(_: string): string;
export declare function slotOf(_: string): number;
export declare function sql(): HandleKind<SqlHandle>;
export declare function tables(): HandleKind<TablesHandle>;
export declare function toCloudEvent(_: Entry, _: string, _: Codec): Record<string, unknown>;
export declare function validate<T>(_: StandardSchema<unknown, T>, _: unknown): Validated<T>;
export declare function violation(_: ErrorCode, _: string, _: string): Violation;
export declare function violationsError(_: readonly Violation[]): BanyanError;
// #endregion

// #region Variables
export declare const DEFAULT_LIMITS: Limits;
export declare const ERROR_CODES: {
  readonly "input-invalid": {
    readonly kind: "invalid";
    readonly meaning: "The input does not match the schema of the operation.";
    readonly remedy: "Correct the fields named in `details.issues` and send it again.";
  };
  readonly "body-malformed": {
    readonly kind: "invalid";
    readonly meaning: "The body is not valid JSON.";
    readonly remedy: "Send a JSON document with `content-type: application/json`.";
  };
  readonly "body-too-large": {
    readonly kind: "too-large";
    readonly meaning: "The body is larger than the limit.";
    readonly remedy: "Send less at once, or raise `limits.bodyBytes`.";
  };
  readonly "media-type-unsupported": {
    readonly kind: "invalid";
    readonly meaning: "The body is not declared as JSON.";
    readonly remedy: "Send `content-type: application/json`.";
  };
  readonly "request-malformed": {
    readonly kind: "invalid";
    readonly meaning: "What came is not an HTTP request this process accepts.";
    readonly remedy: "Send HTTP/1.1 with a path that starts with `/` and one `host` header.";
  };
  readonly "request-timeout": {
    readonly kind: "invalid";
    readonly meaning: "The request did not arrive in full within the time limit.";
    readonly remedy: "Send headers and body without pausing; nothing was executed.";
  };
  readonly "headers-too-large": {
    readonly kind: "too-large";
    readonly meaning: "The headers are larger than the limit.";
    readonly remedy: "Send fewer or shorter headers.";
  };
  readonly "url-too-long": {
    readonly kind: "too-large";
    readonly meaning: "The URL is longer than the limit.";
    readonly remedy: "Ask for less, or page the query.";
  };
  readonly "host-refused": {
    readonly kind: "forbidden";
    readonly meaning: "In development on loopback, the `host` header must name this machine: a web page could otherwise reach it under a name of its own.";
    readonly remedy: "Use `localhost` or `127.0.0.1` in the URL, or give `--host` to be reached from elsewhere.";
  };
  readonly "route-unknown": {
    readonly kind: "not-found";
    readonly meaning: "No contract declares this route.";
    readonly remedy: "`banyan graph` lists the routes.";
  };
  readonly "method-not-allowed": {
    readonly kind: "not-found";
    readonly meaning: "The path exists, but not with this method.";
    readonly remedy: "Use one of the methods in the `allow` header.";
  };
  readonly "operation-unknown": {
    readonly kind: "not-found";
    readonly meaning: "No context of this process has this command or query.";
    readonly remedy: "`banyan graph` lists the operations.";
  };
  readonly "token-invalid": {
    readonly kind: "unauthenticated";
    readonly meaning: "The bearer token is not one this process accepts.";
    readonly remedy: "Use a valid token, or none to be a guest.";
  };
  readonly "not-allowed": {
    readonly kind: "forbidden";
    readonly meaning: "The policy of the operation refuses this principal.";
    readonly remedy: "Ask with a principal whom `allow` admits.";
  };
  readonly "idempotency-key-invalid": {
    readonly kind: "invalid";
    readonly meaning: "The idempotency key is empty, too long or has characters that do not print.";
    readonly remedy: "Use 1 to 255 printable ASCII characters, for example a UUID.";
  };
  readonly "idempotency-key-reused": {
    readonly kind: "unprocessable";
    readonly meaning: "The same idempotency key came with another body.";
    readonly remedy: "Use a new key for a new request; repeat a request only with its own body.";
  };
  readonly "in-flight": {
    readonly kind: "conflict";
    readonly retry: "later";
    readonly meaning: "A request with this idempotency key is still running.";
    readonly remedy: "Ask again with the same key after `retry-after`.";
  };
  readonly "not-found": {
    readonly kind: "not-found";
    readonly meaning: "What was asked for does not exist.";
    readonly remedy: "Check the identifier.";
  };
  readonly "output-invalid": {
    readonly kind: "internal";
    readonly meaning: "The handler returned something its contract does not allow.";
    readonly remedy: "Correct the handler or the output schema of the contract.";
  };
  readonly uncaught: {
    readonly kind: "internal";
    readonly meaning: "Something was thrown where nobody waits for it; the process ends, and recovers at its next start from what the disk has.";
    readonly remedy: "The log names the cause: await every promise, and handle the errors of what runs beside the handlers.";
  };
  readonly internal: {
    readonly kind: "internal";
    readonly meaning: "Something failed that is not the caller's fault.";
    readonly remedy: "Ask again with the same key; the log names the cause under the same id.";
  };
  readonly draining: {
    readonly kind: "unavailable";
    readonly meaning: "The process is stopping and takes no new work.";
    readonly remedy: "Ask again; another process or the next start answers.";
  };
  readonly starting: {
    readonly kind: "unavailable";
    readonly meaning: "The process is not ready yet.";
    readonly remedy: "Ask again after `retry-after`.";
  };
  readonly "before-timeout": {
    readonly kind: "unavailable";
    readonly meaning: "`before` did not finish within `beforeLimitMs`.";
    readonly remedy: "Ask again; if it stays so, look at what `before` waits for.";
  };
  readonly "unit-stalled": {
    readonly kind: "unavailable";
    readonly meaning: "The body of a unit waited for something that is not its transaction.";
    readonly remedy: "Move every await that is not on `tx` to `before`.";
  };
  readonly "commit-failed": {
    readonly kind: "unavailable";
    readonly meaning: "The store did not commit; nothing of the unit took effect.";
    readonly remedy: "Ask again with the same key.";
  };
  readonly "store-failed": {
    readonly kind: "unavailable";
    readonly meaning: "The store cannot be trusted to write until it is opened again.";
    readonly remedy: "Restart the process; it recovers from what the disk has.";
  };
  readonly fenced: {
    readonly kind: "unavailable";
    readonly meaning: "Another owner took over; this one's writes are refused.";
    readonly remedy: "Nothing to do: the new owner goes on.";
  };
  readonly "call-failed": {
    readonly kind: "unavailable";
    readonly meaning: "A call to another context did not get an answer; its outcome is unknown.";
    readonly remedy: "Ask again with the same key.";
  };
  readonly "read-timeout": {
    readonly kind: "unavailable";
    readonly meaning: "A read took longer than its limit.";
    readonly remedy: "Ask for less, add an index, or raise `readLimitMs`.";
  };
  readonly "read-too-large": {
    readonly kind: "unprocessable";
    readonly meaning: "A read returned more rows or bytes than the limit.";
    readonly remedy: "Page the query with a limit.";
  };
  readonly overloaded: {
    readonly kind: "unavailable";
    readonly meaning: "More work waits than this process accepts.";
    readonly remedy: "Ask again after `retry-after`.";
  };
  readonly "fault-injected": {
    readonly kind: "unavailable";
    readonly meaning: "A development fault was injected on purpose.";
    readonly remedy: "Handlers must stand being run again; `--no-faults` switches faults off.";
  };
  readonly "handle-dead": {
    readonly kind: "internal";
    readonly meaning: "A database handle was used after its unit had ended.";
    readonly remedy: "Await every query inside the body; keep no handle outside it.";
  };
  readonly "query-floating": {
    readonly kind: "internal";
    readonly meaning: "A body ended while a query it started was still running.";
    readonly remedy: "Await every query of the body.";
  };
  readonly "transaction-statement": {
    readonly kind: "internal";
    readonly meaning: "A body tried to begin, commit or roll back; the body is the transaction.";
    readonly remedy: "Throw to roll back; return to commit.";
  };
  readonly "table-foreign": {
    readonly kind: "internal";
    readonly meaning: "A statement touches a table of another context or of the runtime.";
    readonly remedy: "Use only tables that start with the context's prefix; ask other contexts by query or event.";
  };
  readonly "statement-failed": {
    readonly kind: "internal";
    readonly meaning: "The database refused a statement.";
    readonly remedy: "Correct the statement; the cause has the database's words.";
  };
  readonly "body-ended": {
    readonly kind: "internal";
    readonly meaning: "`emit` was called after the body had ended.";
    readonly remedy: "Emit before the body returns.";
  };
  readonly "not-in-unit": {
    readonly kind: "internal";
    readonly meaning: "Something that writes was used where nothing may be written.";
    readonly remedy: "Write in the body of a command or subscription.";
  };
  readonly "call-undeclared": {
    readonly kind: "internal";
    readonly meaning: "A context called an operation that its `uses` does not list.";
    readonly remedy: "Add the contract to `uses: [...]` of the calling context.";
  };
  readonly "call-command-in-before": {
    readonly kind: "internal";
    readonly meaning: "`before` of a command may call queries only.";
    readonly remedy: "Emit an event, or start from a subscription.";
  };
  readonly "event-foreign": {
    readonly kind: "internal";
    readonly meaning: "A context emitted an event of another context.";
    readonly remedy: "Only its owner may emit an event; others subscribe to it.";
  };
  readonly "event-invalid": {
    readonly kind: "internal";
    readonly meaning: "The data of an emitted event does not match its schema.";
    readonly remedy: "Correct the handler or the schema of the event.";
  };
  readonly "event-unknown": {
    readonly kind: "internal";
    readonly meaning: "An entry has a version this code does not know, or its data does not match the schema.";
    readonly remedy: "Start code that knows the version; the entry waits parked as `unknown`.";
  };
  readonly "event-undecodable": {
    readonly kind: "internal";
    readonly meaning: "The bytes of an entry cannot be decoded.";
    readonly remedy: "The entry waits parked as `unknown`; start code that can read it.";
  };
  readonly "handler-failed": {
    readonly kind: "internal";
    readonly meaning: "A handler threw something that is not a Banyan error.";
    readonly remedy: "The cause names it; the entry is tried again and then parked as `dead`.";
  };
  readonly "registration-refused": {
    readonly kind: "configuration";
    readonly meaning: "The application cannot start as it is registered.";
    readonly remedy: "Correct each violation listed; each has its own remedy.";
  };
  readonly "name-invalid": {
    readonly kind: "configuration";
    readonly meaning: "A name is not in kebab-case, or lacks its context in front.";
    readonly remedy: "Use `context.name` in lower case, digits and hyphens.";
  };
  readonly "name-duplicate": {
    readonly kind: "configuration";
    readonly meaning: "Two things have the same name.";
    readonly remedy: "Give each its own name.";
  };
  readonly "option-unknown": {
    readonly kind: "configuration";
    readonly meaning: "An option is not known here.";
    readonly remedy: "Remove it, or use the name suggested.";
  };
  readonly "option-missing": {
    readonly kind: "configuration";
    readonly meaning: "A mandatory option is missing.";
    readonly remedy: "Add the option named.";
  };
  readonly "prefix-collision": {
    readonly kind: "configuration";
    readonly meaning: "The table prefix of a context begins that of another.";
    readonly remedy: "Rename one of the two contexts.";
  };
  readonly "handler-missing": {
    readonly kind: "configuration";
    readonly meaning: "A contract declares an operation that nothing handles.";
    readonly remedy: "Add `handle` or `answer` for it, or remove it from the contract.";
  };
  readonly "handler-duplicate": {
    readonly kind: "configuration";
    readonly meaning: "An operation is handled twice.";
    readonly remedy: "Keep one.";
  };
  readonly "contract-foreign": {
    readonly kind: "configuration";
    readonly meaning: "A context registers something for a contract that is not its own.";
    readonly remedy: "Register it on the owner, or export the contract from this context.";
  };
  readonly "policy-missing": {
    readonly kind: "configuration";
    readonly meaning: "An operation does not say who may use it.";
    readonly remedy: "Add `allow: anyone()`, `roles(...)` or a predicate.";
  };
  readonly "subscription-unnamed": {
    readonly kind: "configuration";
    readonly meaning: "A subscription has no name; the name is its durable identity.";
    readonly remedy: "Add `name`.";
  };
  readonly "subscription-from-missing": {
    readonly kind: "configuration";
    readonly meaning: "A subscription does not say where it begins.";
    readonly remedy: "Add `from: \"start\"` or `from: \"now\"`.";
  };
  readonly "source-undeclared": {
    readonly kind: "configuration";
    readonly meaning: "A subscription's event is in no contract of this application.";
    readonly remedy: "Export the event from its owner's contract and add the owner to `contexts`.";
  };
  readonly "key-missing": {
    readonly kind: "configuration";
    readonly meaning: "An event has no key.";
    readonly remedy: "Name a field of its data as `key`, or write `key: none` on purpose.";
  };
  readonly "personal-unknown": {
    readonly kind: "configuration";
    readonly meaning: "A personal field of an event, or its subject, is not in the event's data.";
    readonly remedy: "Write the dotted path of a field of the data; only what is named is protected.";
  };
  readonly "uses-unknown": {
    readonly kind: "configuration";
    readonly meaning: "`uses` lists an operation no context of this application has.";
    readonly remedy: "Add the owning context, or remove it from `uses`.";
  };
  readonly "route-invalid": {
    readonly kind: "configuration";
    readonly meaning: "The `http` of a contract is not a method and a path, its parameters are not in the input, or a command would be reached by GET.";
    readonly remedy: "Write `\"POST /orders\"`; each `:name` must be a field of the input; only queries may be reached by GET.";
  };
  readonly "route-duplicate": {
    readonly kind: "configuration";
    readonly meaning: "Two operations have the same route.";
    readonly remedy: "Change one of them.";
  };
  readonly "schema-unsupported": {
    readonly kind: "configuration";
    readonly meaning: "A schema does not implement Standard Schema with Standard JSON Schema, or cannot be written as JSON Schema.";
    readonly remedy: "Use a schema that can be written as JSON: no transforms or dates without an encoding.";
  };
  readonly "schema-not-rereadable": {
    readonly kind: "configuration";
    readonly meaning: "What the schema writes is not what it reads: a stored event could not be read back.";
    readonly remedy: "Make the output of the schema acceptable as its input (no transforms that change the type).";
  };
  readonly "ports-missing": {
    readonly kind: "configuration";
    readonly meaning: "A context needs ports that the application does not give.";
    readonly remedy: "Add them under `ports` of the application.";
  };
  readonly "handle-unsupported": {
    readonly kind: "configuration";
    readonly meaning: "The store cannot give the kind of handle the context asks for.";
    readonly remedy: "Choose another store, or another `tx` for the context.";
  };
  readonly "cursor-orphaned": {
    readonly kind: "configuration";
    readonly meaning: "The store has the cursor of a subscription that this code does not have.";
    readonly remedy: "Bring the subscription back, or start with `--hold NAME` to let it stand still.";
  };
  readonly "hold-unknown": {
    readonly kind: "configuration";
    readonly meaning: "`--hold` names a subscription nothing knows.";
    readonly remedy: "Use a name that the error or `banyan graph` lists.";
  };
  readonly "config-invalid": {
    readonly kind: "configuration";
    readonly meaning: "The configuration is not valid.";
    readonly remedy: "Correct what is named.";
  };
  readonly "config-not-found": {
    readonly kind: "configuration";
    readonly meaning: "The configuration file does not exist.";
    readonly remedy: "Give it with `--config FILE`, or run in its folder.";
  };
  readonly "not-available-yet": {
    readonly kind: "configuration";
    readonly meaning: "This is planned and does not exist yet.";
    readonly remedy: "Leave it out; the release notes say when it comes.";
  };
  readonly "data-locked": {
    readonly kind: "configuration";
    readonly meaning: "Another process owns the data folder.";
    readonly remedy: "Stop that process, or use another `--data` folder.";
  };
  readonly "data-unusable": {
    readonly kind: "configuration";
    readonly meaning: "The data folder cannot be used.";
    readonly remedy: "Give a folder on a local disk that this user can write.";
  };
  readonly "format-newer": {
    readonly kind: "configuration";
    readonly meaning: "The data was written by a newer version.";
    readonly remedy: "Start the newer version, or restore a backup made by this one.";
  };
  readonly "sqlite-unsafe": {
    readonly kind: "configuration";
    readonly meaning: "SQLite is too old or one of its settings is not what durability needs.";
    readonly remedy: "Use the Node version of this project; do not change pragmas.";
  };
  readonly "migration-changed": {
    readonly kind: "configuration";
    readonly meaning: "A migration that was applied has another text now.";
    readonly remedy: "Restore its text and write a new migration.";
  };
  readonly "migration-failed": {
    readonly kind: "configuration";
    readonly meaning: "A migration could not be applied; nothing of it was kept.";
    readonly remedy: "Correct its SQL; the cause has the database's words.";
  };
  readonly "migration-invalid": {
    readonly kind: "configuration";
    readonly meaning: "A migration has an invalid name or touches what is not the context's own.";
    readonly remedy: "Name files `001-what.sql`; use only the context's prefix.";
  };
  readonly "dev-token-refused": {
    readonly kind: "configuration";
    readonly meaning: "Production was started with a development token.";
    readonly remedy: "Unset BANYAN_DEV_TOKEN; `start` accepts no development tokens.";
  };
  readonly "port-in-use": {
    readonly kind: "configuration";
    readonly meaning: "The network port is taken.";
    readonly remedy: "Use another with `--port N`, or stop what holds it.";
  };
  readonly "command-unknown": {
    readonly kind: "configuration";
    readonly meaning: "The command line has no such command.";
    readonly remedy: "`banyan --help` lists the commands.";
  };
  readonly "option-invalid": {
    readonly kind: "configuration";
    readonly meaning: "An option of the command line lacks its value, or has one it cannot have.";
    readonly remedy: "`--help` after the command says what each option takes.";
  };
  readonly "argument-unexpected": {
    readonly kind: "configuration";
    readonly meaning: "The command takes no such argument.";
    readonly remedy: "Remove it; `--help` after the command says what it takes.";
  };
  readonly "boundary-import": {
    readonly kind: "configuration";
    readonly meaning: "A file imports from a context's folder something other than its contract.";
    readonly remedy: "Import from the contract, and publish there what others need.";
  };
  readonly "contract-imports-contract": {
    readonly kind: "configuration";
    readonly meaning: "A contract imports the contract of another context.";
    readonly remedy: "Repeat the field or schema in this contract; contexts share names of things, not code.";
  };
  readonly "contract-not-plain": {
    readonly kind: "configuration";
    readonly meaning: "A contract imports something other than packages and files of its own `contract/` folder.";
    readonly remedy: "Move what the contract needs into it, or into `contract/` beside it.";
  };
  readonly "uses-unused": {
    readonly kind: "configuration";
    readonly meaning: "`uses` lists an operation the context never calls.";
    readonly remedy: "Remove it from `uses`.";
  };
  readonly "context-unreadable": {
    readonly kind: "configuration";
    readonly meaning: "A context is not written so that it can be known without running it.";
    readonly remedy: "Write its name as a string literal: `context(\"orders\", { ... })`.";
  };
  readonly "source-unreadable": {
    readonly kind: "configuration";
    readonly meaning: "A source file cannot be parsed, so nothing can be said about it.";
    readonly remedy: "Correct the syntax at the place named.";
  };
  readonly "import-unresolved": {
    readonly kind: "configuration";
    readonly meaning: "A file imports a file that does not exist, so what lies behind it cannot be judged.";
    readonly remedy: "Correct the path; relative imports name the file with its ending.";
  };
};
export declare const jsonCodec: Codec;
export declare const none: NoKey;
export declare const SLOT_COUNT = 256;
// #endregion

// #region Referenced (internal)
interface Answered {
  readonly answer: "ok" | "accepted" | "empty";
  readonly value: unknown;
}
type Own<Name extends string, C extends {
  readonly name: string;
}> = C["name"] extends `${Name}.${string}` ? C : `"${C["name"]}" is not a contract of "${Name}"; only its owner may handle it`;
type PortsOf<C, Name> = C extends Context<infer N, any, infer Ports, any> ? (N extends Name ? Ports : never) : never;
type Stored<Output, Added> = [keyof Added] extends [never] ? Output : Omit<Output, keyof Added>;
interface Surroundings<Read, Ports> {
  readonly read: Read;
  readonly ports: Ports;
  readonly tenant: string;
}
type WithPorts<C> = C extends Context<infer Name, any, infer Ports, any> ? (keyof Ports extends never ? never : Name) : never;
// #endregion
