const PREFIX = "context:";

/** The role contexts have when they call each other; no caller from outside can have it. */
export const CONTEXT_ROLE = "context";

/** Who a context is when it asks, and in what it causes. */
export function contextId(name: string): string {
  return `${PREFIX}${name}`;
}

export function isContextId(id: string): boolean {
  return id.startsWith(PREFIX);
}
