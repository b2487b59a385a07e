import { randomFillSync } from "node:crypto";
import type { Random } from "@banyan/core";

/** Asking the system for a few bytes costs as much as asking it for many. */
const POOL = 1_024;

/** Unpredictable bits from the system's generator. */
export function nodeRandom(): Random {
  const pool = new Uint32Array(POOL);
  let used = POOL;
  return {
    u32: () => {
      if (used === POOL) {
        randomFillSync(pool);
        used = 0;
      }
      const bits = pool[used] ?? 0;
      pool[used++] = 0;
      return bits;
    },
  };
}
