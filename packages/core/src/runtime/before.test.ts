import { setImmediate as drained } from "node:timers/promises";
import { memory } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { anyone, app, context, roles, tables, type Context } from "../context/index.ts";
import { command, query, type OperationContract } from "../contract/index.ts";
import type { TablesHandle } from "../ports/index.ts";
import { deferred } from "./deferred.ts";
import { ByHand } from "./fixture.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

const Input = z.object({ sku: z.string() });
const Place = command("orders.place", { input: Input, output: z.object({ cents: z.int() }) });
const GetOrder = query("orders.get", { input: Input, output: z.object({ cents: z.int() }) });
const GetPrice = query("stock.get-price", {
  input: Input,
  output: z.object({ cents: z.int().default(7), at: z.string().optional() }),
});
const GetSecret = query("stock.get-secret", { input: Input, output: Input });
const Restock = command("stock.restock", { input: Input });

interface Tools {
  readonly call: (what: OperationContract, input: unknown) => Promise<unknown>;
  readonly read: TablesHandle;
  readonly principal: { readonly id: string };
}
type Before = (input: { sku: string }, tools: Tools) => unknown;

interface Given {
  readonly price?: (input: { sku: string }, tools: Tools) => unknown;
  readonly body?: (input: { sku: string }, tools: { tx: TablesHandle; before: unknown }) => unknown;
}

/** "orders", whose command runs `before`, and "stock", which it may ask for prices. */
async function world(before: Before, { price = () => ({ cents: 5 }), body }: Given = {}): Promise<RuntimeWorld> {
  const orders = context("orders", { contract: { Place, GetOrder }, tx: tables(), uses: [GetPrice, Restock] });
  const answer = (_input: unknown, tools: { before: unknown }): unknown => tools.before;
  orders.handle(Place, { allow: anyone(), before } as never, (body ?? answer) as never);
  orders.answer(GetOrder, { allow: anyone() }, before as never);
  const stock = context("stock", { contract: { GetPrice, GetSecret, Restock }, tx: tables() });
  stock.answer(GetPrice, { allow: roles("context") }, price as never);
  stock.answer(GetSecret, { allow: anyone() }, (input) => input);
  stock.handle(Restock, { allow: anyone() }, () => {});
  const application = app({ contexts: [orders, stock] as readonly Context[] });
  return RuntimeWorld.started(application, { store: memory(), hand: new ByHand(drained) });
}

const input = { sku: "a" };

describe("a call", () => {
  test("goes to the context that owns the operation, as the calling context, in the same flow and tenant", async () => {
    const seen: unknown[] = [];
    const it = await world((_, { call }) => call(GetPrice, input), {
      price: (_, { principal, ...tools }) => {
        seen.push({ principal, tenant: (tools as { tenant?: string }).tenant });
        return { cents: 5 };
      },
    });
    const by = { who: "user:1", tenant: "acme" };
    expect((await it.reply("orders.place", input, by)).value).toEqual({ cents: 5 });
    const principal = { id: "context:orders", roles: ["context"], tenants: ["acme"] };
    expect(seen).toEqual([{ principal, tenant: "acme" }]);
  });

  test("passes what a wire would: the answer is JSON, read by the caller's schema", async () => {
    const answers: unknown[] = [];
    const before: Before = async (_, { call }) => {
      answers.push(await call(GetPrice, input));
      return answers[0];
    };
    const it = await world(before, { price: () => ({ at: undefined }) });
    await it.reply("orders.place", input);
    expect(answers).toEqual([{ cents: 7 }]);
    expect(answers[0]).not.toHaveProperty("at");
  });

  test("that `uses` does not list is refused at its first use", async () => {
    const it = await world((_, { call }) => call(GetSecret, input));
    for (const operation of ["orders.place", "orders.get"]) {
      const refused = await it.refusal(operation, input);
      expect(refused).toMatchObject({ code: "call-undeclared", kind: "internal" });
      expect(refused.message).toBe('"orders" calls "stock.get-secret", which its `uses` does not list.');
    }
  });

  test("of a command is refused where only queries may be called", async () => {
    const it = await world((_, { call }) => call(Restock, input));
    for (const operation of ["orders.place", "orders.get"]) {
      expect(await it.refusal(operation, input)).toMatchObject({ code: "call-command-in-before" });
    }
  });

  test("of its own query needs no `uses`", async () => {
    let depth = 0;
    const it = await world((_, { call }) => (depth++ === 0 ? call(GetOrder, input) : { cents: 3 }));
    expect((await it.reply("orders.place", input)).value).toEqual({ cents: 3 });
  });

  test("that is refused passes the refusal on", async () => {
    const it = await world((_, { call }) => call(GetPrice, { sku: 1 }));
    expect(await it.refusal("orders.place", input)).toMatchObject({ code: "input-invalid" });
  });
});

