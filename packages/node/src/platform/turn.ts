import type { Turn } from "@banyan/core";

/**
 * Node accepts one connection in each turn of the event loop, however many wait. While they come, a turn that a batch of work waits for is so many
 * turns of nothing else, at most: else a busy process would accept as many connections as it does batches, and the rest would wait unseen.
 */
const MORE_TURNS = 32;

let accepted = 0;

/** A server of this thread has accepted a connection: another one may wait behind it. */
export function connectionAccepted(): void {
  accepted++;
}

/** The check phase of libuv comes after timers and sockets have had their say. */
export function nodeTurn(): Turn {
  return { next };
}

async function next(): Promise<void> {
  for (let more = MORE_TURNS; more >= 0; more--) {
    const before = accepted;
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (accepted === before) return;
  }
}
