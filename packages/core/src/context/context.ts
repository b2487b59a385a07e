import { callSite } from "../contract/index.ts";
import type {
  CommandContract,
  EventContract,
  InputDataOf,
  OperationContract,
  OutputOf,
  QueryContract,
} from "../contract/index.ts";
import type { Migration, SqlHandle } from "../ports/index.ts";
import type { Answer } from "./answer.ts";
import type { CommandDefinition, ContextDefinition, QueryDefinition, SubscriptionDefinition } from "./definition.ts";
import { sql, type HandleKind } from "./handle-kind.ts";
import type { Allow } from "./policy.ts";
import type { Crossing, TenantOptions } from "./tenancy.ts";
import { DEFAULT_RETRY, durationMs, type RetryPolicy } from "./retry.ts";
import { bytesOf } from "./size.ts";
import type {
  BodyTools,
  CommandBeforeTools,
  CommandTools,
  EventBeforeTools,
  QueryTools,
  RebuiltBeforeTools,
  RebuiltTools,
  ReceivedOf,
} from "./tools.ts";

export interface ContextOptions<Tx, Ports, Uses extends OperationContract> {
  /** The team that answers for it. */
  readonly owner?: string;
  /** Everything its contract file exports: `import * as contract from "./contract.ts"`. */
  readonly contract: Readonly<Record<string, unknown>>;
  /** The operations of other contexts it may call. */
  readonly uses?: readonly Uses[];
  /** How it reaches its tables; raw SQL by default. */
  readonly tx?: HandleKind<Tx>;
  /** What it needs from the application to reach the outside: `needs<{ provider: PaymentProvider }>("provider")`. */
  readonly ports?: Needs<Ports>;
  /** What makes its tables, applied in order of name at the next start, each once: `sqlFiles(new URL("./migrations/", import.meta.url))`. */
  readonly migrations?: readonly Migration[];
  /**
   * Subscriptions that have another name now: `{ "old-name": "new-name" }`. At start the stored place and parked entries move to the new name, and
   * nothing is delivered twice: stable keys go on being made of the first name. The line may go once no store has the old name;
   * where stores are of different releases, several old names may lead to one new name, of which a store may have a place of one at most.
   */
  readonly rename?: Readonly<Record<string, string>>;
  /** Subscriptions that are gone for good: at start their stored places and parked entries are deleted, with a warning. The line may go once no store has the name. */
  readonly forget?: readonly string[];
  /** Which of its tables hold rows of tenants: `{ tables: ["orders_order"] }`. */
  readonly tenants?: TenantOptions;
  /**
   * How long entries stay in its log, counted from when they were emitted: "7d". None goes before every subscription of the application has settled
   * it, those that are held included. A subscription that is added later begins with what is left. Without it the log is kept whole.
   */
  readonly keep?: string;
  /**
   * How much of its log may wait for its slowest subscription, those that are held included: "4GiB"; "1GiB" where it says nothing. From 80 % on its
   * commands are slowed, and beyond it refused as `backlog-full`; what drains goes on.
   */
  readonly backlog?: string;
}

/** The ports a context needs, by name; their values come from `app({ ports })`. */
export interface Needs<Ports> {
  readonly names: readonly (keyof Ports & string)[];
}

export function needs<Ports>(...names: readonly (keyof Ports & string)[]): Needs<Ports> {
  return { names };
}

type Own<Name extends string, C extends { readonly name: string }> = C["name"] extends `${Name}.${string}`
  ? C
  : `"${C["name"]}" is not a contract of "${Name}"; only its owner may handle it`;

/** What the body returns: the output, less what `unstored` adds. */
type Stored<Output, Added> = [keyof Added] extends [never] ? Output : Omit<Output, keyof Added>;

export interface HandleOptions<
  Name extends string,
  Tx,
  Ports,
  Uses extends OperationContract,
  C,
  Before,
  Added,
