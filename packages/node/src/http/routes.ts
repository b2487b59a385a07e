import { jsonSchemaOf, operationsOf, parseRoute, type App, type OperationContract } from "@banyan/core";
import { fieldShapes, takesOthers, type FieldShapes } from "./field-shapes.ts";

/** One operation that a contract opens to HTTP. */
export interface OperationRoute {
  readonly operation: string;
  readonly kind: OperationContract["kind"];
  readonly method: string;
  readonly path: string;
  readonly shapes: FieldShapes;
  /** Its query may have names that are not in `shapes`. */
  readonly othersTaken: boolean;
}

/** The routes of an application in the order in which they are tried: of two that fit one path, the one with the earlier fixed segment first. */
export function routesOf(app: App): readonly OperationRoute[] {
  return app.contexts.flatMap(operationsOf).flatMap(routeOf).sort(byFixedSegments);
}

function routeOf(contract: OperationContract): OperationRoute[] {
  // registration refuses what is no route; it is told there, with the place
  const route = contract.http === undefined ? undefined : parseRoute(contract.http);
  if (route === undefined) return [];
  const schema = jsonSchemaOf(contract.input, "input");
  const shapes: FieldShapes = typeof schema === "string" ? new Map() : fieldShapes(schema);
  // Valibot's JSON Schema does not say where others are kept
  const { vendor } = contract.input["~standard"];
  const othersTaken = typeof schema === "string" || vendor === "valibot" || takesOthers(schema);
  const { method, path } = route;
  return [{ operation: contract.name, kind: contract.kind, method, path, shapes, othersTaken }];
}

/** Sorts routes as they are tried. */
export function byFixedSegments(left: { readonly path: string }, right: { readonly path: string }): number {
  const [leftRank, rightRank] = [rankOf(left.path), rankOf(right.path)];
  return leftRank < rightRank ? -1 : leftRank > rightRank ? 1 : 0;
}

/** `0` for a fixed segment, `1` for a parameter: sorts `/orders/open` before `/orders/:orderId`. */
function rankOf(path: string): string {
  return path
    .slice(1)
    .split("/")
    .map((segment) => (segment.startsWith(":") ? "1" : "0"))
    .join("");
}
