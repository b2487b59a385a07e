// #region Interfaces
export interface ApiKey {
  readonly id: string;
  readonly hash: string | Secret;
  readonly roles: readonly string[];
  readonly tenants?: Tenants;
}
export interface ApiKeysOptions {
  readonly keys: readonly ApiKey[];
  readonly prefix?: string;
}
export interface Application<Values = unknown> extends App {
  readonly routes: readonly RouteDefinition[];
  route<const What extends string>(_: What, _: RouteOptions<Values, ParamsOf<What>>, _: RouteBody<Values, ParamsOf<What>>): void;
}
export interface BackedUpContext {
  readonly name: string;
  readonly incarnation: string;
  readonly position: number;
}
export interface Backup {
  readonly file: string;
  readonly bytes: number;
  readonly contexts: readonly BackedUpContext[];
}
export interface Backups {
  backup(_: string): Promise<Backup>;
}
export interface ColumnDescription {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  readonly default: string | undefined;
  readonly computed: boolean;
  readonly rowid: boolean;
}
export interface ContextTables {
  readonly context: string;
  readonly tables: readonly TableDescription[];
}
export interface EmittedBy {
  readonly principal: string;
  readonly tenant: string;
  readonly correlation?: string;
  readonly causation?: string;
  readonly traceparent?: string;
}
export interface HmacOptions {
  readonly header: string;
  readonly part?: string;
  readonly encoding: "hex" | "base64";
  readonly time?: {
    readonly part: string;
  } | {
    readonly header: string;
  };
  readonly before?: (_: string) => string;
  readonly id?: (_: {
    readonly [name: string]: unknown;
  }) => unknown;
}
export interface HttpLimits {
  readonly bodyBytes: number;
  readonly headerBytes: number;
  readonly urlBytes: number;
  readonly batchCommands: number;
  readonly jsonDepth: number;
  readonly headersMs: number;
  readonly requestMs: number;
  readonly keepAliveMs: number;
  readonly idleMs: number;
  readonly sockets: number;
  readonly requests: number;
  readonly bodiesBytes: number;
  readonly turnMs: number;
  readonly finishMs: number;
}
export interface Inspected {
  inspect(): Promise<StoreFacts>;
}
export interface JwtOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly JwtAlgorithm[];
  readonly jwks: string | PublicKeys;
  readonly prefix?: string;
  readonly typ?: string;
  readonly roles?: (_: JwtClaims) => readonly string[];
  readonly tenants?: (_: JwtClaims) => Tenants | undefined;
  readonly clockTolerance?: string;
}
export interface LoggedIn {
  readonly subject: string;
  readonly roles: readonly string[];
  readonly tenants?: Tenants;
}
export interface Mounted {
  readonly fetch: (_: Request, _?: RequestFrom) => Promise<Response>;
  readonly listener: Listener;
  readonly runtime: Runtime;
  readonly failed: Promise<string>;
  readonly stop: () => Promise<void>;
}
export interface MountOptions extends ProcessOptions {
  readonly base?: string;
}
export interface NodeClock extends Clock {
  release(): void;
}
export interface Operated {
  readonly delivery: Delivery;
  readonly running: boolean;
  facts(): Promise<ProcessFacts>;
  end(): Promise<void>;
}
export interface OpsClientOptions {
  readonly answerMs?: number;
}
export interface OpsDoor {
  readonly place: string;
  readonly to: {
    readonly socketPath: string;
  } | {
    readonly origin: URL;
  };
  readonly prefix: string;
  readonly token: string | undefined;
  readonly remedy: string | undefined;
}
export interface ProcessFacts {
  readonly pid: number;
  readonly node: string;
  readonly store: StoreFacts | undefined;
}
export interface ProcessOptions {
  readonly mode: "dev" | "start";
  readonly data: string;
  readonly faults?: boolean;
  readonly hold?: readonly string[];
  readonly process?: string;
  readonly settingsFile?: string;
  readonly settings?: SettingValues;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly seeds?: boolean;
  readonly limits?: Partial<Limits & HttpLimits>;
  readonly log?: LogForm;
  readonly write?: (_: string) => void;
  readonly store?: Store;
}
export interface PublicKeys {
  readonly keys: readonly {
    readonly kty: string;
    readonly [member: string]: unknown;
  }[];
}
export interface ReadLimits {
  readonly readLimitMs: number;
  readonly readRows: number;
  readonly readBytes: number;
  readonly readSessions: number;
}
export interface RequestFrom {
  readonly address?: string | undefined;
}
export interface Restored {
  readonly data: string;
  readonly contexts: readonly BackedUpContext[];
}
export interface RouteAsked<Values, Params> {
  readonly principal: Principal;
  readonly tenant: string;
  readonly headers: RequestHeaders;
  readonly params: Params;
  readonly settings: Values;
}
export interface RouteCallOptions {
  readonly key?: string;
  readonly tenant?: string;
}
export interface RouteOptions<Values, Params> {
  readonly allow: Policy | Signed<Values> | ((_: RouteAsked<Values, Params>) => boolean | Promise<boolean>);
  readonly limits?: RouteLimitsOptions;
  readonly around?: readonly Middleware<Values, Params>[];
}
export interface RouteTools<Values, Params> extends RouteAsked<Values, Params> {
  readonly call: RouteCall;
  readonly data: string;
  readonly delivery: string | undefined;
}
export interface Running {
  readonly failed: Promise<string>;
  readonly stop: () => Promise<void>;
}
export interface Served extends Omit<Mounted, "listener"> {
  readonly url: string;
  readonly port: number;
  readonly token: string | undefined;
}
export interface ServeOptions extends ProcessOptions {
  readonly host?: string;
  readonly port?: number;
  readonly dataFree?: Promise<void>;
}
export interface Session {
  readonly id: string;
  readonly subject: string;
  readonly beganAt: number;
  readonly endsAt: number;
}
export interface Sessions extends Authenticator {
  begin(_: LoggedIn): string;
  end(): readonly string[];
}
export interface SessionsOptions<Values = never> {
  readonly secrets: Secrets | ((_: {
    readonly settings: Values;
  }) => Secrets);
  readonly lifetime?: string;
  readonly prefix?: string;
  readonly shared?: boolean;
  readonly stillValid?: (_: Session) => boolean | Promise<boolean>;
}
export interface SettingsSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly file?: string | undefined;
  readonly given?: SettingValues | undefined;
}
export interface Signed<Values> extends SignedPolicy {
  readonly scheme: Scheme;
  readonly secrets: SignedOptions<Values>["secrets"];
  readonly principal: Principal | undefined;
  readonly tolerance: BoundedDuration;
  readonly keep: BoundedDuration;
}
export interface SignedOptions<Values> {
  readonly scheme: Scheme;
  readonly secrets: (_: {
    readonly settings: Values;
  }) => readonly (Secret | string | undefined)[];
  readonly roles?: readonly string[];
  readonly tenants?: Tenants;
  readonly tolerance?: string;
  readonly keep?: string;
}
export interface SignedRequest {
  readonly bytes: Uint8Array;
  header(_: string): string | undefined;
}
export interface SqliteFolder extends Partial<ReadLimits> {
  readonly path: string;
  readonly process?: string;
  readonly warn?: (_: string) => void;
  readonly memory?: undefined;
}
export interface SqliteMemory extends Partial<Pick<ReadLimits, "readRows" | "readBytes">> {
  readonly memory: true | MemoryDisk;
  readonly overrides?: {
    readonly clock: Clock;
    readonly random: Random;
  };
  readonly path?: undefined;
}
export interface StoreFacts {
  readonly sqlite: string;
  readonly settings: Readonly<Record<string, {
    readonly is: unknown;
    readonly needed: unknown;
  }>>;
  readonly migrations: readonly {
    readonly context: string;
    readonly name: string;
    readonly checksum: string;
  }[];
  readonly cursors: readonly string[];
  readonly lastEntryAt: number | undefined;
}
export interface SyncConnection {
  prepare(_: string): {
    run(..._: Parameters): {
      readonly changes: Count;
    };
  };
  readonly isTransaction?: boolean;
  readonly inTransaction?: boolean;
}
export interface TableDescription {
  readonly name: string;
  readonly kind: "table" | "view" | "virtual";
  readonly strict: boolean;
  readonly sql: string;
  readonly columns: readonly ColumnDescription[];
}
export interface Vouched {
  readonly id: string | undefined;
  readonly at?: number;
}
// #endregion

