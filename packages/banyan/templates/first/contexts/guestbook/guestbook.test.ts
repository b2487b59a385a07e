import { deepEqual } from "node:assert/strict";
import { test } from "node:test";
import { scenario } from "@banyan/testing";
import { sqlite } from "banyan";
import { ListVisitors, Sign, Signed } from "./contract.ts";
import { guestbook } from "./index.ts";

test("a visit is counted once everything that follows from it has come to rest", async () => {
  const world = await scenario.context(guestbook, { store: (overrides) => sqlite({ memory: true, overrides }) });
  try {
    await world.when(Sign, { name: "Ada", message: "Hello!" });
    await world.when(Sign, { name: "Ada" });
    world.expectEvent(Signed, { name: "Ada" });
    deepEqual(await world.ask(ListVisitors, {}), { items: [{ name: "Ada", visits: 2 }] });
  } finally {
    await world.stop();
  }
});
