import type {
  App,
  AuditRecord,
  Authenticator,
  BanyanError,
  LogState,
  ResolvedSettings,
  StoreSpace,
  SubscriptionState,
  Violation,
} from "@banyan/core";
import type { ProcessFacts } from "@banyan/node";

/** A file of the data folder. */
export interface FileFacts {
  readonly name: string;
  /** The bits of its rights. */
  readonly mode: number;
  readonly bytes: number;
}

export interface FolderFacts {
  readonly path: string;
  readonly mode: number;
  readonly files: readonly FileFacts[];
  /** Where its disk is another machine's: what kind of file system it is. */
  readonly network: string | undefined;
  readonly space: StoreSpace;
}

/** What whoever owns the data says. */
export interface DataFacts {
  readonly running: boolean;
  readonly process: ProcessFacts;
  readonly subscriptions: readonly SubscriptionState[];
  readonly logs: readonly LogState[];
  readonly audit: readonly AuditRecord[];
}

export interface CodeFacts {
  readonly app: App;
  /** As a start from here would find them; without their values. */
  readonly settings: Pick<ResolvedSettings, "problems" | "states">;
  /** Undefined where settings are missing that it is made from. */
  readonly auth: readonly Authenticator[] | undefined;
  readonly violations: readonly Violation[];
}

/** Everything that is judged, gathered beforehand: a check looks at this and at nothing else. */
export interface Facts {
  /** Wall-clock milliseconds. */
  readonly now: number;
  readonly node: string;
  readonly platform: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Undefined where there is no such folder yet. */
  readonly folder: FolderFacts | undefined;
  /** Undefined where the folder has no database yet. */
  readonly data: DataFacts | BanyanError | undefined;
  readonly code: CodeFacts | BanyanError;
}
