import type { Authenticator } from "../ports/index.ts";
import type { Settings } from "../settings/index.ts";
import type { Context } from "./context.ts";
import type { ContextDefinition } from "./definition.ts";
import type { HttpOptions } from "./http-options.ts";
import type { RouteDefinition } from "./raw-route.ts";
import type { Seeds } from "./seeds.ts";

/** What a process tells the application when it starts, for building its ports. */
export interface Environment<Values = unknown> {
  /** What `settings` of the application declares, checked. */
  readonly settings: Values;
  /** The data folder, "" when the store keeps none. */
  readonly data: string;
  /** Counts of what is parked, dead or held right now, for audits and health pages. */
  readonly delivery: () => DeliveryCounts;
  /** Called when the process has drained, before it ends, in reverse order. */
  readonly onStop: (stop: () => void | Promise<void>) => void;
}

export interface DeliveryCounts {
  readonly parked: number;
  readonly dead: number;
  readonly held: number;
  /** Subscriptions that wait because most of their entries fail for one reason. */
  readonly paused: number;
  /** Subscriptions whose parked entries have reached their cap; they fetch nothing new. */
  readonly full: number;
  /** Of these, those whose cap is that of bytes, and not that of entries. */
  readonly fullOfBytes: number;
  /** Entries that subscriptions have not settled yet. */
  readonly lag: number;
}

/** Where contexts run: for now all of them in one process. */
export interface Topology {
  readonly shape: "one";
}

export function one(): Topology {
  return { shape: "one" };
}

type WithPorts<C> =
  C extends Context<infer Name, any, infer Ports, any> ? (keyof Ports extends never ? never : Name) : never;
type PortsOf<C, Name> = C extends Context<infer N, any, infer Ports, any> ? (N extends Name ? Ports : never) : never;

/** The ports of every context that needs some, by context name. */
export type AppPorts<C> = { readonly [Name in WithPorts<C>]: PortsOf<C, Name> };

/** Who callers can be: a list, or what makes one from the settings, once per start. */
export type Authenticators<Values> =
  | readonly Authenticator[]
  | ((environment: Pick<Environment<Values>, "settings">) => readonly Authenticator[]);

export interface AppOptions<C extends Context, Values = {}> {
  /** What it is made of. */
  readonly contexts: readonly C[];
  /** What runs where. Default, and so far the only one: `one()`, all in one process. */
  readonly topology?: Topology;
  /** What is set from outside: `settings({ providerUrl: z.url(), apiKey: secret(z.string()) })`. */
  readonly settings?: Settings<Values>;
  /** Builds what contexts reach the outside with, once per start. */
  readonly ports?: (environment: Environment<Values>) => AppPorts<C> | Promise<AppPorts<C>>;
  /**
   * Who a caller over HTTP can be, in the order in which they are asked; `({ settings }) => […]` where it comes from settings. Without any,
   * everybody is a guest.
   */
  readonly auth?: Authenticators<Values>;
  /** Other origins, proxies, TLS and limits of a caller at the HTTP edge. */
  readonly http?: HttpOptions;
  /** What `banyan dev` puts into a fresh data folder, once. */
  readonly seeds?: Seeds;
}

/** An application as plain data: the only value a configuration file exports. */
export interface App {
  readonly kind: "app";
  readonly contexts: readonly ContextDefinition[];
  readonly topology: Topology;
  readonly settings?: Settings | undefined;
  readonly ports: (environment: Environment<any>) => unknown;
  readonly auth?: Authenticators<any>;
  readonly http?: HttpOptions;
  /** Raw routes: requests and answers of HTTP as they are. */
  readonly routes?: readonly RouteDefinition[];
  readonly seeds?: Seeds | undefined;
}

/** Puts contexts together. `export default app({ contexts: [orders, payments], topology: one() })` in `banyan.config.ts`. */
export function app<const C extends Context, Values = {}>(options: AppOptions<C, Values>): App {
  const { contexts, topology = one(), ports = () => ({}), auth = [], http = {}, seeds, settings } = options;
  return {
    kind: "app",
    contexts: contexts.map((context) => context.definition),
    topology,
    ports,
    auth,
    http,
    seeds,
    settings,
  };
}

/** The authenticators of a start with these settings. */
export function authOf({ auth = [] }: App, settings: unknown): readonly Authenticator[] {
  return typeof auth === "function" ? auth({ settings }) : auth;
}

/** The roles that policies of the application name, and `operator`. */
export function rolesOf(app: App): readonly string[] {
  const policies = app.contexts
    .flatMap(({ commands, queries }): readonly Pick<RouteDefinition, "allow">[] => [...commands, ...queries])
    .concat(app.routes ?? [])
    .map(({ allow }) => allow)
    .filter((allow) => typeof allow === "object");
  return [...new Set(["operator", ...policies.flatMap((policy) => policy.roles)])];
}
