import {
  app,
  type App,
  type Context,
  type Limits,
  type OperationContract,
  type SettingValues,
  type Store,
} from "@banyan/core";
import type { Virtual } from "./plan.ts";
import { ScenarioTest } from "./scenario-test.ts";
import { checkStubs, standIns, type Stub } from "./stub.ts";
import { Watch } from "./watch.ts";

export interface ScenarioOptions {
  /**
   * A new, empty store that waits for nothing real: `() => memory()`, or `(overrides) => sqlite({ memory: true, overrides })` where contexts
   * have SQL tables.
   */
  readonly store: (virtual: Virtual) => Store;
  /** Decides ids, jitter and the order of what happens at once. The same seed gives the same run. Default: 1. */
  readonly seed?: number;
  readonly limits?: Partial<Limits>;
  /** Values of the application's settings: checked by their schemas, which also give what is left out. Nothing else is read. */
  readonly settings?: SettingValues;
  /** Begins with the application's seeds; what they emit counts as given, and so does what follows from it. */
  readonly seeds?: boolean;
}

export type ContextScenarioOptions<Ports> = ScenarioOptions & {
  /** Answers of the operations in `uses`. */
  readonly stubs?: readonly Stub[];
} & PortsOf<Ports>;

/** What the context needs to reach the outside; mandatory when it needs something. */
type PortsOf<Ports> = keyof Ports extends never ? { readonly ports?: undefined } : { readonly ports: Ports };

export interface ScenarioFactory {
  /** Starts the application on virtual time. */
  (application: App, options: ScenarioOptions): Promise<ScenarioTest>;
  /**
   * Starts one context alone on virtual time. What it calls of its neighbours is answered by `stubs`; events of its neighbours are given with
   * `given`. In place of each neighbour stands a context with exactly those of its contracts that are used or subscribed to.
   */
  context<Ports, Uses extends OperationContract>(
    // oxlint-disable-next-line typescript/no-explicit-any -- a handle's type is no business of a scenario
    context: Context<string, any, Ports, Uses>,
    options: ContextScenarioOptions<Ports>,
  ): Promise<ScenarioTest>;
}

/**
 * Tests an application by what it does: events that were given, a command, and the events that follow, on the real runtime.
 *
 *     const shop = await scenario(application, { store: (overrides) => sqlite({ memory: true, overrides }) });
 *     await shop.given(StockSet, { sku: "mug", quantity: 3 });
 *     const { value } = await shop.when(PlaceOrder, { lines: [{ sku: "mug", quantity: 1 }] });
 *     shop.expectEvent(OrderConfirmed, { orderId: value.orderId });
 *     await shop.stop();
 */
export const scenario: ScenarioFactory = Object.assign(begin, { context: beginAlone });

async function begin(application: App, options: ScenarioOptions): Promise<ScenarioTest> {
  return start(application, options, new Watch());
}

async function beginAlone(
  context: Context,
  options: ScenarioOptions & { readonly stubs?: readonly Stub[]; readonly ports?: unknown },
): Promise<ScenarioTest> {
  const { stubs = [], ports = {} } = options;
  const { definition, name } = context;
  const watch = new Watch();
  checkStubs(definition, stubs);
  const alone = app({ contexts: [context], ports: () => ({ [name]: ports }) });
  return start({ ...alone, contexts: [definition, ...standIns(definition, stubs, watch)] }, options, watch);
}

function start(
  application: App,
  { store, seed = 1, limits = {}, seeds = false, settings }: ScenarioOptions,
  watch: Watch,
): Promise<ScenarioTest> {
  return new ScenarioTest({ app: application, store, seed, limits, settings, seeds, watch }).start();
}
