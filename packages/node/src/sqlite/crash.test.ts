import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { inSession, openStore, otherProcess, outputOf, temporaryFolder } from "./fixture.ts";

/** Commits entries with a row each, as fast as it can, and prints each number once it is acknowledged. */
const writing = (path: string): string => `
  const { store } = await fixture.openStore({ path: ${JSON.stringify(path)} });
  const { through } = await store.fetch({ source: "orders", after: 0, limit: 1, types: [] });
  for (let i = 1; i < 100_000; i++) {
    const id = \`\${process.pid}-\${i}\`;
    const transaction = await store.begin();
    await transaction.append("orders", [fixture.entry(id, "x".repeat(3_000))]);
    const unit = transaction.unit("orders", "orders.write");
    await unit.raw.execute("INSERT INTO orders_row VALUES (?, ?)", [id, "y".repeat(3_000)]);
    unit.end();
    try {
      await transaction.commit();
    } catch (error) {
      console.log("failed " + error.code);
      console.log("then " + await store.begin().then(() => "begun", (next) => next.code));
      process.exit(3);
    }
    process.stdout.write(id + "\\n");
  }`;

test(
  "every acknowledged commit is there after kill -9 in the middle of writing, whole, and in order",
  { timeout: 30_000 },
  async () => {
    using folder = temporaryFolder();
    const acknowledged: string[] = [];
    for (let round = 0; round < 4; round++) {
      const child = otherProcess(writing(folder.path));
      const killAt = acknowledged.length + 20 + round * 37;
      for await (const id of createInterface({ input: child.stdout! })) {
        acknowledged.push(id);
        if (acknowledged.length === killAt) child.kill("SIGKILL");
      }
      const { store } = await openStore({ path: folder.path });
      const kept = await everyId(store);
      const rows = await inSession(
        store,
        async (sql) => (await sql.execute("SELECT key FROM orders_row ORDER BY rowid")).rows,
      );
      expect(rows.map(({ key }) => key)).toEqual(kept);
      const lost = acknowledged.filter((id) => !kept.includes(id));
      expect(lost).toEqual([]);
      // at most the one that was committed, but not yet printed, in each round
      expect(kept.length - acknowledged.length).toBeLessThanOrEqual(round + 1);
      expect(kept.filter((id) => acknowledged.includes(id))).toEqual(acknowledged);
      await store.close();
    }
  },
);

/** A file that may not grow makes writes fail at any place, COMMIT among them. */
test.skipIf(process.platform === "win32")(
  "a store whose disk fails in a commit refuses all else, and the next start has what was acknowledged",
  async () => {
    using folder = temporaryFolder();
    const said = (await outputOf(otherProcess(writing(folder.path), "ulimit -f 1000"))).trim().split("\n");
    expect(said.slice(-2)).toEqual(["failed store-failed", "then store-failed"]);
    const acknowledged = said.slice(0, -2);
    expect(acknowledged.length).toBeGreaterThan(5);
    await using opened = await openStore({ path: folder.path });
    const kept = await everyId(opened.store);
    expect(kept.slice(0, acknowledged.length)).toEqual(acknowledged);
    expect(kept.length - acknowledged.length).toBeLessThanOrEqual(1);
  },
);

async function everyId(store: Awaited<ReturnType<typeof openStore>>["store"]): Promise<string[]> {
  const ids: string[] = [];
  for (let after = 0; ;) {
    const { entries, through } = await store.fetch({ source: "orders", after, limit: 500, types: ["orders.placed"] });
    ids.push(...entries.map(({ id }) => id));
    if (through <= after) return ids;
    after = through;
  }
}
