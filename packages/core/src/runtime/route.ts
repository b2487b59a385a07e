/** A route of a contract: `"POST /orders/:orderId/cancel"` taken apart. */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly parameters: readonly string[];
}

const METHODS: readonly string[] = ["GET", "POST", "PUT", "PATCH", "DELETE"];
const SEGMENT = /^(?::[A-Za-z][A-Za-z0-9_]*|[A-Za-z0-9._~-]+)$/;

/** The route, or undefined when the text is none: a method, a space, and a path of plain segments and `:parameters`. */
export function parseRoute(text: string): Route | undefined {
  const [method = "", path = "", ...rest] = text.split(" ");
  if (rest.length > 0 || !METHODS.includes(method) || !path.startsWith("/")) return undefined;
  const segments = path.slice(1).split("/");
  if (path !== "/" && !segments.every((segment) => SEGMENT.test(segment))) return undefined;
  const parameters = segments.filter((segment) => segment.startsWith(":")).map((segment) => segment.slice(1));
  return { method: method as Route["method"], path, parameters };
}

/** What tells routes apart: method and path, whatever the parameters are called. */
export function shapeOf({ method, path }: Route): string {
  return `${method} ${path.replaceAll(/:[^/]+/g, ":")}`;
}

/** Whether the path is under the runtime's own. */
export function isReserved({ path }: Route): boolean {
  return path.startsWith("/_banyan");
}
