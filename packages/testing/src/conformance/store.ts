import { describe, expect, test } from "vitest";
import type { StoreCase } from "./store/case.ts";
import { COMMIT_CASES } from "./store/commit-cases.ts";
import { CURSOR_CASES } from "./store/cursor-cases.ts";
import { HANDLE_CASES } from "./store/handle-cases.ts";
import { LOG_CASES } from "./store/log-cases.ts";
import { MODEL_CASES } from "./store/model-cases.ts";
import { NAME_CASES } from "./store/name-cases.ts";
import { RECORD_CASES } from "./store/record-cases.ts";
import { RETENTION_CASES } from "./store/retention-cases.ts";
import { REWIND_CASES } from "./store/rewind-cases.ts";
import { SESSION_CASES } from "./store/session-cases.ts";
import { STORED_CASES } from "./store/stored-cases.ts";
import { VOLUME_CASES } from "./store/volume-cases.ts";
import type { StoreSubject } from "./store/subject.ts";
import { TENANT_CASES } from "./store/tenant-cases.ts";
import { StoreWorld } from "./store/world.ts";

export type { StoreCase } from "./store/case.ts";
export type { StorePlace, StoreSubject } from "./store/subject.ts";

/** Every promise of the Store port. Planted faults must each fail at least one of them. */
export const STORE_CASES: readonly StoreCase[] = [
  ...COMMIT_CASES,
  ...LOG_CASES,
  ...VOLUME_CASES,
  ...CURSOR_CASES,
  ...NAME_CASES,
  ...REWIND_CASES,
  ...RECORD_CASES,
  ...RETENTION_CASES,
  ...SESSION_CASES,
  ...STORED_CASES,
  ...HANDLE_CASES,
  ...TENANT_CASES,
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
      const missing = missingFor(subject, one);
      const why = missing === undefined ? "" : ` (skipped: ${missing})`;
      test.skipIf(missing !== undefined)(`${one.promise}${why}`, () =>
        expect(runStoreCase(subject, one)).resolves.toBeUndefined(),
      );
    }
  });
}

/** Why a case does not apply to an adapter. */
function missingFor({ sessionsBesideWriter, features }: StoreSubject, { needs }: StoreCase): string | undefined {
  if (needs === "sessions-beside-writer" && !sessionsBesideWriter) return "sessions and the writer take turns here";
  if (needs === "tenants" && !features.tenants) return "it says that it does not keep rows of tenants apart";
  return needs === "sql" && features.handle !== "sql" ? "it has no SQL" : undefined;
}
