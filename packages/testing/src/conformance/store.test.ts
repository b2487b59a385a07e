import { memory, memoryDisk } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { runStoreCase, STORE_CASES, storeConformance, type StoreSubject } from "./store.ts";
import { BROKEN_STORES } from "./store/broken-stores.ts";
import { MODEL_CASES } from "./store/model-cases.ts";

const subject: StoreSubject = {
  name: "memory()",
  features: { name: "memory", handle: "tables", writers: 1, durable: false, tenants: true },
  sessionsBesideWriter: true,
  make: async () => {
    const disk = memoryDisk();
    return { store: async () => memory(disk), remove: async () => {} };
  },
};

storeConformance(subject);

// Sequences drawn at random find most of these too, but not in every run: a written case must.
const WRITTEN = STORE_CASES.filter((one) => !MODEL_CASES.includes(one) && one.needs !== "sql");

describe("the suite finds", () => {
  for (const [fault, breakStore] of Object.entries(BROKEN_STORES)) {
    test(`a store that ${fault}`, async () => {
      const broken: StoreSubject = { ...subject, name: fault, make: () => breakStore(subject) };
      const failed: string[] = [];
      for (const one of WRITTEN) await runStoreCase(broken, one).catch(() => failed.push(one.promise));
      expect(failed.length, "cases that notice").toBeGreaterThan(0);
      expect(failed.length, "cases that do not care").toBeLessThan(WRITTEN.length);
    });
  }
});
