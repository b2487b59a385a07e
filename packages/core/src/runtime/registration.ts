import {
  contractsOf,
  prefixOf,
  type App,
  type ContextDefinition,
  type SubscriptionDefinition,
} from "../context/index.ts";
import {
  fieldsOf,
  jsonSchemaOf,
  notAccepted,
  type EventContract,
  type OperationContract,
  type StandardSchema,
} from "../contract/index.ts";
import { didYouMean, violation, type ErrorCode, type Violation } from "../error/index.ts";
import type { StoreFeatures } from "../ports/index.ts";
import { parseRoute } from "./route.ts";

/** Everything that is wrong with how an application is put together. Nothing is left for the first request to find. */
export function checkRegistration(app: App, store: StoreFeatures): readonly Violation[] {
  const whole = new Whole(app);
  return [
    ...checkNames(app),
    ...app.contexts.flatMap((context) => [
      ...checkContracts(context),
      ...checkHandlers(context),
      ...checkSubscriptions(context, whole),
      ...checkUses(context, whole),
      ...checkHandleKind(context, store),
    ]),
    ...checkRoutes(app),
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

export function operationsOf(context: ContextDefinition): readonly OperationContract[] {
  return [...contractsOf(context, "command"), ...contractsOf(context, "query")];
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

function checkContracts(context: ContextDefinition): Violation[] {
  const found: Violation[] = [];
  const seen = new Set<string>();
  for (const contract of [...contractsOf(context, "event"), ...operationsOf(context)]) {
    const { name, at } = contract;
    if (!/^[a-z][a-z0-9-]*\.[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
      found.push(violation("name-invalid", at, `"${name}" is not of the form "context.name".`));
    else if (!name.startsWith(`${context.name}.`))
      found.push(violation("contract-foreign", at, `The contract of "${context.name}" exports "${name}".`));
    if (seen.has(name)) found.push(violation("name-duplicate", at, `Two contracts are called "${name}".`));
    seen.add(name);
    found.push(...(contract.kind === "event" ? checkEvent(contract) : checkOperation(contract)));
  }
  return found;
}

function checkEvent(event: EventContract): Violation[] {
  const { name, at, key, version } = event;
  if (key === undefined || key === "") return [violation("key-missing", at, `"${name}" has no key.`)];
  if (!Number.isInteger(version) || version < 1)
    return [violation("option-missing", at, `The version of "${name}" must be a whole number from 1.`)];
  const schema = checkSchema(event.schema, { name, at, what: "data" });
  if (schema.length > 0 || typeof key !== "string") return schema;
  const written = jsonSchemaOf(event.schema, "output");
  const fields = typeof written === "string" ? undefined : fieldsOf(written);
  if (fields === undefined || fields.includes(key)) return [];
  return [
    violation("key-missing", at, `The key "${key}" of "${name}" is not a field of its data.${didYouMean(key, fields)}`),
  ];
}

function checkOperation(operation: OperationContract): Violation[] {
  const { name, at, input, output } = operation;
  const found = checkReadable(input, { name, at, what: "input" });
  if (output !== undefined) found.push(...checkSchema(output, { name, at, what: "output" }));
  return found;
}

interface Place {
  readonly name: string;
  readonly at: string;
  readonly what: string;
}

function checkReadable(schema: StandardSchema<any, any>, { name, at, what }: Place): Violation[] {
  const read = jsonSchemaOf(schema, "input");
  return typeof read === "string"
    ? [violation("schema-unsupported", at, `The ${what} of "${name}" has no JSON Schema: ${read}.`)]
    : [];
}

/** What is stored is what the schema writes; it must be what the schema reads. */
function checkSchema(schema: StandardSchema<any, any>, place: Place): Violation[] {
  const { name, at, what } = place;
  const written = jsonSchemaOf(schema, "output");
  if (typeof written === "string")
    return [violation("schema-unsupported", at, `The ${what} of "${name}" has no JSON Schema: ${written}.`)];
  const read = jsonSchemaOf(schema, "input");
  if (typeof read === "string") return checkReadable(schema, place);
  const pointer = notAccepted(written, read);
  return pointer === undefined
    ? []
    : [violation("schema-not-rereadable", at, `The ${what} of "${name}" writes what it does not read, at ${pointer}.`)];
}

function checkHandlers(context: ContextDefinition): Violation[] {
  const found: Violation[] = [];
  const declared = new Map(operationsOf(context).map((operation) => [operation.name, operation]));
  const handled = new Set<string>();
  for (const handler of [...context.commands, ...context.queries]) {
    const name = handler.contract?.name ?? "(no contract)";
    if (declared.get(name) !== handler.contract)
      found.push(
        violation(
          "contract-foreign",
          handler.at,
          `"${context.name}" handles "${name}", which its contract does not export.`,
        ),
      );
    if (handled.has(name)) found.push(violation("handler-duplicate", handler.at, `"${name}" is handled twice.`));
    handled.add(name);
    if (handler.allow === undefined || handler.allow === null)
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

function checkOptions(
  { at, unknownOptions }: { readonly at: string; readonly unknownOptions: readonly string[] },
  name: string,
): Violation[] {
  const known = ["allow", "before", "unstored", "name", "from", "retry"];
  return unknownOptions.map((option) =>
    violation("option-unknown", at, `"${name}" has an option "${option}".${didYouMean(option, known)}`),
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

function checkSource(
  context: ContextDefinition,
  { contract, from, at, name }: SubscriptionDefinition,
  whole: Whole,
): Violation[] {
  const found: Violation[] = [];
  if (from !== "start" && from !== "now")
    found.push(violation("subscription-from-missing", at, `"${context.name}.${name}" does not say where it begins.`));
  if (whole.events.get(contract?.name) !== contract) {
    const near = didYouMean(String(contract?.name), whole.events.keys());
    found.push(
      violation(
        "source-undeclared",
        at,
        `"${context.name}.${name}" subscribes to "${contract?.name}", which is in no contract of this application.${near}`,
      ),
    );
  }
  return found;
}

function checkUses(context: ContextDefinition, whole: Whole): Violation[] {
  const unknown = context.uses.filter((use) => whole.operations.get(use?.name) !== use);
  return unknown.map((use) =>
    violation(
      "uses-unknown",
      context.at,
      `"${context.name}" uses "${use?.name}", which no context of this application has.`,
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

function checkRoutes(app: App): Violation[] {
  const found: Violation[] = [];
  const taken = new Map<string, string>();
  for (const operation of app.contexts.flatMap(operationsOf)) {
    if (operation.http === undefined) continue;
    const { name, at, http } = operation;
    const route = parseRoute(http);
    if (route === undefined) {
      found.push(violation("route-invalid", at, `"${http}" of "${name}" is not a route.`));
      continue;
    }
    const shape = `${route.method} ${route.path.replaceAll(/:[^/]+/g, ":")}`;
    const other = taken.get(shape);
    if (other !== undefined)
      found.push(violation("route-duplicate", at, `"${name}" and "${other}" have the same route, ${http}.`));
    taken.set(shape, name);
    found.push(...checkRouteFields(operation, route.parameters));
    if (route.path.startsWith("/_banyan"))
      found.push(violation("route-invalid", at, `"${http}" is under /_banyan, which is the runtime's own.`));
  }
  return found;
}

function checkRouteFields(operation: OperationContract, parameters: readonly string[]): Violation[] {
  const schema = jsonSchemaOf(operation.input, "input");
  const fields = typeof schema === "string" ? undefined : fieldsOf(schema);
  if (fields === undefined) return [];
  const absent = parameters.filter((name) => !fields.includes(name));
  const code: ErrorCode = "route-invalid";
  return absent.map((name) =>
    violation(
      code,
      operation.at,
      `":${name}" of "${operation.http}" is not a field of the input of "${operation.name}".${didYouMean(name, fields)}`,
    ),
  );
}
