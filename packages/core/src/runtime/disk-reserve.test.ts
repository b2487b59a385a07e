import { setImmediate as drained } from "node:timers/promises";
import { memory } from "@banyan/core";
import { expect, test } from "vitest";
import { application, billing, numbered, orders } from "./delivery-fixture.ts";
import { reserveOf } from "./disk-reserve.ts";
import { ByHand } from "./fixture.ts";
import { over } from "./over.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

const GIB = 1024 ** 3;

test.each([
  [1, 64 / 1_024],
  [20, 0.2],
  [2_000, 1],
])("of a disk of %i GiB, %f GiB are kept", (total, kept) => {
  expect(reserveOf({ free: 0, total: total * GIB })).toBeCloseTo(kept * GIB, -1);
});

test("commands are refused before the disk is full, and taken again by themselves; what was accepted is delivered meanwhile", async () => {
  const store = memory();
  const disk = { free: 10 * GIB, total: 100 * GIB };
  let looks = 0;
  const space = async (): Promise<typeof disk> => (looks++, { ...disk });
  const it = await RuntimeWorld.started(application(orders(), billing()), {
    store: over(store, { space }),
    hand: new ByHand(drained),
  });
  for (let i = 0; i < 20; i++) await it.reply("orders.place", numbered("a"));
  expect(looks).toBe(1);
  disk.free = 0.9 * GIB;
  await it.hand.pass(1_000);
  // it is admitted by what was known, and looked at again when it has its turn
  expect((await it.refusal("orders.place", numbered("b"))).code).toBe("disk-low");
  const refused = await it.refusal("orders.place", numbered("c"));
  expect(refused).toMatchObject({ code: "disk-low", retry: "later", retryAfterMs: 2_000 });
  expect(refused.message).toContain("922MiB are free");
  expect(it.runtime.status).toMatchObject({ diskLow: true, state: "ready", lag: 0 });
  await it.reply("orders.place", numbered("d"), { nested: true });
  expect(Object.keys(await it.rows("billing", "seen"))).toHaveLength(21);
  disk.free = 2 * GIB;
  expect((await it.refusal("orders.place", numbered("e"))).code).toBe("disk-low");
  await it.hand.pass(1_000);
  await it.reply("orders.place", numbered("e"));
  expect(it.runtime.status.diskLow).toBe(false);
});

test("a store that cannot say how much room there is refuses nobody", async () => {
  const store = memory();
  const space = async (): Promise<never> => {
    throw new Error("not now");
  };
  const options = { store: over(store, { space }), hand: new ByHand(drained) };
  const it = await RuntimeWorld.started(application(orders(), billing()), options);
  await it.reply("orders.place", numbered("a"));
  expect(it.runtime.status.diskLow).toBe(false);
});
