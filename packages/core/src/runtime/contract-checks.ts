import { contractsOf, type ContextDefinition } from "../context/index.ts";
import {
  fieldsOf,
  hasPath,
  isWithin,
  jsonSchemaOf,
  notAccepted,
  type EventContract,
  type OperationContract,
  type StandardSchema,
} from "../contract/index.ts";
import { didYouMean, violation, type Violation } from "../error/index.ts";
import { isReserved, parseRoute, shapeOf } from "./route.ts";
import { checkUpcasts } from "./upcast-checks.ts";

export function operationsOf(context: ContextDefinition): readonly OperationContract[] {
  return [...contractsOf(context, "command"), ...contractsOf(context, "query")];
}

/** What is wrong with the contracts a context exports, each by itself. */
export function checkContracts(context: ContextDefinition): Violation[] {
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
  const { name, at, version } = event;
  const found = checkKey(event);
  if (!Number.isInteger(version) || version < 1)
    found.push(violation("option-missing", at, `The version of "${name}" must be a whole number from 1.`));
  found.push(
    ...checkSchema(event.schema, { name, at, what: "data" }),
    ...checkPersonal(event),
    ...checkKeyPersonal(event),
  );
  // A schema that is none cannot judge a sample.
  return event.schema?.["~standard"] === undefined ? found : [...found, ...checkUpcasts(event)];
}

function checkKey({ name, at, key, schema }: EventContract): Violation[] {
  if (key === undefined || key === "") return [violation("key-missing", at, `"${name}" has no key.`)];
  const written = jsonSchemaOf(schema, "output");
  const fields = typeof written === "string" ? undefined : fieldsOf(written);
  if (typeof key !== "string" || fields === undefined || fields.includes(key)) return [];
  return [
    violation("key-missing", at, `The key "${key}" of "${name}" is not a field of its data.${didYouMean(key, fields)}`),
  ];
}

function checkPersonal({ name, at, personal, schema }: EventContract): Violation[] {
  const written = jsonSchemaOf(schema, "output");
  if (personal === undefined || typeof written === "string") return [];
  const absent = [personal.subject, ...personal.fields].filter((path) => !hasPath(written, path.split(".")));
  return absent.map((path) =>
    violation(
      "personal-unknown",
      at,
      `"${path}" is not in the data of "${name}".${didYouMean(path, fieldsOf(written) ?? [])}`,
    ),
  );
}

/** The key stands beside the data, for operators to see and to be ordered by: what erases a field would leave it there. */
function checkKeyPersonal({ name, at, key, personal }: EventContract): Violation[] {
  if (typeof key !== "string" || !personal?.fields.some((field) => isWithin(key, field))) return [];
  return [violation("key-personal", at, `The key "${key}" of "${name}" is a personal field.`)];
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

/** Each operation has a route of its own, whose parameters are fields of its input. */
export function checkRoutes(operations: readonly OperationContract[]): Violation[] {
  const found: Violation[] = [];
  const taken = new Map<string, string>();
  for (const operation of operations) {
    if (operation.http === undefined) continue;
    const { name, at, http } = operation;
    const route = parseRoute(http);
    if (route === undefined) {
      found.push(violation("route-invalid", at, `"${http}" of "${name}" is not a route.`));
      continue;
    }
    const shape = shapeOf(route);
    const other = taken.get(shape);
    if (other !== undefined)
      found.push(violation("route-duplicate", at, `"${name}" and "${other}" have the same route, ${http}.`));
    taken.set(shape, name);
    found.push(...checkRouteFields(operation, route.parameters));
    // links, previews and other sites send GET without being asked to
    if (operation.kind === "command" && route.method === "GET")
      found.push(violation("route-invalid", at, `"${name}" is a command and has a GET route, ${http}.`));
    if (isReserved(route))
      found.push(violation("route-invalid", at, `"${http}" is under /_banyan, which is the runtime's own.`));
  }
  return found;
}

function checkRouteFields(operation: OperationContract, parameters: readonly string[]): Violation[] {
  const schema = jsonSchemaOf(operation.input, "input");
  const fields = typeof schema === "string" ? undefined : fieldsOf(schema);
  if (fields === undefined) return [];
  const absent = parameters.filter((name) => !fields.includes(name));
  return absent.map((name) =>
    violation(
      "route-invalid",
      operation.at,
      `":${name}" of "${operation.http}" is not a field of the input of "${operation.name}".${didYouMean(name, fields)}`,
    ),
  );
}