// #region Types
export type Delivery = Pick<DeliveryOperations, "subscriptions" | "logs" | "parked" | "scheduled" | "onceRecords" | "skip" | "redrive" | "replay" | "dryReplay" | "tail" | "audit">;
export type EmitFrom<Id> = <E extends EventContract>(_: E, _: NoInfer<DataOf<E>>, _: EmittedBy) => Id;
export type Execute<Changed extends Count | PromiseLike<Count>> = (_: string, _: Parameters) => Changed;
export type JwtAlgorithm = (typeof ALGORITHMS)[number];
export type JwtClaims = Readonly<Record<string, unknown>>;
export type Listener = (_: IncomingMessage, _: ServerResponse) => Promise<void>;
export type LogForm = "json" | "pretty";
export type Middleware<Values = unknown, Params = {}> = (_: Request, _: RouteTools<Values, Params>, _: (_: Request) => Promise<Response>) => Response | Promise<Response>;
export type ParamsOf<What extends string> = What extends `${string}/:${infer Name}/${infer Rest}` ? { readonly [Key in Name]: string; } & ParamsOf<`/${Rest}`> : What extends `${string}/:${infer Name}` ? { readonly [Key in Name]: string; } : {};
export type RouteBody<Values, Params> = (_: Request, _: RouteTools<Values, Params>) => Response | Promise<Response>;
export type RouteCall = <O extends OperationContract>(_: O, _: NoInfer<InputOf<O>>, _?: RouteCallOptions) => Promise<OutputOf<O>>;
export type Scheme = (_: readonly string[]) => Verify;
export type SqliteOptions = SqliteFolder | SqliteMemory;
export type Tenants = readonly string[] | "*";
export type Verify = (_: SignedRequest) => Vouched | undefined | Promise<Vouched | undefined>;
// #endregion

