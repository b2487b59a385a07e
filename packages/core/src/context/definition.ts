import type { CommandContract, EventContract, OperationContract, QueryContract } from "../contract/index.ts";
import type { Migration } from "../ports/index.ts";
import type { HandleKind } from "./handle-kind.ts";
import type { Crossing } from "./tenancy.ts";
import type { Allow } from "./policy.ts";
import type { RetryPolicy } from "./retry.ts";

/** A context as plain data: what `context()` collected. The runtime, the checks and the manifest read this and nothing else. */
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
  /** Old names of subscriptions and their new ones, without the context's. */
  readonly rename: Readonly<Record<string, string>>;
  readonly forget: readonly string[];
  /** Tables that hold rows of tenants. */
  readonly tenantTables: readonly string[];
  /** Undefined: its log is kept whole. */
  readonly keepMs: number | undefined;
  /** Bytes of its log that may wait for its slowest reader; undefined: as the limits say. */
  readonly backlogBytes: number | undefined;
}

/** Handlers are kept untyped here: `context()` has checked them against their contracts. */
export interface CommandDefinition extends Crossing {
  readonly contract: CommandContract;
  readonly at: string;
  readonly allow: Allow<any, any, any> | undefined;
  readonly before: ((input: any, tools: any) => unknown) | undefined;
  readonly unstored: ((result: any, tools: any) => object) | undefined;
  /** It is taken however much waits. */
  readonly drains: boolean;
  readonly body: (input: any, tools: any) => unknown;
  readonly unknownOptions: readonly string[];
}

export interface QueryDefinition extends Crossing {
  readonly contract: QueryContract;
  readonly at: string;
  readonly allow: Allow<any, any, any> | undefined;
  readonly body: (input: any, tools: any) => unknown;
  readonly unknownOptions: readonly string[];
}

export interface SubscriptionDefinition extends Crossing {
  /** The events it reads, all of one context: their order holds across them. */
  readonly contracts: readonly EventContract[];
  readonly at: string;
  readonly name: string;
  readonly from: "start" | "now" | undefined;
  readonly retry: RetryPolicy;
  /** Its effects can be cleared, and made anew from the log. */
  readonly rebuild: { readonly clear: (tx: any) => unknown } | undefined;
  readonly before: ((event: any, tools: any) => unknown) | undefined;
  readonly body: (event: any, tools: any) => unknown;
  readonly unknownOptions: readonly string[];
}

/** The contracts a context exports, of one kind. */
export function contractsOf(definition: ContextDefinition, kind: "event"): readonly EventContract[];
export function contractsOf(definition: ContextDefinition, kind: "command"): readonly CommandContract[];
export function contractsOf(definition: ContextDefinition, kind: "query"): readonly QueryContract[];
export function contractsOf(definition: ContextDefinition, kind: string): readonly unknown[] {
  return Object.values(definition.contract).filter((value) => (value as { kind?: unknown } | null)?.kind === kind);
}

/** The prefix of a context's tables: `order-items` owns `order_items_…`. */
export function prefixOf(contextName: string): string {
  return `${contextName.replaceAll("-", "_")}_`;
}
