import type { BanyanError, ReadSession, StoreSpace } from "@banyan/core";
import type { DatabaseSync } from "node:sqlite";
import type { Guard, Policy } from "./authorizer.ts";
import type { Backup } from "./backup.ts";

/** Whose session it is, and whose rows it shows in tables of tenants. */
export interface SessionOf {
  readonly policy: Policy;
  readonly tenant: string | undefined;
  readonly nested: boolean;
}

/** Where the database is: what differs between a folder and memory. */
export interface Home {
  readonly db: DatabaseSync;
  readonly guard: Guard;
  /** Whether the connection is still this store's. */
  owns(): boolean;
  /** Called once the schema is there: from now on reads are possible. */
  /** `damaged` is told when a read finds the database damaged. */
  start(policies: ReadonlyMap<string, Policy>, damaged: (error: BanyanError) => void): void;
  session(of: SessionOf): ReadSession;
  /** Resolves when a transaction may begin. */
  turn(): Promise<void>;
  /** What is to be done on the connection between two transactions. */
  between(): void;
  ended(outcome: "committed" | "rolled back"): void;
  /** Undefined where it is not on a disk. */
  space(): Promise<StoreSpace | undefined>;
  backup(file: string): Promise<Backup>;
  /** `trusted`: the file may still be written to, as at the end of any day. Safe to call twice. */
  close(trusted: boolean): Promise<void>;
}