describe("`before`", () => {
  test("runs beside others and outside the transaction, and hands its result to the body", async () => {
    const gate = deferred<void>();
    const log: string[] = [];
    const it = await world(
      async ({ sku }) => {
        log.push(`before ${sku}`);
        if (sku === "slow") await gate.promise;
        return { cents: 1 };
      },
      {
        body: ({ sku }, tools) => {
          log.push(`body ${sku}`);
          return tools.before;
        },
      },
    );
    const slow = it.ask("orders.place", { sku: "slow" });
    expect(await it.reply("orders.place", { sku: "quick" })).toMatchObject({ value: { cents: 1 } });
    gate.resolve();
    await it.hand.value(slow);
    expect(log).toEqual(["before slow", "before quick", "body quick", "body slow"]);
  });

  test("has a limit, after which the caller is told to ask again and nothing has run", async () => {
    const it = await world(() => new Promise(() => {}), { body: () => expect.unreachable() });
    const asked = it.ask("orders.place", input);
    await it.hand.pass(29_999);
    expect(await it.hand.outcome(asked)).toBe("pending");
    await it.hand.pass(1);
    expect(await it.hand.outcome(asked)).toMatchObject({
      error: {
        code: "before-timeout",
        retry: "later",
        message: 'before of "orders.place" did not end within 30000 ms.',
      },
    });
  });

  test("of a query is its body, with the same limit", async () => {
    const it = await world(() => new Promise(() => {}));
    const asked = it.ask("orders.get", input);
    await it.hand.pass(30_000);
    expect(await it.hand.outcome(asked)).toMatchObject({ error: { code: "before-timeout" } });
  });

  test("sees one consistent view of the tables, and cannot write", async () => {
    const gate = deferred<void>();
    const it = await world(
      async ({ sku }, { read }) => {
        const first = await read.table("order").get("x");
        if (sku === "slow") await gate.promise;
        const second = await read.table("order").get("x");
        const refused = await read
          .table("order")
          .set("x", 1)
          .catch((error: { code: string }) => error.code);
        return { first: first ?? null, second: second ?? null, refused };
      },
      {
        body: async ({ sku }, { tx, before }) => {
          await tx.table("order").set("x", sku);
          await tx.table("seen").set(sku, before);
          return { cents: 0 };
        },
      },
    );
    const slow = it.ask("orders.place", { sku: "slow" });
    await it.reply("orders.place", { sku: "quick" });
    gate.resolve();
    await it.hand.value(slow);
    const nothing = { first: null, second: null, refused: "not-in-unit" };
    expect(await it.rows("orders", "seen")).toEqual({ quick: nothing, slow: nothing });
  });

  test("keeps no `read` beyond its end", async () => {
    const kept: TablesHandle[] = [];
    const it = await world((_, { read }) => {
      kept.push(read);
      return { cents: 0 };
    });
    await it.reply("orders.place", input);
    await it.reply("orders.get", input);
    for (const read of kept) await expect(read.table("order").get("x")).rejects.toMatchObject({ code: "handle-dead" });
    expect(kept).toHaveLength(2);
  });
});
