import { describe, expect, test } from "vitest";
import type { StoreCase } from "./store/case.ts";
import { COMMIT_CASES } from "./store/commit-cases.ts";
import { CURSOR_CASES } from "./store/cursor-cases.ts";
import { LOG_CASES } from "./store/log-cases.ts";
import { MODEL_CASES } from "./store/model-cases.ts";
import { NAME_CASES } from "./store/name-cases.ts";
import { RECORD_CASES } from "./store/record-cases.ts";
import { SESSION_CASES } from "./store/session-cases.ts";
import type { StoreSubject } from "./store/subject.ts";
import { StoreWorld } from "./store/world.ts";

export type { StoreCase } from "./store/case.ts";
export type { StorePlace, StoreSubject } from "./store/subject.ts";

/** Every promise of the Store port. Planted faults must each fail at least one of them. */
export const STORE_CASES: readonly StoreCase[] = [
  ...COMMIT_CASES,
  ...LOG_CASES,
  ...CURSOR_CASES,
  ...NAME_CASES,
  ...RECORD_CASES,
  ...SESSION_CASES,
  ...MODEL_CASES,
];

/** Runs one case on a place of its own. */
export async function runStoreCase(subject: StoreSubject, one: StoreCase): Promise<void> {
  const world = await StoreWorld.open(subject);
  try {
    await one.run(world);
    await world.store.close();
  } finally {
    await world.place.remove();
  }
}

/** The suite every adapter of the Store port must pass: a test file calls it with its adapter. */
export function storeConformance(subject: StoreSubject): void {
  describe(`the Store port on ${subject.name}`, () => {
    for (const one of STORE_CASES) {
      const apart = one.needs === "sessions-beside-writer" && !subject.sessionsBesideWriter;
      const why = apart ? " (skipped: sessions and the writer take turns here)" : "";
      test.skipIf(apart)(`${one.promise}${why}`, () => expect(runStoreCase(subject, one)).resolves.toBeUndefined());
    }
  });
}
