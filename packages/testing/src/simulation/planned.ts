import type { Store } from "@banyan/core";
import { parkedKeys } from "./parked-keys.ts";

/**
 * Whether the store still has something to do by itself: a retry, or an event that is due until then (wall-clock milliseconds). What is dead, and what
 * waits behind it, stays until an operator comes, and what this code cannot read until other code starts; housekeeping never ends.
 */
export async function hasPlans(store: Store, untilMs: number): Promise<boolean> {
  if ((await store.schedules(untilMs)).some(({ overdue }) => overdue > 0)) return true;
  return parkedKeys(await store.parkedRows()).some(({ head }) => head.state === "retrying" || head.state === "waiting");
}
