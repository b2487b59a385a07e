// #region Interfaces
export interface Abort {
  readonly aborted: boolean;
  readonly reason: Error | undefined;
  onAbort(_: () => void): () => void;
}
export interface Accepted<Value> {
  readonly answer: "accepted";
  readonly value: Value;
}
export interface ActExtent {
  readonly subscription: string;
  readonly source: string;
  readonly records: number;
  readonly bytes: number;
}
export interface ActRecord {
  readonly key: string;
  readonly subscription: string;
  readonly source: string;
  readonly position: number;
  readonly name: string;
  readonly state: "intent" | "failed" | "done";
  readonly outcome: string;
  readonly at: number;
}
export interface ActsBelow {
  readonly subscription: string;
  readonly parkedAs: string;
  readonly source: string;
  readonly below: number;
}
export interface AnswerOptions<Tx, Ports, C> extends Crossing {
  readonly allow: Allow<InputDataOf<C>, Tx, Ports>;
}
export interface App {
  readonly kind: "app";
  readonly contexts: readonly ContextDefinition[];
  readonly topology: Topology;
  readonly settings?: Settings | undefined;
  readonly ports: (_: Environment<any>) => unknown;
  readonly auth?: Authenticators<any>;
  readonly http?: HttpOptions;
  readonly routes?: readonly RouteDefinition[];
  readonly seeds?: Seeds | undefined;
}
export interface AppOptions<C extends Context, Values = {}> {
  readonly contexts: readonly C[];
  readonly topology?: Topology;
  readonly settings?: Settings<Values>;
  readonly ports?: (_: Environment<Values>) => AppPorts<C> | Promise<AppPorts<C>>;
  readonly auth?: Authenticators<Values>;
  readonly http?: HttpOptions;
  readonly seeds?: Seeds;
}
export interface Asked<Input, Read, Ports> {
  readonly principal: Principal;
  readonly tenant: string;
  readonly input: Input;
  readonly headers: RequestHeaders;
  readonly read: Read;
  readonly ports: Ports;
  readonly abort: Abort;
}
export interface AuditRecord {
  readonly id: string;
  readonly at: number;
  readonly operator: string;
  readonly why: string;
  readonly action: "skip" | "redrive" | "replay" | "restore";
  readonly subject: Readonly<Record<string, string | number>>;
}
export interface Authenticator {
  readonly prefix: string;
  readonly shared?: boolean;
  open(_: Door): void;
  authenticate(_: Credentials): Principal | undefined | Promise<Principal | undefined>;
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
  readonly abort?: Abort | undefined;
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
export interface CommandBeforeTools<Name extends string, Read, Ports, Uses extends OperationContract> extends OutsideTransaction<Read, Ports> {
  readonly call: Ask<Name, Uses>;
  readonly principal: Principal;
  readonly headers: RequestHeaders;
}
export interface CommandContract<Name extends string = string, In = any, Data = any, Out = any> extends Operation<"command", Name, In, Data, Out> {
  readonly confirms: readonly EventContract[];
}
export interface CommandDefinition extends Crossing {
  readonly contract: CommandContract;
  readonly at: string;
  readonly allow: Allow<any, any, any> | undefined;
  readonly before: ((_: any, _: any) => unknown) | undefined;
  readonly unstored: ((_: any, _: any) => object) | undefined;
  readonly drains: boolean;
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
  on<E extends EventContract<string, any>, Before = undefined, const Given extends OnOption = never>(_: E | readonly E[], _: OnOptions<Name, Tx, Ports, Uses, E, Before, Given> & { readonly [Option in Given]?: unknown; }, _: (_: ReceivedOf<E>, _: "rebuild" extends Given ? RebuiltTools<Name, Tx, Before> : BodyTools<Name, Tx, Before>) => void | Promise<void>): void;
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
  readonly rename: Readonly<Record<string, string>>;
  readonly forget: readonly string[];
  readonly tenantTables: readonly string[];
  readonly keepMs: number | undefined;
  readonly backlogBytes: number | undefined;
}
export interface ContextOptions<Tx, Ports, Uses extends OperationContract> {
  readonly owner?: string;
  readonly contract: Readonly<Record<string, unknown>>;
  readonly uses?: readonly Uses[];
  readonly tx?: HandleKind<Tx>;
  readonly ports?: Needs<Ports>;
  readonly migrations?: readonly Migration[];
  readonly rename?: Readonly<Record<string, string>>;
  readonly forget?: readonly string[];
  readonly tenants?: TenantOptions;
  readonly keep?: string;
  readonly backlog?: string;
}
export interface CorsOptions {
  readonly origins: readonly string[];
  readonly credentials?: boolean;
  readonly headers?: readonly string[];
}
export interface Credentials {
  readonly method: string;
  header(_: string): string | undefined;
}
export interface Cursor extends CursorName, CursorPlace {
  readonly firstName: string;
  readonly incarnation: string;
  readonly fence: number;
}
export interface CursorMove extends OwnCursor, CursorPlace {}
export interface CursorName {
  readonly subscription: string;
  readonly source: string;
  readonly lane: string;
}
export interface CursorPlace {
  readonly pos: number;
  readonly open: readonly number[];
}
export interface Cut {
  readonly olderThan: number;
  readonly limit: number;
}
export interface DeliveryCounts {
  readonly parked: number;
  readonly dead: number;
  readonly held: number;
  readonly paused: number;
  readonly full: number;
  readonly fullOfBytes: number;
  readonly lag: number;
}
export interface Door {
  readonly loopback: boolean;
  readonly origins: readonly string[];
  readonly settings: unknown;
  warn(_: string): void;
}
export interface DryReplay {
  readonly subscription: string;
  readonly source: string;
  readonly entries: readonly DryReplayedEntry[];
  readonly summary: {
    readonly ok: number;
    readonly failed: number;
    readonly skipped: number;
    readonly emitted: number;
  };
  readonly through: number;
  readonly more: boolean;
}
export interface DryReplayedEntry {
  readonly position: number;
  readonly key: string;
  readonly type: string;
  readonly outcome: "ok" | "failed" | "skipped";
  readonly code?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly emitted: number;
}
export interface DryReplayQuery {
  readonly subscription: string;
  readonly of?: "log" | "parked" | undefined;
  readonly from?: number | undefined;
  readonly since?: number | undefined;
  readonly key?: string | undefined;
  readonly limit?: number | undefined;
}
export interface Entry extends NewEntry {
  readonly source: string;
  readonly position: number;
}
export interface Environment<Values = unknown> {
  readonly settings: Values;
  readonly data: string;
  readonly delivery: () => DeliveryCounts;
  readonly onStop: (_: () => void | Promise<void>) => void;
}
export interface Era {
  readonly incarnation: string;
  readonly after: number;
}
export interface Erased {
  readonly erased: true;
}
export interface ErrorOptions {
  readonly cause?: unknown;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly retryAfterMs?: number;
  readonly remedy?: string;
  readonly kind?: ErrorKind;
  readonly retry?: Retry;
}
export interface EventBeforeTools<Name extends string, Read, Ports, Uses extends OperationContract> extends OutsideTransaction<Read, Ports> {
  readonly call: Call<Name, Uses>;
  readonly once: Once;
  readonly stableKey: string;
  readonly attempt: number;
}
export interface EventContract<Type extends string = string, Data = unknown, Personal extends string = PersonalOf<Type>> {
  readonly kind: "event";
  readonly name: Type;
  readonly version: number;
  readonly key: string | NoKey;
  readonly schema: StandardSchema<unknown, Data>;
  readonly personal: PersonalFields<Personal> | undefined;
  readonly upcast: Upcasts;
  readonly samples: Samples;
  readonly at: string;
}
export interface EventOptions<Data, Personal extends string = string> {
  readonly version: number;
  readonly key: (keyof Data & string) | NoKey;
  readonly data: StandardSchema<unknown, Data>;
  readonly personal?: {
    readonly subject: keyof Data & string;
    readonly fields: readonly Personal[];
  };
  readonly upcast?: Upcasts;
  readonly samples?: Samples;
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
  readonly bytes?: number;
}
export interface Guarded {
  readonly what: string;
  readonly version: Version;
  readonly present?: () => Version | undefined | Promise<Version | undefined>;
}
export interface HandleKind<Handle> {
  readonly kind: RawHandle["kind"];
  bind(_: RawHandle): Handle;
}
export interface HandleOptions<Name extends string, Tx, Ports, Uses extends OperationContract, C, Before, Added> extends Crossing {
  readonly allow: Allow<InputDataOf<C>, Tx, Ports>;
  readonly before?: (_: InputDataOf<C>, _: CommandBeforeTools<Name, Tx, Ports, Uses>) => Before | Promise<Before>;
  readonly unstored?: (_: Record<string, any>, _: {
    readonly ports: Ports;
  }) => Added;
  readonly drains?: true;
}
export interface HttpOptions {
  readonly cors?: CorsOptions;
  readonly trustProxy?: TrustedProxies;
  readonly tls?: "in-front";
  readonly rate?: Partial<RateOptions>;
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
  readonly commandsAtOnce: number;
  readonly commandWaitMs: number;
  readonly beforeLimitMs: number;
  readonly unitLimitMs: number;
  readonly inFlight: number;
  readonly inFlightFloor: number;
  readonly inFlightBytes: number;
  readonly attemptTargetMs: number;
  readonly loopTargetMs: number;
  readonly retries: number;
  readonly parkedRows: number;
  readonly parkedBytes: number;
  readonly circuitKeys: number;
  readonly circuitWindowMs: number;
  readonly circuitPauseMs: number;
  readonly circuitPauseCapMs: number;
  readonly backlogBytes: number;
  readonly backlogDelayMs: number;
  readonly diskReserveBytes: number | undefined;
  readonly keepResultsMs: number;
  readonly keepCallsMs: number;
  readonly inFlightWaitMs: number;
  readonly retentionEveryMs: number;
  readonly elsewhereEveryMs: number;
  readonly drainMs: number;
}
export interface Load {
  readonly commands: number;
  readonly turnMs: number;
}
export interface LogExtent {
  readonly first: number;
  readonly last: number;
}
export interface LogState {
  readonly source: string;
  readonly incarnation: string;
  readonly first: number;
  readonly last: number;
  readonly entries: number;
  readonly bytes: number;
  readonly heldBy: string | undefined;
  readonly keepMs: number | undefined;
  readonly waitingBytes: number;
  readonly budgetBytes: number | undefined;
}
export interface LogVolume {
  readonly entries: number;
  readonly bytes: number;
}
export interface Manifest {
  readonly banyan: 1;
  readonly topology: string;
  readonly contexts: readonly ManifestContext[];
  readonly edges: readonly ManifestEdge[];
  readonly routes: readonly ManifestRoute[];
  readonly settings: readonly ManifestSetting[];
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
    readonly events: readonly string[];
    readonly from: string;
    readonly tries: number;
    readonly rebuild: boolean;
    readonly tenants?: "*";
  }[];
  readonly migrations: readonly string[];
  readonly tenantTables?: readonly string[];
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
  readonly drains?: true;
  readonly input: unknown;
  readonly output: unknown;
  readonly tenants?: "*";
}
export interface ManifestRoute extends RouteLimits {
  readonly http: string;
  readonly allow: string;
}
export interface ManifestSetting {
  readonly name: string;
  readonly secret: boolean;
  readonly expected: string;
  readonly required: boolean;
  readonly variable: string;
  readonly fileVariable?: string;
}
export interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly file?: string;
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
  readonly form: "json" | "sealed" | "torn";
  readonly body: string;
}
export interface NoKey {
  readonly none: true;
}
export interface OnceOptions<T> {
  readonly idempotent?: boolean;
  readonly reconcile?: (_: {
    readonly key: string;
  }) => Promise<{
    readonly outcome: T;
  } | undefined>;
}
export interface OnceState {
  readonly subscription: string;
  readonly source: string;
  readonly records: number;
  readonly bytes: number;
}
export interface OnOptions<Name extends string, Tx, Ports, Uses extends OperationContract, E, Before, Given extends OnOption = never> extends Crossing {
  readonly name: string;
  readonly from: "start" | "now";
  readonly retry?: RetryPolicy;
  readonly rebuild?: Rebuild<Tx>;
  readonly before?: (_: ReceivedOf<E>, _: "rebuild" extends Given ? RebuiltBeforeTools<Name, Tx, Ports, Uses> : EventBeforeTools<Name, Tx, Ports, Uses>) => Before | Promise<Before>;
}
export interface Operator {
  readonly name: string;
  readonly why: string;
}
export interface Origin {
  readonly tenant: string;
  readonly principal: string;
  readonly correlation: string;
  readonly causation: string;
  readonly traceparent: string | undefined;
}
export interface OwnCursor extends CursorName {
  readonly fence: number;
}
export interface ParkedEntry {
  readonly subscription: string;
  readonly source: string;
  readonly position: number;
  readonly key: string;
  readonly state: ParkState;
  readonly attempts: number;
  readonly due: number;
  readonly errors: readonly ParkError[];
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly at: number;
}
export interface ParkedQuery {
  readonly subscription?: string | undefined;
  readonly key?: string | undefined;
  readonly state?: ParkState | undefined;
  readonly limit?: number | undefined;
}
export interface ParkedRow extends Omit<ParkRow, "entry" | "errors"> {
  readonly bytes: number;
  readonly failedAt: number;
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
export interface PersonalFields<Personal extends string = string> {
  readonly subject: string;
  readonly fields: readonly Personal[];
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
  readonly tenants?: readonly string[] | "*";
}
export interface QueryContract<Name extends string = string, In = any, Data = any, Out = any> extends Operation<"query", Name, In, Data, Out> {}
export interface QueryDefinition extends Crossing {
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
export interface QueryTools<Name extends string, Read, Ports, Uses extends OperationContract> extends OutsideTransaction<Read, Ports> {
  readonly call: Ask<Name, Uses>;
  readonly principal: Principal;
  readonly headers: RequestHeaders;
}
export interface Random {
  u32(): number;
}
export interface RateOptions {
  readonly perSecond: number;
  readonly burst: number;
  readonly concurrent: number;
}
export interface ReadSession {
  readonly raw: RawHandle;
  end(): Promise<void>;
}
export interface Rebuild<Tx> {
  readonly clear: (_: Tx) => void | Promise<void>;
}
export interface RebuiltBeforeTools<Name extends string, Read, Ports, Uses extends OperationContract> extends OutsideTransaction<Read, Ports> {
  readonly call: AskOf<Name, Uses, "a subscription with `rebuild` may call queries only; call commands in another one">;
  readonly once: Refused<"a subscription with `rebuild` may not act outside; do it in another one">;
  readonly attempt: number;
}
export interface RebuiltTools<Name extends string, Tx, Before> extends Omit<BodyTools<Name, Tx, Before>, "emit"> {
  readonly emit: Refused<"a subscription with `rebuild` may not emit; do it in another one">;
}
export interface Received<E> {
  readonly id: string;
  readonly type: E extends EventContract<infer Type, any, string> ? Type : string;
  readonly version: number;
  readonly key: string;
  readonly at: number;
  readonly data: ReceivedDataOf<E>;
  readonly source: string;
  readonly position: number;
  readonly tenant: string;
  readonly principal: string;
  readonly correlation: string;
  readonly causation: string;
}
export interface Replayed {
  readonly subscription: string;
  readonly source: string;
  readonly entries: number;
  readonly parked: number;
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
  readonly keepMs?: number | undefined;
  readonly nested?: boolean;
  readonly correlation?: string | undefined;
  readonly traceparent?: string | undefined;
  readonly abort?: Abort | undefined;
}
export interface ResolvedSettings {
  readonly values: SettingValues;
  readonly problems: readonly SettingProblem[];
  readonly states: readonly SettingState[];
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
export interface RouteDefinition {
  readonly http: string;
  readonly at: string;
  readonly allow: Policy | SignedPolicy | ((_: any) => boolean | Promise<boolean>) | undefined;
  readonly limits: RouteLimits;
  readonly around: readonly ((request: any, tools: any, next: any) => unknown)[];
  readonly body: (_: any, _: any) => unknown;
  readonly unknownOptions: readonly string[];
}
export interface RouteLimits {
  readonly bodyBytes: number;
  readonly timeMs: number;
  readonly concurrent: number;
}
export interface RouteLimitsOptions {
  readonly body?: string;
  readonly time?: string;
  readonly concurrent?: number;
}
export interface RuntimeOptions {
  readonly platform: Omit<Platform, "calls"> & {
    readonly calls?: Platform["calls"];
  };
  readonly limits?: Partial<Limits>;
  readonly settings?: SettingValues;
  readonly data?: string;
  readonly hold?: readonly string[];
  readonly seeds?: boolean;
}
export interface RuntimeStatus extends DeliveryCounts, ScheduleCounts {
  readonly state: RuntimeState;
  readonly reason: string | undefined;
  readonly backlogFull: number;
  readonly diskLow: boolean;
}
export interface Scheduled {
  readonly context: string;
  readonly due: number;
  readonly entry: NewEntry;
}
export interface ScheduleExtent {
  readonly context: string;
  readonly entries: number;
  readonly overdue: number;
  readonly first: number;
}
export interface ScheduleState extends ScheduleExtent {
  readonly held: boolean;
}
export interface SecretSetting<T> {
  readonly "~secret": StandardSchema<unknown, T>;
}
export interface SeedBy {
  readonly principal?: Principal;
  readonly tenant?: string;
}
export interface SeedTools {
  send<C extends CommandContract>(_: C, _: NoInfer<InputOf<C>>, _?: SeedBy): Promise<OutputOf<C>>;
}
export interface SettingField {
  readonly path: readonly string[];
  readonly name: string;
  readonly variable: string;
  readonly fileVariable: string | undefined;
  readonly secret: boolean;
  readonly schema: StandardSchema<unknown, unknown>;
}
export interface SettingProblem {
  readonly name: string;
  readonly source: string;
  readonly expected: string;
  readonly message: string;
}
export interface Settings<Values = unknown> {
  readonly kind: "settings";
  readonly fields: readonly SettingField[];
  readonly at: string;
  readonly "~values"?: Values;
}
export interface SettingsLayer {
  readonly find: (_: SettingField) => FoundSetting | undefined;
  readonly problems: readonly SettingProblem[];
  readonly way?: (_: SettingField) => string | undefined;
}
export interface SettingsOptions {
  readonly prefix?: string;
}
export interface SettingsShape {
  readonly [name: string]: StandardSchema<unknown, unknown> | SecretSetting<unknown> | SettingsShape;
}
export interface SettingState {
  readonly name: string;
  readonly variable: string;
  readonly fileVariable: string | undefined;
  readonly secret: boolean;
  readonly expected: string;
  readonly source: string | undefined;
  readonly set: boolean;
  readonly valid: boolean;
}
export interface SignedPolicy {
  readonly policy: "signed";
  readonly by: string;
  readonly roles: readonly string[];
}
export interface SqlHandle {
  readonly kind: "sql";
  readonly dialect: "sqlite";
  execute(_: string, _?: readonly SqlValue[], _?: SqlShape): Promise<SqlResult>;
  savepoint<T>(_: (_: SqlHandle) => Promise<T>): Promise<T>;
}
export interface SqlResult {
  readonly rows: readonly Record<string, unknown>[];
  readonly values?: readonly (readonly unknown[])[] | undefined;
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
export interface StillDelivery {
  readonly delivery: DeliveryOperations;
  end(): Promise<void>;
}
export interface Store {
  readonly features: StoreFeatures;
  open(_: StorePlan): Promise<StoreState>;
  begin(): Promise<StoreTransaction>;
  fetch(_: FetchQuery): Promise<Fetched>;
  entriesAt(_: string, _: readonly number[]): Promise<readonly Entry[]>;
  parkedRows(): Promise<readonly ParkedRow[]>;
  parkedEntry(_: ParkRef): Promise<ParkRow | undefined>;
  extent(_: string): Promise<LogExtent>;
  volume(_: VolumeQuery): Promise<LogVolume>;
  readonly appendedElsewhere?: (() => Promise<readonly string[]>) | undefined;
  actOf(_: string): Promise<ActRecord | undefined>;
  acts(): Promise<readonly ActExtent[]>;
  scheduled(_: string, _: number): Promise<readonly Scheduled[]>;
  schedules(_: number): Promise<readonly ScheduleExtent[]>;
  audits(_: number): Promise<readonly AuditRecord[]>;
  recall(_: CommandScope): Promise<CommandRecord | undefined>;
  session(_: string, _?: string, _?: boolean): Promise<ReadSession>;
  space(): Promise<StoreSpace | undefined>;
  close(): Promise<void>;
}
export interface StoreFeatures {
  readonly name: string;
  readonly handle: RawHandle["kind"];
  readonly writers: number;
  readonly durable: boolean;
  readonly tenants: boolean;
}
export interface StorePlan {
  readonly contexts: readonly {
    readonly name: string;
    readonly prefix: string;
    readonly migrations: readonly Migration[];
    readonly tenantTables?: readonly string[];
  }[];
  readonly stored?: true;
  readonly now: () => number;
  readonly newId: () => string;
}
export interface StoreSpace {
  readonly free: number;
  readonly total: number;
}
export interface StoreState {
  readonly incarnations: ReadonlyMap<string, string>;
  readonly eras: ReadonlyMap<string, readonly Era[]>;
  readonly cursors: readonly Cursor[];
  readonly parked: readonly ParkedRow[];
  readonly warnings: readonly string[];
}
export interface StoreTransaction {
  unit(_: string, _: string, _?: string): UnitHandle;
  append(_: string, _: readonly NewEntry[]): Promise<void>;
  schedule(_: Scheduled): Promise<void>;
  unschedule(_: Scheduled): Promise<boolean>;
  claim(_: CursorName, _: "start" | "now"): Promise<Cursor>;
  settle(_: CursorMove): Promise<boolean>;
  rewind(_: OwnCursor): Promise<Cursor | undefined>;
  rename(_: string, _: string): Promise<void>;
  forget(_: string): Promise<number>;
  park(_: ParkRow): Promise<void>;
  unpark(_: ParkRef): Promise<void>;
  remember(_: CommandRecord): Promise<boolean>;
  forgetRefusal(_: CommandScope): Promise<void>;
  recordAct(_: ActRecord): Promise<void>;
  forgetActs(_: ActsBelow, _: Cut): Promise<number>;
  trim(_: string, _: number, _: Cut): Promise<number>;
  audit(_: AuditRecord): Promise<void>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
}
export interface SubscriptionDefinition extends Crossing {
  readonly contracts: readonly EventContract[];
  readonly at: string;
  readonly name: string;
  readonly from: "start" | "now" | undefined;
  readonly retry: RetryPolicy;
  readonly rebuild: {
    readonly clear: (_: any) => unknown;
  } | undefined;
  readonly before: ((_: any, _: any) => unknown) | undefined;
  readonly body: (_: any, _: any) => unknown;
  readonly unknownOptions: readonly string[];
}
export interface SubscriptionState {
  readonly subscription: string;
  readonly source: string;
  readonly incarnation: string;
  readonly held: boolean;
  readonly paused: string | undefined;
  readonly fullOf: "rows" | "bytes" | undefined;
  readonly pos: number;
  readonly last: number;
  readonly behind: number;
  readonly inFlight: number;
  readonly parked: Readonly<Record<ParkState, number>>;
  readonly parkedBytes: number;
  readonly rate: Rate;
  readonly drainedInMs: number | undefined;
  readonly oldestAt: number | undefined;
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
export interface TailedEntry {
  readonly source: string;
  readonly position: number;
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly key: string;
  readonly at: number;
  readonly tenant: string;
  readonly principal: string;
  readonly correlation: string;
  readonly causation: string;
  readonly data?: unknown;
  readonly hidden?: string;
}
export interface TailPage {
  readonly source: string;
  readonly incarnation: string;
  readonly entries: readonly TailedEntry[];
  readonly through: number;
  readonly last: number;
}
export interface TailQuery {
  readonly source: string;
  readonly after?: number | undefined;
  readonly type?: string | undefined;
  readonly key?: string | undefined;
  readonly limit?: number | undefined;
}
export interface Telemetry {
  signal(_: Signal): void;
}
export interface TenantOptions {
  readonly tables: readonly string[];
}
export interface Topology {
  readonly shape: "one";
}
export interface TreeSource {
  readonly source: string;
  readonly way?: (_: SettingField) => string;
}
export interface Turn {
  next(): Promise<void>;
}
export interface UnitHandle {
  readonly raw: RawHandle;
  activity(): {
    readonly asked: number;
    readonly running: number;
    readonly failed?: number;
  };
  end(): void;
}
export interface Violation {
  readonly code: ErrorCode;
  readonly message: string;
  readonly remedy: string;
  readonly at: string;
}
export interface VolumeQuery {
  readonly source: string;
  readonly after: number;
  readonly types?: readonly string[];
}
// #endregion

// #region Types
export type Allow<Input, Read, Ports> = Policy | Predicate<Input, Read, Ports>;
export type Answer<Value> = Value | Accepted<Value>;
export type AppPorts<C> = { readonly [Name in WithPorts<C>]: PortsOf<C, Name>; };
export type Ask<Name extends string, Uses extends OperationContract> = AskOf<Name, Uses, "before of a command may call queries only; emit an event instead">;
export type Authenticators<Values> = readonly Authenticator[] | ((_: Pick<Environment<Values>, "settings">) => readonly Authenticator[]);
export type Call<Name extends string, Uses extends OperationContract> = <O extends OperationContract>(_: Callable<Name, Uses, O>, _: NoInfer<InputOf<O>>) => Promise<OutputOf<O>>;
export type Callable<Name extends string, Uses extends OperationContract, O extends OperationContract> = O["name"] extends Uses["name"] ? O : O["name"] extends `${Name}.${string}` ? O : `"${Name}" calls "${O["name"]}" without declaring it; add it to uses: [...]`;
export type DataOf<E> = E extends EventContract<string, infer Data> ? Data : never;
export type Emit<Name extends string> = <E extends EventContract<string, any>>(_: E extends EventContract<`${Name}.${string}`, any, string> ? E : `only its owner may emit "${E["name"]}"; "${Name}" may subscribe to it`, _: NoInfer<DataOf<E>>, _?: {
  readonly due: number;
}) => void;
export type ErrorCode = keyof typeof ERROR_CODES;
export type ErrorKind = "invalid" | "unprocessable" | "unauthenticated" | "forbidden" | "not-found" | "conflict" | "too-large" | "unavailable" | "internal" | "configuration";
export type FoundSetting = {
  readonly value: unknown;
  readonly text: boolean;
  readonly source: string;
} | {
  readonly problem: SettingProblem;
};
export type InputDataOf<O> = O extends {
  readonly input: StandardSchema<any, infer Data>;
} ? Data : never;
export type InputOf<O> = O extends {
  readonly input: StandardSchema<infer In, any>;
} ? In : never;
export type JsonSchema = Readonly<Record<string, unknown>>;
export type Once = <T>(_: string, _: OnceOptions<T>, _: (_: {
  readonly key: string;
}) => T | Promise<T>) => Promise<T>;
export type OnOption = "name" | "from" | "retry" | "rebuild" | "before" | "tenants";
export type OperationContract = CommandContract | QueryContract;
export type OutputOf<O> = O extends CommandContract<string, any, any, infer Out> ? Out : O extends QueryContract<string, any, any, infer Out> ? Out : never;
export type ParkState = "retrying" | "waiting" | "dead" | "unknown";
export type Predicate<Input, Read, Ports> = (_: Asked<Input, Read, Ports>) => boolean | Promise<boolean>;
export type RawHandle = SqlHandle | TablesHandle;
export type ReceivedDataOf<E> = E extends EventContract<string, infer Data, infer Personal> ? WithErased<Data, Personal> : never;
export type ReceivedOf<E> = E extends unknown ? Received<E> : never;
export type RefusalOptions = RefusalWords & ({
  readonly kind?: "unprocessable" | "conflict" | "not-found" | "forbidden";
  readonly retryAfterMs?: never;
} | {
  readonly kind: "unavailable";
  readonly retryAfterMs?: number;
});
export type Refused<Sentence extends string> = (_: Sentence, ..._: unknown[]) => never;
export type RequestHeaders = Readonly<Record<string, string>>;
export type Retry = "never" | "later";
export type RuntimeState = "starting" | "ready" | "draining" | "stopped" | "failed";
export type Samples = Readonly<Record<number, readonly unknown[]>>;
export type Seeded = "none" | "seeded" | "seeded-before" | "not-fresh";
export type Seeds = (_: SeedTools) => Promise<void> | void;
export type SettingsOf<S> = S extends Settings<infer Values> ? Values : never;
export type SettingValues = Readonly<Record<string, unknown>>;
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
  readonly name: "entry.skipped";
  readonly subscription: string;
  readonly position: number;
} | {
  readonly name: "key.released";
  readonly subscription: string;
  readonly position: number;
} | {
  readonly name: "subscription.paused";
  readonly subscription: string;
  readonly reason: string;
} | {
  readonly name: "subscription.resumed";
  readonly subscription: string;
} | {
  readonly name: "subscription.rewound";
  readonly subscription: string;
  readonly fence: number;
} | {
  readonly name: "log.trimmed";
  readonly source: string;
  readonly entries: number;
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
export type SqlShape = "rows" | "values";
export type SqlValue = null | number | string | bigint | Uint8Array;
export type StandardResult<Output> = {
  readonly value: Output;
  readonly issues?: undefined;
} | {
  readonly issues: readonly StandardIssue[];
};
export type TrustedProxies = {
  readonly hops: number;
} | {
  readonly addresses: readonly string[];
};
export type Upcasts = Readonly<Record<number, (old: any) => unknown>>;
export type Validated<T> = {
  readonly ok: true;
  readonly value: T;
} | {
  readonly ok: false;
  readonly issues: readonly Issue[];
};
export type ValuesOfShape<Shape> = { readonly [Name in keyof Shape]: Shape[Name] extends SecretSetting<infer T> ? SecretOf<T> : Shape[Name] extends StandardSchema<unknown, infer T> ? T : ValuesOfShape<Shape[Name]>; };
export type WithErased<T, Path extends string> = [Path] extends [never] ? T : unknown extends T ? T : T extends object ? T extends readonly unknown[] ? { [K in keyof T]: WithErased<T[K], Path>; } : { [K in keyof T]: WithErased<T[K], Below<K, Path>> | (Named<K, Path> extends true ? Erased : never); } : T;
export type Written = {
  readonly changes: number | bigint;
} | {
  readonly numUpdatedRows: bigint;
} | {
  readonly numDeletedRows: bigint;
} | {
  readonly count: number;
} | readonly object[];
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
export declare class DeliveryOperations {
  #private;
  constructor(_: DeliveryParts);
  subscriptions(): Promise<readonly SubscriptionState[]>;
  parked({ subscription, key, state, limit }: ParkedQuery): Promise<readonly ParkedEntry[]>;
  skip(_: {
    readonly subscription: string;
    readonly position: number;
  }, _: Operator): Promise<ParkedEntry>;
  redrive({ subscription, key }: {
    readonly subscription: string;
    readonly key?: string | undefined;
  }, _: Operator): Promise<{
    readonly keys: number;
  }>;
  replay({ subscription }: {
    readonly subscription: string;
  }, _: Operator): Promise<Replayed>;
  dryReplay(_: DryReplayQuery): Promise<DryReplay>;
  tail(_: TailQuery): Promise<TailPage>;
  audit(_?: number): Promise<readonly AuditRecord[]>;
  logs(): Promise<readonly LogState[]>;
  scheduled(): Promise<readonly ScheduleState[]>;
  onceRecords(): Promise<readonly OnceState[]>;
}
export declare class MemoryDisk implements Disposable {
  #private;
  take<Content>(_: object, _: string, _: () => Content): Content;
  owns(_: object): boolean;
  check(_: object): void;
  [Symbol.dispose](): void;
}
export declare class Runtime {
  #private;
  readonly app: App;
  constructor(_: App, _: RuntimeOptions);
  get status(): RuntimeStatus;
  start(): Promise<void>;
  get delivery(): DeliveryOperations;
  get load(): Load;
  execute(_: Request): Promise<Reply>;
  get seeded(): Seeded | undefined;
  stop(): Promise<void>;
}
export declare class Secret<T = string> {
  #private;
  constructor(_: T);
  reveal(): T;
  toString(): string;
  toJSON(): string;
  [Symbol.toPrimitive](): string;
}
// #endregion

// #region Functions
export declare function accepted<Value>(_: Value): Accepted<Value>;
export declare function anyone(): Policy;
export declare function app<const C extends Context, Values = {}>(_: AppOptions<C, Values>): App;
export declare function asBanyanError(_: unknown, _: string): BanyanError;
export declare function authOf({ auth }: App, _: unknown): readonly Authenticator[];
export declare function backoff(_: string, _: string, _: number): RetryPolicy;
export declare function bytesOf(_: string): number;
export declare function callSite(_: number): string;
export declare function canonicalJson(_: unknown): string;
export declare function changedOne(_: Written | PromiseLike<Written>, _: Guarded): Promise<void>;
export declare function checkedNumbers<Known extends object>(_: Known, _: object): Known;
export declare function checkRegistration(_: App, _: StoreFeatures): readonly Violation[];
export declare function command<const Name extends string, In, Data, Out = void>(_: Name, _: CommandOptions<In, Data, Out>): CommandContract<Name, In, Data, Out>;
export declare function context<const Name extends string, Tx = SqlHandle, Ports = {}, const Uses extends OperationContract = never>(_: Name, _: ContextOptions<Tx, Ports, Uses>): Context<Name, Tx, Ports, Uses>;
export declare function contractsOf(_: ContextDefinition, _: "event"): readonly EventContract[];
export declare function contractsOf(_: ContextDefinition, _: "command"): readonly CommandContract[];
export declare function contractsOf(_: ContextDefinition, _: "query"): readonly QueryContract[];
export declare function didYouMean(_: string, _: Iterable<string>): string;
export declare function durationMs(_: string): number;
export declare function event<const Type extends string, Data, const Personal extends string = never>(_: Type, _: EventOptions<Data, Personal>): EventContract<Type, Data, Personal>;
export declare function faulty(_: Store, _: {
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
}, _?: FaultOptions): Store;
export declare function fieldsOf(_: JsonSchema): readonly string[] | undefined;
export declare function givenSettings(_: Settings | undefined, _?: SettingValues): SettingValues;
export declare function ids(_: Clock, _: Random): () => string;
export declare function isBanyanError(_: unknown): value is BanyanError;
export declare function isErased(_: unknown): value is Erased;
export declare function isInstant(_: unknown): value is number;
export declare function isTenantName(_: string): boolean;
export declare function jsonSchemaOf(_: StandardSchema<any, any>, _: "input" | "output"): JsonSchema | string;
export declare function manifestOf(_: App): Manifest;
export declare function memory(_?: MemoryDisk): Store;
export declare function memoryDisk(): MemoryDisk;
export declare function messageOf(_: unknown): string;
export declare function needs<Ports>(..._: readonly (keyof Ports & string)[]): Needs<Ports>;
export declare function notAccepted(_: unknown, _: unknown, _?: string): string | undefined;
export declare function one(): Topology;
export declare function operationsOf(_: ContextDefinition): readonly OperationContract[];
export declare function parseRoute(_: string): Route | undefined;
export declare function prefixOf(_: string): string;
export declare function query<const Name extends string, In, Data, Out>(_: Name, _: QueryOptions<In, Data, Out>): QueryContract<Name, In, Data, Out>;
export declare function refuse(_: string, _: string, _?: RefusalOptions): BanyanError;
export declare function reserveOf({ total }: StoreSpace): number;
export declare function resolveSettings(_: Settings | undefined, _: readonly SettingsLayer[]): ResolvedSettings;
export declare function roles(..._: readonly [string, ...string[]]): Policy;
export declare function rolesOf(_: App): readonly string[];
export declare function routeLimits({ body, time, concurrent }: RouteLimitsOptions): RouteLimits;
export declare function secret<T>(_: StandardSchema<unknown, T>): SecretSetting<T>;
export declare function settings<const Shape extends SettingsShape>(_: Shape, { prefix }?: SettingsOptions): Settings<ValuesOfShape<Shape>>;
export declare function sha256(_: string): string;
export declare function sizeText(_: number): string;
export declare function slotOf(_: string): number;
export declare function sql(): HandleKind<SqlHandle>;
export declare function stillDelivery(_: Omit<Platform, "calls">): Promise<StillDelivery>;
export declare function tables(): HandleKind<TablesHandle>;
export declare function tenantOf(_: Principal, _?: string): string;
export declare function toCloudEvent(_: Entry, _: string, _: Codec): Record<string, unknown>;
export declare function toEntry(_: EventContract, _: unknown, _: {
  readonly id: string;
  readonly at: number;
  readonly origin: Origin;
  readonly codec: Codec;
}): NewEntry;
export declare function treeLayer(_: Settings | undefined, _: unknown, { source, way }: TreeSource): SettingsLayer;
export declare function utf8Length(_: string): number;
export declare function validate<T>(_: StandardSchema<unknown, T>, _: unknown, _?: number): Validated<T>;
export declare function valuesOf({ values, problems }: ResolvedSettings): SettingValues;
export declare function violation(_: ErrorCode, _: string, _: string): Violation;
export declare function violationsError(_: readonly Violation[]): BanyanError;
export declare function wordsOf(_: unknown): string;
// #endregion

// #region Variables
export declare const CONTEXT_ROLE = "context";
export declare const DEFAULT_LIMITS: Limits;
export declare const DEFAULT_TENANT = "default";
export declare const ERROR_CODES: typeof REQUEST_CODES & typeof HANDLER_CODES & typeof REGISTRATION_CODES & typeof DATA_CODES & typeof TOOL_CODES;
export declare const EVERY_TENANT = "*";
export declare const jsonCodec: Codec;
export declare const LAST_INSTANT = 864e13;
export declare const none: NoKey;
export declare const SLOT_COUNT = 256;
export declare const TENANT_HEADER = "x-banyan-tenant";
export declare const TORN = "torn";
// #endregion

// #region Referenced (internal)
interface Answered {
  readonly answer: "ok" | "accepted" | "empty";
  readonly value: unknown;
}
type AskOf<Name extends string, Uses extends OperationContract, Sentence extends string> = <O extends OperationContract>(_: O extends CommandContract ? Sentence : Callable<Name, Uses, O>, _: NoInfer<InputOf<O>>) => Promise<OutputOf<O>>;
interface Crossing {
  readonly tenants?: "*" | undefined;
}
interface DeliveryParts {
  readonly around: Pick<Surroundings, "platform" | "newId">;
  readonly lanes: readonly Lane[];
  readonly held: readonly Cursor[];
  readonly heldParked: readonly ParkedRow[];
  readonly logs: readonly KeptLog[];
  readonly replays: Replays | undefined;
  readonly dryReplays: DryReplays | undefined;
  readonly typesOf: ReadonlyMap<string, readonly string[]>;
  readonly tail: Tail;
}
interface OutsideTransaction<Read, Ports> {
  readonly read: Read;
  readonly ports: Ports;
  readonly tenant: string;
  readonly abort: Abort;
}
type Own<Name extends string, C extends {
  readonly name: string;
}> = C["name"] extends `${Name}.${string}` ? C : `"${C["name"]}" is not a contract of "${Name}"; only its owner may handle it`;
type PortsOf<C, Name> = C extends Context<infer N, any, infer Ports, any> ? (N extends Name ? Ports : never) : never;
interface Rate {
  readonly in: number;
  readonly out: number;
}
interface RefusalWords {
  readonly remedy?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}
interface ScheduleCounts {
  readonly overdue: number;
  readonly scheduledHeld: number;
}
type SecretOf<T> = undefined extends T ? Secret<Exclude<T, undefined>> | undefined : Secret<T>;
type Stored<Output, Added> = [keyof Added] extends [never] ? Output : Omit<Output, keyof Added>;
type Version = number | bigint | string;
type WithPorts<C> = C extends Context<infer Name, any, infer Ports, any> ? (keyof Ports extends never ? never : Name) : never;
// #endregion