// #region Classes
export declare class OpsClient implements Delivery {
  #private;
  constructor(_: OpsDoor, { answerMs }?: OpsClientOptions);
  subscriptions(): Promise<readonly SubscriptionState[]>;
  logs(): Promise<readonly LogState[]>;
  parked(_: ParkedQuery): Promise<readonly ParkedEntry[]>;
  scheduled(): Promise<readonly ScheduleState[]>;
  onceRecords(): Promise<readonly OnceState[]>;
  skip(_: {
    readonly subscription: string;
    readonly position: number;
  }, _: Operator): Promise<ParkedEntry>;
  redrive(_: {
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
  facts(): Promise<ProcessFacts>;
  backup(_: string): Promise<Backup>;
}
// #endregion

// #region Functions
export declare function abortSignalOf(_: Abort): AbortSignal;
export declare function apiKeys({ keys, prefix }: ApiKeysOptions): Authenticator;
export declare function app<const C extends Context, Values = {}>(_: AppOptions<C, Values>): Application<Values>;
export declare function backupFolder(_: string, _: string): Promise<Backup>;
export declare function checksumOf(_: Migration): string;
export declare function describeTables(_: readonly {
  readonly name: string;
  readonly migrations: readonly Migration[];
}[]): readonly ContextTables[];
export declare function emitter(_: SyncConnection): EmitFrom<string>;
export declare function emitter(_: Execute<PromiseLike<Count>>): EmitFrom<Promise<string>>;
export declare function emitter(_: Execute<Count>): EmitFrom<string>;
export declare function hmac(_: HmacOptions): Scheme;
export declare function jwt(_: JwtOptions): Authenticator;
export declare function mount(_: App, _: MountOptions): Promise<Mounted>;
export declare function networkFileSystem(_: string): string | undefined;
export declare function newApiKey(_: string): {
  readonly key: string;
  readonly hash: string;
};
export declare function nodeClock(): NodeClock;
export declare function nodeRandom(): Random;
export declare function nodeTurn(): Turn;
export declare function operate(_: string): Promise<Operated>;
export declare function operateAt(_: string, _: string): Operated;
export declare function readSettings({ settings }: App, { env, file, given }: SettingsSources): ResolvedSettings;
export declare function resetData(_: string): string | undefined;
export declare function restoreBackup(_: string, _: string, _: Operator): Restored;
export declare function runProcess(_: () => Promise<Running>, { words }?: RunOptions): Promise<number>;
export declare function serve(_: App, _: ServeOptions): Promise<Served>;
export declare function sessions<Values>(_: SessionsOptions<Values>): Sessions;
export declare function signed<Values = unknown>(_: string, _: SignedOptions<Values>): Signed<Values>;
export declare function socketDoor(_: string): OpsDoor;
export declare function sqlFiles(_: URL): readonly Migration[];
export declare function sqlite(_: SqliteOptions): Store & Backups & Inspected;
export declare function standardWebhooks(): Scheme;
export declare function whenFree<T>(_: () => T, { limitMs }?: {
  readonly limitMs?: number;
}): Promise<T>;
// #endregion

// #region Variables
export declare const DEFAULT_HTTP_LIMITS: HttpLimits;
// #endregion

// #region Referenced (internal)
interface BoundedDuration {
  readonly ms: number;
  readonly problem: string | undefined;
}
type Count = number | bigint;
type Parameters = (string | number | null)[];
interface RunOptions {
  readonly words?: boolean;
}
type Secrets = readonly (string | Secret | undefined)[];
// #endregion

// #region Other
export { memoryDisk }
// #endregion
