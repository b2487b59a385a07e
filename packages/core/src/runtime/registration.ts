import {
  contractsOf,
  HANDLER_OPTIONS,
  prefixOf,
  type Allow,
  type App,
  type ContextDefinition,
  type SubscriptionDefinition,
} from "../context/index.ts";
import type { EventContract, OperationContract } from "../contract/index.ts";
import { didYouMean, violation, type Violation } from "../error/index.ts";
import type { StoreFeatures } from "../ports/index.ts";
import { checkContracts, checkRoutes, operationsOf } from "./contract-checks.ts";
import { ownerOf } from "./manifest.ts";
import { checkRawRoutes } from "./raw-route-checks.ts";
import { checkNameChanges } from "./stored-names.ts";
import { checkTenants } from "./tenant-checks.ts";

/** Everything that is wrong with how an application is put together. Nothing is left for the first request to find. */
export function checkRegistration(app: App, store: StoreFeatures): readonly Violation[] {
  const whole = new Whole(app);
  return [
    ...checkNames(app),
    ...app.contexts.flatMap((context) => [
      ...checkContracts(context),
      ...checkHandlers(context),
      ...checkSubscriptions(context, whole),
      ...checkNameChanges(context),
      ...checkUses(context, whole),
      ...checkHandleKind(context, store),
      ...checkTenants(context, store),
    ]),
    ...checkRoutes(app.contexts.flatMap(operationsOf)),
    ...checkRawRoutes(app),
  ];
}

/** What the contracts of all contexts declare, by name. */
class Whole {
  readonly events: ReadonlyMap<string, EventContract>;
  readonly operations: ReadonlyMap<string, OperationContract>;

  constructor(app: App) {
    this.events = new Map(app.contexts.flatMap((c) => contractsOf(c, "event")).map((e) => [e.name, e]));
    this.operations = new Map(app.contexts.flatMap(operationsOf).map((o) => [o.name, o]));
  }
}

/** Whether it is declared, as this very object: a copy is not the contract. What an import cycle left undefined is not either. */
function has<C extends { readonly name: string }>(declared: ReadonlyMap<string, C>, contract: C | undefined): boolean {
  return contract !== undefined && declared.get(contract.name) === contract;
}

function checkNames(app: App): Violation[] {
  const found: Violation[] = [];
  const seen = new Set<string>();
  for (const { name, at } of app.contexts) {
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
      found.push(violation("name-invalid", at, `"${name}" is not a context name.`));
    if (name === "banyan" || name.startsWith("banyan-"))
      found.push(violation("name-invalid", at, `"${name}" begins with "banyan", which is the runtime's own.`));
    if (seen.has(name)) found.push(violation("name-duplicate", at, `Two contexts are called "${name}".`));
    seen.add(name);
    const longer = app.contexts.find((other) => other.name !== name && prefixOf(other.name).startsWith(prefixOf(name)));
    if (longer !== undefined)
      found.push(
        violation(
          "prefix-collision",
          at,
          `"${prefixOf(name)}" of "${name}" begins "${prefixOf(longer.name)}" of "${longer.name}".`,
        ),
      );
  }
  return found;
}

function checkHandlers(context: ContextDefinition): Violation[] {
  const found: Violation[] = [];
  const declared = new Map(operationsOf(context).map((operation) => [operation.name, operation]));
  const handled = new Set<string>();
  for (const handler of [...context.commands, ...context.queries]) {
    const name = handler.contract?.name ?? "(no contract)";
    if (!has(declared, handler.contract))
      found.push(
        violation(
          "contract-foreign",
          handler.at,
          `"${context.name}" handles "${name}", which its contract does not export.`,
        ),
      );
    if (handled.has(name)) found.push(violation("handler-duplicate", handler.at, `"${name}" is handled twice.`));
    handled.add(name);
    if (!isPolicy(handler.allow))
      found.push(violation("policy-missing", handler.at, `"${name}" does not say who may use it.`));
    found.push(...checkOptions(handler, name));
  }
  for (const { name, at } of declared.values()) {
    if (!handled.has(name))
      found.push(
        violation("handler-missing", at, `"${name}" is in the contract of "${context.name}", and nothing handles it.`),
      );
  }
  return found;
}

/** Whether it can decide anything: what cannot would refuse everybody, at the first request. */
function isPolicy(allow: Allow<any, any, any> | null | undefined): boolean {
  if (typeof allow === "function") return true;
  return allow?.policy === "anyone" || (allow?.policy === "roles" && Array.isArray(allow.roles));
}

