// #region Interfaces
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
export interface HttpLimits {
  readonly bodyBytes: number;
  readonly headerBytes: number;
  readonly urlBytes: number;
  readonly jsonDepth: number;
  readonly headersMs: number;
  readonly requestMs: number;
  readonly keepAliveMs: number;
  readonly idleMs: number;
  readonly sockets: number;
  readonly finishMs: number;
}
export interface Mounted {
  readonly fetch: (_: Request) => Promise<Response>;
  readonly runtime: Runtime;
  readonly failed: Promise<string>;
  readonly stop: () => Promise<void>;
}
export interface NodeClock extends Clock {
  release(): void;
}
export interface OpsClientOptions {
  readonly answerMs?: number;
}
export interface ProcessOptions {
  readonly mode: "dev" | "start";
  readonly data: string;
  readonly faults?: boolean;
  readonly hold?: readonly string[];
  readonly process?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly limits?: Partial<Limits & HttpLimits>;
  readonly log?: LogForm;
  readonly write?: (_: string) => void;
  readonly store?: Store;
}
export interface ReadLimits {
  readonly readLimitMs: number;
  readonly readRows: number;
  readonly readBytes: number;
  readonly readSessions: number;
}
export interface Restored {
  readonly data: string;
  readonly contexts: readonly BackedUpContext[];
}
export interface Running {
  readonly failed: Promise<string>;
  readonly stop: () => Promise<void>;
}
export interface Served extends Mounted {
  readonly url: string;
  readonly port: number;
  readonly token: string | undefined;
}
export interface ServeOptions extends ProcessOptions {
  readonly host?: string;
  readonly port?: number;
}
export interface SqliteFolder extends Partial<ReadLimits> {
  readonly path: string;
  readonly process?: string;
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
// #endregion

// #region Types
export type Delivery = Pick<DeliveryOperations, "subscriptions" | "logs" | "parked" | "skip" | "redrive" | "audit">;
export type LogForm = "json" | "pretty";
export type SqliteOptions = SqliteFolder | SqliteMemory;
// #endregion

// #region Classes
export declare class OpsClient implements Delivery {
  #private;
  constructor(_: string, { answerMs }?: OpsClientOptions);
  subscriptions(): Promise<readonly SubscriptionState[]>;
  logs(): Promise<readonly LogState[]>;
  parked(_: ParkedQuery): Promise<readonly ParkedEntry[]>;
  skip(_: {
    readonly subscription: string;
    readonly position: number;
  }, { name, why }: Operator): Promise<ParkedEntry>;
  redrive(_: {
    readonly subscription: string;
    readonly key?: string | undefined;
  }, { name, why }: Operator): Promise<{
    readonly keys: number;
  }>;
  audit(_?: number): Promise<readonly AuditRecord[]>;
  backup(_: string): Promise<Backup>;
}
// #endregion

// #region Functions
export declare function backupFolder(_: string, _: string): Promise<Backup>;
export declare function mount(_: App, _: ProcessOptions): Promise<Mounted>;
export declare function nodeClock(): NodeClock;
export declare function nodeRandom(): Random;
export declare function nodeTurn(): Turn;
export declare function restoreBackup(_: string, _: string): Restored;
export declare function runProcess(_: () => Promise<Running>): Promise<number>;
export declare function serve(_: App, _: ServeOptions): Promise<Served>;
export declare function sqlFiles(_: URL): readonly Migration[];
export declare function sqlite(_: SqliteOptions): Store & Backups;
// #endregion

// #region Variables
export declare const DEFAULT_HTTP_LIMITS: HttpLimits;
// #endregion

// #region Other
export { memoryDisk }
// #endregion
