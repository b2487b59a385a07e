import {
  contractsOf,
  type App,
  type CommandDefinition,
  type ContextDefinition,
  type Crossing,
  type QueryDefinition,
  type RouteDefinition,
  type RouteLimits,
} from "../context/index.ts";
import { jsonSchemaOf, type EventContract, type OperationContract, type StandardSchema } from "../contract/index.ts";
import { resolveSettings } from "../settings/index.ts";

/** The application as one JSON document: what `banyan graph --json` prints and everything that is derived from it reads. */
export interface Manifest {
  readonly banyan: 1;
  readonly topology: string;
  readonly contexts: readonly ManifestContext[];
  readonly edges: readonly ManifestEdge[];
  /** Raw routes. */
  readonly routes: readonly ManifestRoute[];
  /** What is set from outside, without a value of any. */
  readonly settings: readonly ManifestSetting[];
}

export interface ManifestRoute extends RouteLimits {
  readonly http: string;
  readonly allow: string;
}

export interface ManifestSetting {
  readonly name: string;
  readonly secret: boolean;
  /** What its schema reads, in words. */
  readonly expected: string;
  /** Whether a start is refused without it. */
  readonly required: boolean;
  /** The environment variables that set it, and that name a file which has it. */
  readonly variable: string;
  readonly fileVariable?: string;
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
    /** Whether its effects can be cleared and made anew from the log. */
    readonly rebuild: boolean;
    /** Works across tenants. */
    readonly tenants?: "*";
  }[];
  readonly migrations: readonly string[];
  /** The tables that hold rows of tenants; without it there are none. */
  readonly tenantTables?: readonly string[];
}

export interface ManifestOperation {
  readonly name: string;
  readonly http: string | null;
  readonly allow: string;
  readonly confirms?: readonly string[];
  /** It is taken however much waits. */
  readonly drains?: true;
  readonly input: unknown;
  readonly output: unknown;
  /** Works across tenants, for principals of every tenant. */
  readonly tenants?: "*";
}

/** `event`: `to` subscribes to an event of `from`. `call`: `from` calls an operation of `to`. */
export interface ManifestEdge {
  readonly kind: "event" | "call";
  readonly from: string;
  readonly to: string;
  readonly name: string;
}

type Handler = CommandDefinition | QueryDefinition;

export function manifestOf(app: App): Manifest {
  const edges = app.contexts.flatMap((context) => [...eventEdges(context), ...callEdges(context)]);
  const contexts = app.contexts.map(contextOf);
  const routes = (app.routes ?? []).map(routeOf);
  return { banyan: 1, topology: app.topology.shape, contexts, edges, routes, settings: settingsOf(app) };
}

function routeOf({ http, allow, limits }: RouteDefinition): ManifestRoute {
  return { http, allow: wordsOf(allow), ...limits };
}

/** As they stand with nothing set. */
function settingsOf({ settings }: App): readonly ManifestSetting[] {
  const { states } = resolveSettings(settings, []);
  return states.map(({ name, secret, expected, valid, variable, fileVariable }) => ({
    name,
    secret,
    expected,
    required: !valid,
    variable,
    ...(fileVariable !== undefined && { fileVariable }),
  }));
}

function contextOf(context: ContextDefinition): ManifestContext {
  const handlers = new Map(
    [...context.commands, ...context.queries].map((handler) => [handler.contract.name, handler]),
  );
  const operation = (contract: OperationContract): ManifestOperation =>
    operationOf(contract, handlers.get(contract.name));
  return {
    name: context.name,
    owner: context.owner,
    events: contractsOf(context, "event").map(eventOf),
    commands: contractsOf(context, "command").map((contract) => ({
      ...operation(contract),
      confirms: contract.confirms.map((event) => event.name),
    })),
    queries: contractsOf(context, "query").map(operation),
    subscriptions: context.subscriptions.map((s) => ({
      name: s.name,
      events: s.contracts.map((contract) => contract.name),
      from: s.from ?? "",
      tries: s.retry.tries,
      rebuild: s.rebuild !== undefined,
      ...crossingOf(s),
    })),
    migrations: context.migrations.map((migration) => migration.name),
    ...(context.tenantTables.length > 0 && { tenantTables: context.tenantTables }),
  };
}

function eventOf(event: EventContract): ManifestContext["events"][number] {
  const { name, version, key, personal, schema } = event;
  return {
    name,
    version,
    key: typeof key === "string" ? key : null,
    personal: personal?.fields ?? [],
    schema: jsonOf(schema, "output"),
  };
}

function operationOf(contract: OperationContract, handler: Handler | undefined): ManifestOperation {
  const { name, http, input, output } = contract;
  return {
    name,
    http: http ?? null,
    allow: wordsOf(handler?.allow),
    input: jsonOf(input, "input"),
    output: output === undefined ? null : jsonOf(output, "output"),
    ...(handler !== undefined && "drains" in handler && handler.drains && { drains: true }),
    ...crossingOf(handler ?? {}),
  };
}

function crossingOf({ tenants }: Crossing): { readonly tenants?: "*" } {
  return tenants === undefined ? {} : { tenants };
}

function wordsOf(allow: RouteDefinition["allow"]): string {
  if (allow === undefined) return "missing";
  if (typeof allow === "function") return "predicate";
  if (allow.policy === "signed") return `signed: ${allow.by}`;
  return allow.policy === "anyone" ? "anyone" : `roles: ${allow.roles.join(", ")}`;
}

function jsonOf(schema: StandardSchema<any, any>, side: "input" | "output"): unknown {
  const json = jsonSchemaOf(schema, side);
  return typeof json === "string" ? { $comment: json } : json;
}

function eventEdges(context: ContextDefinition): ManifestEdge[] {
  const read = context.subscriptions.flatMap((s) => s.contracts);
  return read.map(({ name }) => ({ kind: "event", from: ownerOf(name), to: context.name, name }));
}

function callEdges(context: ContextDefinition): ManifestEdge[] {
  return context.uses.map((use) => ({ kind: "call", from: context.name, to: ownerOf(use.name), name: use.name }));
}

/** The context whose log a subscription reads: that of all its events. */
export function sourceOf(contracts: readonly { readonly name: string }[]): string {
  return ownerOf(contracts[0]?.name ?? "");
}

/** The context in front of a contract's name. */
export function ownerOf(contractName: string): string {
  return contractName.slice(0, contractName.indexOf("."));
}

/** What each subscription reads, by `context.name`. */
export function readTypesOf({ contexts }: App): ReadonlyMap<string, readonly string[]> {
  const subscriptions = contexts.flatMap((context) =>
    context.subscriptions.map((one) => ({ ...one, subscription: `${context.name}.${one.name}` })),
  );
  return new Map(
    subscriptions.map(({ subscription, contracts }) => [subscription, contracts.map((contract) => contract.name)]),
  );
}
