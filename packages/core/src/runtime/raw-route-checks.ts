import { ROUTE_OPTIONS, type App, type RouteDefinition } from "../context/index.ts";
import { didYouMean, violation, type Violation } from "../error/index.ts";
import { operationsOf } from "./contract-checks.ts";
import { isReserved, parseRoute, shapeOf, type Route } from "./route.ts";

const WITH_BODY: readonly string[] = ["POST", "PUT", "PATCH"];

/** What is wrong with the raw routes of an application, each by itself and beside those of its contracts. */
export function checkRawRoutes(app: App): Violation[] {
  const taken = new Map<string, string>();
  for (const { name, http } of app.contexts.flatMap(operationsOf)) {
    const route = parseRoute(http ?? "");
    if (route !== undefined) taken.set(shapeOf(route), `"${name}"`);
  }
  const signers = new Map<string, RouteDefinition>();
  return (app.routes ?? []).flatMap((definition) => {
    const route = parseRoute(definition.http);
    if (route === undefined) return [wrong(definition, "is not a method and a path")];
    const other = taken.get(shapeOf(route));
    taken.set(shapeOf(route), "another raw route");
    return [
      ...checkPlace(definition, { route, other }),
      ...checkPolicy(definition, route),
      ...checkSigner(definition, signers),
      ...checkParts(definition),
    ];
  });
}

function wrong({ http, at }: RouteDefinition, words: string): Violation {
  return violation("route-invalid", at, `"${http}" ${words}.`);
}

function checkPlace(definition: RouteDefinition, place: { route: Route; other: string | undefined }): Violation[] {
  const { http, at } = definition;
  const { route, other } = place;
  const found: Violation[] = [];
  if (isReserved(route)) found.push(wrong(definition, "is under /_banyan, which is the runtime's own"));
  if (other !== undefined)
    found.push(violation("route-duplicate", at, `The raw route ${http} and ${other} have the same route.`));
  if (new Set(route.parameters).size < route.parameters.length)
    found.push(wrong(definition, "has two parameters of one name"));
  return found;
}

function checkPolicy(definition: RouteDefinition, { method }: Route): Violation[] {
  const { allow, at, http } = definition;
  if (typeof allow === "function" || allow?.policy === "anyone") return [];
  if (allow?.policy === "roles" && Array.isArray(allow.roles)) return [];
  if (allow?.policy !== "signed")
    return [violation("policy-missing", at, `The raw route ${http} does not say who may use it.`)];
  return WITH_BODY.includes(method) ? [] : [wrong(definition, "is signed, and brings no body that could be")];
}

/** Two senders of one name would be one principal, and each could take the ids of the other's deliveries. */
function checkSigner(definition: RouteDefinition, signers: Map<string, RouteDefinition>): Violation[] {
  const { allow, at, http } = definition;
  if (typeof allow !== "object" || allow.policy !== "signed") return [];
  const earlier = signers.get(allow.by);
  if (earlier === undefined) signers.set(allow.by, definition);
  if (earlier === undefined || earlier.allow === allow) return [];
  const words = `The raw route ${http} and ${earlier.http} (${earlier.at}) each have a \`signed("${allow.by}", …)\` of their own.`;
  return [violation("signer-duplicate", at, words)];
}

function checkParts(definition: RouteDefinition): Violation[] {
  const { http, at, around, body, unknownOptions } = definition;
  const unknown = unknownOptions.map((option) => {
    const near = didYouMean(option, ROUTE_OPTIONS);
    return violation("option-unknown", at, `The raw route ${http} has an option "${option}".${near}`);
  });
  if (![body, ...around].every((part) => typeof part === "function"))
    unknown.push(wrong(definition, "has something in `around`, or as its body, that is no function"));
  return unknown;
}
