import { statSync } from "node:fs";
import { setImmediate as turn, setTimeout as pause } from "node:timers/promises";
import { readPlace } from "../../examples/shop/provider/place.ts";
import type { ShopProcess } from "./shop-process.ts";

/**
 * `kill` at any moment, `kill-at-commit` as the write-ahead log grows, `kill-both` takes the payment provider first, `pause` stands still for
 * longer than anybody waits for an answer of it.
 */
export type Strike = "kill" | "kill-at-commit" | "kill-both" | "pause";

const KILLS: readonly Strike[] = ["kill", "kill-at-commit", "kill-at-commit", "kill-both"];
/** The shop waits two seconds for its provider. */
const PAUSE_MS = { least: 2_200, more: 1_500 };
const COMMIT_WITHIN_MS = 2_000;

/** So many kills of all kinds and pauses, in an order that the seed decides. */
export function strikesOf(kills: number, pauses: number, random: () => number): readonly Strike[] {
  const kinds = Array.from({ length: kills }, (_, i) => KILLS[i % KILLS.length] as Strike);
  const all: Strike[] = [...kinds, ...Array.from({ length: pauses }, () => "pause" as const)];
  return all
    .map((strike) => ({ strike, at: random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ strike }) => strike);
}

/** Strikes, and gets the shop going again. Milliseconds until it was ready, or undefined after a pause. */
export async function strike(
  kind: Strike,
  by: { readonly shop: ShopProcess; readonly data: string; readonly random: () => number },
): Promise<number | undefined> {
  const { shop, data, random } = by;
  if (kind === "pause") {
    shop.standStill();
    await pause(PAUSE_MS.least + random() * PAUSE_MS.more);
    shop.goOn();
    return undefined;
  }
  if (kind === "kill-at-commit") await nextCommit(`${data}/banyan.db-wal`);
  if (kind === "kill-both") {
    killProvider(data);
    await pause(random() * 300);
  }
  await shop.kill();
  return Math.round(await shop.start());
}

/** Looks at the write-ahead log as often as it can: what has just been written may not be flushed, or not be told. */
async function nextCommit(wal: string): Promise<void> {
  const written = (): string => {
    const stat = statSync(wal, { bigint: true, throwIfNoEntry: false });
    return `${stat?.mtimeNs} ${stat?.size}`;
  };
  const before = written();
  const until = performance.now() + COMMIT_WITHIN_MS;
  while (written() === before && performance.now() < until) await turn();
}

function killProvider(data: string): void {
  const place = readPlace(data);
  if (place === undefined) return;
  try {
    process.kill(place.pid, "SIGKILL");
  } catch (error) {
    // it may have ended by itself
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
