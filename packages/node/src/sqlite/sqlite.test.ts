import { memoryDisk, type Store } from "@banyan/core";
import { storeConformance } from "@banyan/testing/conformance";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { openStore } from "./fixture.ts";
import { sqlite } from "./sqlite.ts";

storeConformance({
  name: "sqlite({ path })",
  features: { name: "sqlite", handle: "sql", writers: 1, durable: true, tenants: true },
  sessionsBesideWriter: true,
  make: async () => {
    const path = mkdtempSync(join(tmpdir(), "banyan-store-"));
    let last: Store | undefined;
    const store = async (): Promise<Store> => {
      // a process that really dies is in crash.test.ts; here the connection is cut in the middle of whatever it did
      await last?.close();
      return (last = sqlite({ path }));
    };
    return { store, remove: async () => rmSync(path, { recursive: true }) };
  },
});

storeConformance({
  name: "sqlite({ memory })",
  features: { name: "sqlite", handle: "sql", writers: 1, durable: false, tenants: true },
  sessionsBesideWriter: false,
  make: async () => {
    const memory = memoryDisk();
    return { store: async () => sqlite({ memory }), remove: async () => {} };
  },
});

test("a disk in memory that is ended closes its database", async () => {
  const memory = memoryDisk();
  await openStore({ memory });
  const db = memory.take({}, "SQLite", () => expect.fail("the disk is empty")) as DatabaseSync;
  memory[Symbol.dispose]();
  expect(db.isOpen).toBe(false);
});
