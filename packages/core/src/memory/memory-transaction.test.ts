import { expect, test } from "vitest";
import type { CommandRecord } from "../ports/index.ts";
import { MemoryData } from "./memory-data.ts";
import { memoryDisk } from "./memory-disk.ts";
import { memory } from "./memory.ts";

function record(key: string, expires: number): CommandRecord {
  const scope = { tenant: "", principal: "guest", operation: "orders.place", key };
  return { ...scope, digest: "d", commandId: key, outcome: "result", body: "{}", at: 0, expires };
}

test("records of commands that have expired do not stay, whatever comes in", async () => {
  const disk = memoryDisk();
  const store = memory(disk);
  let now = 0;
  await store.open({ contexts: [], now: () => now, newId: () => "id" });
  let kept = 0;
  for (let day = 0; day < 10; day++) {
    now = day * 1_000;
    const transaction = await store.begin();
    for (let i = 0; i < 100; i++) await transaction.remember(record(`${day}-${i}`, now + 1_000));
    await transaction.commit();
    kept = disk.take({}, "memory", () => new MemoryData()).commands.size;
    disk.take(store, "memory", () => new MemoryData());
    expect(kept).toBeLessThanOrEqual(200);
  }
  expect(kept).toBe(100);
});
