import { statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test, vi } from "vitest";
import { Checkpointer } from "./checkpointer.ts";
import { openDatabase } from "./connection.ts";
import { entry, openStore, placeRow, sqlOf, temporaryFolder } from "./fixture.ts";

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

test("a read that goes on for an hour keeps its view; that the log grows meanwhile is said, and it starts over when the read ends", async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, "a.db");
  const db = openDatabase(file);
  db.exec("CREATE TABLE filling (bytes BLOB)");
  const warnings: string[] = [];
  const data = { file, policies: new Map(), caps: { rows: 0, bytes: 0 } };
  const checkpoints = new Checkpointer(db, data, { warn: (message) => void warnings.push(message), warnPages: 2_000 });
  const insert = db.prepare("INSERT INTO filling VALUES (zeroblob(60000))");
  const writeFor = async (commits: number): Promise<void> => {
    for (let i = 0; i < commits; i++) {
      checkpoints.between();
      insert.run();
      checkpoints.committed();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  {
    using reader = new DatabaseSync(file, { readOnly: true });
    const seen = (): unknown => reader.prepare("SELECT count(*) AS n FROM filling").get()?.["n"];
    reader.exec("BEGIN");
    const before = seen();
    await writeFor(800);
    expect(seen()).toBe(before);
    expect(warnings.map((words) => Number(/has (\d+) MiB/.exec(words)?.[1]) >> 3)).toEqual([1, 2, 4]);
    reader.exec("COMMIT");
  }
  const grown = statSync(`${file}-wal`).size;
  expect(grown).toBeGreaterThan(40 * MIB);
  await writeFor(800);
  expect(statSync(`${file}-wal`).size).toBeLessThan(grown + 16 * MIB);
  await checkpoints.close();
  db.close();
});

test("what is committed is told as committed, also where looking at the log behind it fails", async () => {
  using folder = temporaryFolder();
  await using opened = await openStore({ path: folder.path });
  const look = vi.spyOn(Checkpointer.prototype, "committed").mockImplementation(() => {
    throw new Error("disk I/O error");
  });
  try {
    await placeRow(opened.store, "a");
    expect(look).toHaveBeenCalled();
  } finally {
    look.mockRestore();
  }
  const { entries } = await opened.store.fetch({ source: "orders", after: 0, limit: 9, types: ["orders.placed"] });
  expect(entries.map(({ id }) => id)).toEqual(["a"]);
});