> extends Crossing {
  /** Who may send it: `anyone()`, `roles("clerk")`, or a predicate over who asks and for what. */
  readonly allow: Allow<InputDataOf<C>, Tx, Ports>;
  /** Reads and queries, in parallel with others; its result is the body's `before`. */
  readonly before?: (
    input: InputDataOf<C>,
    tools: CommandBeforeTools<Name, Tx, Ports, Uses>,
  ) => Before | Promise<Before>;
  /** Fields of the answer that must never be stored (tokens): added each time the answer is given, repeats included. Pure. */
  readonly unstored?: (result: Record<string, any>, tools: { readonly ports: Ports }) => Added;
  /** What waits may need it to go on, as a provider's answer that parked entries wait for: it is taken however much waits, and however full the disk is. */
  readonly drains?: true;
}

export interface AnswerOptions<Tx, Ports, C> extends Crossing {
  /** Who may ask it: `anyone()`, `roles("clerk")`, or a predicate over who asks and for what. */
  readonly allow: Allow<InputDataOf<C>, Tx, Ports>;
}

export type OnOption = "name" | "from" | "retry" | "rebuild" | "before" | "tenants";

/** `Given` = the options that are given: one with `rebuild` has other tools. */
export interface OnOptions<
  Name extends string,
  Tx,
  Ports,
  Uses extends OperationContract,
  E,
  Before,
  Given extends OnOption = never,
> extends Crossing {
  /** The durable identity of the subscription within its context. */
  readonly name: string;
  /** Where it begins when the data does not know it yet: with all that the log has, or with what comes from then on. */
  readonly from: "start" | "now";
  /** How often a failing entry is tried again, and how long it waits in between; `backoff("1s", "5m", 8)` where it says nothing. */
  readonly retry?: RetryPolicy;
  /**
   * Its effects are made of the log alone: an operator may have them cleared and made anew (`banyan events replay`). Such a subscription begins at the
   * start of the log, and neither emits nor acts outside.
   */
  readonly rebuild?: Rebuild<Tx>;
  /** Everything that is not the transaction: calls, the outside. A throw is tried again later. */
  readonly before?: (
    event: ReceivedOf<E>,
    tools: "rebuild" extends Given
      ? RebuiltBeforeTools<Name, Tx, Ports, Uses>
      : EventBeforeTools<Name, Tx, Ports, Uses>,
  ) => Before | Promise<Before>;
}

export interface Rebuild<Tx> {
  /** Deletes every effect of the subscription; in one transaction with the first place of its cursor. */
  readonly clear: (tx: Tx) => void | Promise<void>;
}

/** A bounded context: owns its tables, its log and its contracts. */
export interface Context<Name extends string = string, Tx = any, Ports = any, Uses extends OperationContract = any> {
  readonly name: Name;
  /** What was collected, for the runtime and for tools. */
  readonly definition: ContextDefinition;
  /** Never present; carries the type of the ports to `app({ ports })`. */
  readonly portTypes?: Ports;
  /** Handles one of its commands. The body IS the transaction. */
  handle<C extends CommandContract, Before = undefined, Added extends object = {}>(
    what: Own<Name, C>,
    options: HandleOptions<Name, Tx, Ports, Uses, C, Before, Added>,
    body: (
      input: InputDataOf<C>,
      tools: CommandTools<Name, Tx, Before>,
    ) => Answer<Stored<OutputOf<C>, Added>> | Promise<Answer<Stored<OutputOf<C>, Added>>>,
  ): void;
  /** Answers one of its queries. */
  answer<C extends QueryContract>(
    what: Own<Name, C>,
    options: AnswerOptions<Tx, Ports, C>,
    body: (input: InputDataOf<C>, tools: QueryTools<Name, Tx, Ports, Uses>) => OutputOf<C> | Promise<OutputOf<C>>,
  ): void;
  /**
   * Subscribes to an event of any context, or to several events of one context, whose order per key then holds across them. The body
   * IS the transaction, and moves the subscription's cursor with it.
   */
  on<E extends EventContract<string, any>, Before = undefined, const Given extends OnOption = never>(
    what: E | readonly E[],
    options: OnOptions<Name, Tx, Ports, Uses, E, Before, Given> & { readonly [Option in Given]?: unknown },
    body: (
      event: ReceivedOf<E>,
      tools: "rebuild" extends Given ? RebuiltTools<Name, Tx, Before> : BodyTools<Name, Tx, Before>,
    ) => void | Promise<void>,
  ): void;
}

