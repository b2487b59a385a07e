import { setImmediate as drained } from "node:timers/promises";
import { memory, memoryDisk } from "@banyan/core";
import { expect, test } from "vitest";
import { backoff } from "../context/index.ts";
import { application, billing, numbered, orders } from "./delivery-fixture.ts";
import { ByHand } from "./fixture.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

test("a lane with too many bytes parked fetches nothing new, also after a restart, and says so; with room again it reads on", async () => {
  const disk = memoryDisk();
  const failing = { on: true };
  const large = "a".repeat(1_000);
  const start = (): Promise<RuntimeWorld> => {
    const body = ({ id }: { id: string }): void => {
      if (failing.on && id === large) throw new Error("not yet");
    };
    const app = application(orders(), billing(body, { retry: backoff("1s", "1s", 1_000) }));
    return RuntimeWorld.started(app, {
      store: memory(disk),
      hand: new ByHand(drained),
      limits: { parkedBytes: 2_000, inFlight: 1 },
    });
  };
  const seen = async (it: RuntimeWorld): Promise<unknown[]> => Object.values(await it.rows("billing", "seen"));

  const first = await start();
  await first.reply("orders.place", numbered(large, large, "b"));
  expect(first.runtime.status).toMatchObject({ parked: 2, full: 1, fullOfBytes: 1 });
  expect(await first.runtime.delivery.subscriptions()).toMatchObject([{ fullOf: "bytes", behind: 1 }]);
  expect(await seen(first)).toEqual([]);
  await first.hand.value(first.runtime.stop());

  const second = await start();
  expect(second.runtime.status).toMatchObject({ parked: 2, full: 1, fullOfBytes: 1 });
  expect(await seen(second)).toEqual([]);
  failing.on = false;
  await second.hand.pass(5_000);
  expect(await seen(second)).toEqual([`${large}0`, `${large}1`, "b2"]);
  expect(second.runtime.status).toMatchObject({ parked: 0, full: 0, fullOfBytes: 0, lag: 0 });
});