function checkOptions(
  { at, unknownOptions }: { readonly at: string; readonly unknownOptions: readonly string[] },
  name: string,
): Violation[] {
  return unknownOptions.map((option) =>
    violation("option-unknown", at, `"${name}" has an option "${option}".${didYouMean(option, HANDLER_OPTIONS)}`),
  );
}

function checkSubscriptions(context: ContextDefinition, whole: Whole): Violation[] {
  const found: Violation[] = [];
  const seen = new Set<string>();
  for (const subscription of context.subscriptions) {
    const { name, at } = subscription;
    if (name === "")
      found.push(violation("subscription-unnamed", at, `A subscription of "${context.name}" has no name.`));
    else if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
      found.push(violation("name-invalid", at, `"${name}" is not a subscription name.`));
    if (seen.has(name) && name !== "")
      found.push(violation("name-duplicate", at, `Two subscriptions of "${context.name}" are called "${name}".`));
    seen.add(name);
    found.push(...checkSource(context, subscription, whole), ...checkOptions(subscription, `${context.name}.${name}`));
  }
  return found;
}

function checkSource(context: ContextDefinition, subscription: SubscriptionDefinition, whole: Whole): Violation[] {
  const { contracts, from, rebuild, at } = subscription;
  const name = `"${context.name}.${subscription.name}"`;
  const found: Violation[] = [];
  if (from !== "start" && from !== "now")
    found.push(violation("subscription-from-missing", at, `${name} does not say where it begins.`));
  if (rebuild !== undefined && (typeof rebuild?.clear !== "function" || from === "now"))
    found.push(violation("rebuild-invalid", at, `${name} cannot be made anew as its \`rebuild\` says.`));
  if (contracts.length === 0)
    found.push(violation("source-missing", at, `${name} subscribes to an empty list of events.`));
  for (const contract of contracts.filter((one) => !has(whole.events, one))) {
    const near = didYouMean(String(contract?.name), whole.events.keys());
    const what = `${name} subscribes to "${contract?.name}", which is in no contract of this application.${near}`;
    found.push(violation("source-undeclared", at, what));
  }
  return [...found, ...checkEvents(name, subscription)];
}

/** Several events of one subscription: each once, and all of one log, since only within a log there is an order to keep. */
function checkEvents(name: string, { contracts, at }: SubscriptionDefinition): Violation[] {
  const names = contracts.map((contract) => String(contract?.name));
  const twice = new Set(names.filter((one, i) => names.indexOf(one) !== i));
  const owners = [...new Set(names.filter((one) => one.includes(".")).map(ownerOf))];
  const found = [...twice].map((one) => violation("source-duplicate", at, `${name} subscribes to "${one}" twice.`));
  if (owners.length < 2) return found;
  const whose = owners.map((owner) => `"${owner}"`).join(" and ");
  return [...found, violation("source-mixed", at, `${name} subscribes to events of ${whose} at once.`)];
}

function checkUses(context: ContextDefinition, whole: Whole): Violation[] {
  const unknown = context.uses.filter((use) => !has(whole.operations, use));
  return unknown.map((use) =>
    violation(
      "uses-unknown",
      context.at,
      `"${context.name}" uses "${use?.name}", which no context of this application has.${didYouMean(String(use?.name), whole.operations.keys())}`,
    ),
  );
}

/** The ports are built once the process owns its data, so what is missing of them is found after everything else. */
export function checkPorts(app: App, ports: unknown): readonly Violation[] {
  return app.contexts.flatMap((context) => {
    const given = (ports as Record<string, Record<string, unknown> | undefined> | undefined)?.[context.name] ?? {};
    const missing = context.ports.filter((name) => given[name] === undefined);
    return missing.map((name) => violation("ports-missing", context.at, `"${context.name}" needs the port "${name}".`));
  });
}

function checkHandleKind(context: ContextDefinition, store: StoreFeatures): Violation[] {
  // A context without tables of its own asks for nothing.
  if (context.handle.kind === store.handle || (context.migrations.length === 0 && context.handle.kind === "sql"))
    return [];
  return [
    violation(
      "handle-unsupported",
      context.at,
      `"${context.name}" wants a "${context.handle.kind}" handle; the store "${store.name}" gives "${store.handle}".`,
    ),
  ];
}
