import { setImmediate as drained } from "node:timers/promises";
import { memory } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { anyone, app, context, tables } from "../context/index.ts";
import { command } from "../contract/index.ts";
import { refuse } from "../error/index.ts";
import { sha256, canonicalJson } from "../hash/index.ts";
import type { CommandRecord, Store } from "../ports/index.ts";
import { ByHand } from "./fixture.ts";
import { over } from "./over.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

const Place = command("orders.place", {
  input: z.object({ orderId: z.string() }),
  output: z.object({ by: z.string() }),
});
const input = { orderId: "1" };
const key = { idempotencyKey: "k" };

/** What another process has recorded under the same key, for this input or another one. */
function theirs(outcome: CommandRecord["outcome"], body: object, of: unknown = input): CommandRecord {
  const scope = { tenant: "default", principal: "guest", operation: "orders.place", key: "k" };
  const expires = Number.MAX_SAFE_INTEGER;
  return {
    ...scope,
    digest: sha256(canonicalJson(of)),
    commandId: "theirs",
    outcome,
    body: JSON.stringify(body),
    at: 0,
    expires,
  };
}

/** A store on which another process commits a record just after this one has looked whether there is any. */
function outrunning(store: Store, record: CommandRecord): Store {
  let looked = false;
  const recall: Store["recall"] = async (scope) => {
    if (looked) return store.recall(scope);
    looked = true;
    const transaction = await store.begin();
    await transaction.remember(record);
    await transaction.commit();
    return undefined;
  };
  return over(store, { recall });
}

async function world(record: CommandRecord, refusal?: Error): Promise<RuntimeWorld> {
  const orders = context("orders", { contract: { Place }, tx: tables() });
  orders.handle(Place, { allow: anyone() }, async (_, { tx }) => {
    await tx.table("effect").set("1", "ours");
    if (refusal !== undefined) throw refusal;
    return { by: "us" };
  });
  const store = outrunning(memory(), record);
  return RuntimeWorld.started(app({ contexts: [orders] }), { store, hand: new ByHand(drained) });
}

const result = { answer: "ok", value: { by: "them" } };
const refused = { code: "sold-out", kind: "conflict", message: "None is left.", remedy: "" };

describe.each([
  ["that succeeds", undefined],
  ["that is refused for good", refuse("declined", "No money.")],
])("an execution %s, and that another process outran", (_, refusal) => {
  test("changes nothing and gives the other's answer", async () => {
    const it = await world(theirs("result", result), refusal);
    expect(await it.reply("orders.place", input, key)).toMatchObject({
      ...result,
      commandId: "theirs",
      replayed: true,
    });
    expect(await it.rows("orders", "effect")).toEqual({});
  });

  test("gives the other's refusal", async () => {
    const it = await world(theirs("error", refused), refusal);
    expect(await it.refusal("orders.place", input, key)).toMatchObject({ ...refused, retry: "never" });
    expect(await it.rows("orders", "effect")).toEqual({});
  });

  test("is refused where the other had another input", async () => {
    const it = await world(theirs("result", result, { orderId: "2" }), refusal);
    expect(await it.refusal("orders.place", input, key)).toMatchObject({ code: "idempotency-key-reused" });
    expect(await it.rows("orders", "effect")).toEqual({});
  });
});

test("a repeat is not refused because a request with another input happens to have its key", async () => {
  const orders = context("orders", { contract: { Place }, tx: tables() });
  orders.handle(Place, { allow: anyone(), before: async () => {} }, () => ({ by: "us" }));
  const application = app({ contexts: [orders] });
  const it = await RuntimeWorld.started(application, { store: memory(), hand: new ByHand(drained) });
  const first = await it.reply("orders.place", input, key);
  const other = it.ask("orders.place", { orderId: "2" }, key);
  const repeat = it.ask("orders.place", input, key);
  expect(await it.hand.value(repeat)).toEqual({ ...first, replayed: true });
  await expect(other).rejects.toMatchObject({ code: "idempotency-key-reused" });
});