/** Begins a context. `const orders = context("orders", { contract, uses: [GetPrices], tx: kysely<OrdersDb>(), migrations })`. */
export function context<
  const Name extends string,
  Tx = SqlHandle,
  Ports = {},
  const Uses extends OperationContract = never,
>(name: Name, options: ContextOptions<Tx, Ports, Uses>): Context<Name, Tx, Ports, Uses> {
  return new CollectingContext(name, options, callSite(1)) as unknown as Context<Name, Tx, Ports, Uses>;
}

const HANDLE_OPTIONS = ["allow", "before", "unstored", "drains", "tenants"];
const ANSWER_OPTIONS = ["allow", "tenants"];
const ON_OPTIONS: readonly OnOption[] = ["name", "from", "retry", "rebuild", "before", "tenants"];
/** Every option a handler of any kind may have. */
export const HANDLER_OPTIONS: readonly string[] = [...new Set([...HANDLE_OPTIONS, ...ANSWER_OPTIONS, ...ON_OPTIONS])];

type Options = Readonly<Record<string, any>>;
type Body = (what: any, tools: any) => unknown;

/** Collects what is registered. Nothing is refused here: the checks report everything together at start. */
class CollectingContext {
  readonly name: string;
  readonly definition: ContextDefinition;
  readonly #commands: CommandDefinition[] = [];
  readonly #queries: QueryDefinition[] = [];
  readonly #subscriptions: SubscriptionDefinition[] = [];

  constructor(name: string, options: ContextOptions<any, any, any>, at: string) {
    this.name = name;
    this.definition = {
      name,
      at,
      owner: options.owner ?? "",
      contract: options.contract,
      uses: options.uses ?? [],
      handle: options.tx ?? sql(),
      ports: options.ports?.names ?? [],
      migrations: options.migrations ?? [],
      commands: this.#commands,
      queries: this.#queries,
      subscriptions: this.#subscriptions,
      rename: options.rename ?? {},
      forget: options.forget ?? [],
      tenantTables: options.tenants?.tables ?? [],
      backlogBytes: options.backlog === undefined ? undefined : bytesOf(options.backlog),
      keepMs: options.keep === undefined ? undefined : durationMs(options.keep),
    };
  }

  handle(contract: CommandContract, options: Options, body: Body): void {
    const { allow, before, unstored, drains, tenants } = options;
    this.#commands.push({
      contract,
      at: callSite(1),
      allow,
      before,
      unstored,
      drains: drains === true,
      tenants,
      body,
      unknownOptions: unknownIn(options, HANDLE_OPTIONS),
    });
  }

  answer(contract: QueryContract, options: Options, body: Body): void {
    this.#queries.push({
      contract,
      at: callSite(1),
      allow: options["allow"],
      tenants: options["tenants"],
      body,
      unknownOptions: unknownIn(options, ANSWER_OPTIONS),
    });
  }

  on(what: EventContract | readonly EventContract[], options: Options, body: Body): void {
    const { name = "", from, retry = DEFAULT_RETRY, rebuild, before, tenants } = options;
    this.#subscriptions.push({
      contracts: Array.isArray(what) ? [...(what as readonly EventContract[])] : [what as EventContract],
      at: callSite(1),
      name,
      from,
      retry,
      rebuild,
      before,
      tenants,
      body,
      unknownOptions: unknownIn(options, ON_OPTIONS),
    });
  }
}

function unknownIn(options: Options, known: readonly string[]): readonly string[] {
  return Object.keys(options).filter((name) => !known.includes(name));
}
