import type { ParkError, ParkState } from "@banyan/core";

export interface Operator {
  readonly name: string;
  readonly why: string;
}
export interface SubscriptionState {
  readonly subscription: string;
  readonly source: string;
  readonly incarnation: string;
  readonly held: boolean;
  readonly pos: number;
  readonly end: number;
  readonly behind: number;
  readonly inFlight: number;
  readonly parked: {
    readonly retrying: number;
    readonly waiting: number;
    readonly dead: number;
    readonly unknown: number;
  };
  readonly oldestAt: number | undefined;
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
export interface AuditRecord {
  readonly id: string;
  readonly at: number;
  readonly operator: string;
  readonly why: string;
  readonly action: string;
  readonly subject: Readonly<Record<string, string | number>>;
}
/** What an operator may do with delivery: by the runtime in its own process, by the client from another. */
export interface Delivery {
  subscriptions(): Promise<readonly SubscriptionState[]>;
  parked(query: {
    readonly subscription?: string;
    readonly key?: string;
    readonly state?: ParkState;
    readonly limit?: number;
  }): Promise<readonly ParkedEntry[]>;
  skip(ref: { readonly subscription: string; readonly position: number }, by: Operator): Promise<ParkedEntry>;
  redrive(
    which: { readonly subscription: string; readonly key?: string },
    by: Operator,
  ): Promise<{ readonly keys: number }>;
  audit(limit?: number): Promise<readonly AuditRecord[]>;
}
