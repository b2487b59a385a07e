import type { Turn } from "@banyan/core";

/** The check phase of libuv comes after timers and sockets have had their say. */
export function nodeTurn(): Turn {
  return { next: () => new Promise((resolve) => setImmediate(resolve)) };
}
