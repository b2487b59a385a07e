import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { entry, openStore, sqlOf, temporaryFolder } from "./fixture.ts";

const MIB = 1024 * 1024;

test(
  "the write-ahead log stays bounded under continuous writing, with readers coming and going",
  { timeout: 40_000 },
  async () => {
    using folder = temporaryFolder();
    await using opened = await openStore({ path: folder.path });
    const { store } = opened;
    let written = 0;
    let largest = 0;
    let session = await store.session("orders");
    for (let i = 0; written < 160 * MIB; i++) {
      const entries = Array.from({ length: 64 }, (_, n) => entry(`${i}-${n}`, "x".repeat(4_000)));
      const transaction = await store.begin();
      await transaction.append("orders", entries);
      await transaction.commit();
      written += 64 * 4_000;
      largest = Math.max(largest, statSync(join(folder.path, "banyan.db-wal")).size);
      if (i % 20 === 0) await sqlOf(session).execute("SELECT count(*) FROM orders_row");
      if (i % 20 === 10) {
        await session.end();
        session = await store.session("orders");
      }
      // the event loop turns between two batches, as it does in a process
      await new Promise((resolve) => setImmediate(resolve));
    }
    await session.end();
    expect(largest).toBeLessThanOrEqual(64 * MIB);
    // and it is the log that was bounded, not the writing: it all went through it
    expect(statSync(join(folder.path, "banyan.db")).size).toBeGreaterThan(100 * MIB);
  },
);

test("a closed store leaves no log behind", async () => {
  using folder = temporaryFolder();
  const { store } = await openStore({ path: folder.path });
  const transaction = await store.begin();
  await transaction.append("orders", [entry("a")]);
  await transaction.commit();
  await store.close();
  expect(statSync(join(folder.path, "banyan.db-wal"), { throwIfNoEntry: false })?.size ?? 0).toBe(0);
});
