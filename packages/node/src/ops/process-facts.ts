import type { Inspected, StoreFacts } from "../sqlite/index.ts";

/** What a process that owns data says of itself. */
export interface ProcessFacts {
  readonly pid: number;
  readonly node: string;
  /** Undefined where the store tells nothing of itself. */
  readonly store: StoreFacts | undefined;
}

export async function processFacts(store: Inspected | undefined): Promise<ProcessFacts> {
  return { pid: process.pid, node: process.versions.node, store: await store?.inspect() };
}
