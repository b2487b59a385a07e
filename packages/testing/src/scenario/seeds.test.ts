import { anyone, app, command, context, event, memory, query, roles, tables, type Seeds } from "@banyan/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { scenario } from "./scenario.ts";

const item = z.object({ sku: z.string(), quantity: z.int() });
const StockSet = event("stock.stock-set", { version: 1, key: "sku", data: item });
const Counted = event("stock.counted", { version: 1, key: "sku", data: item });
const SetStock = command("stock.set-stock", { input: item });
const GetStock = query("stock.get-stock", { input: z.object({ sku: z.string() }), output: z.object({ n: z.int() }) });

/** Whoever sets stock has it counted by a subscription. */
function shop(seeds: Seeds) {
  const stock = context("stock", { contract: { StockSet, Counted, SetStock, GetStock }, tx: tables() });
  stock.handle(SetStock, { allow: roles("clerk") }, async (input, { tx, emit }) => {
    await tx.table<number>("stock").set(input.sku, input.quantity);
    emit(StockSet, input);
  });
  stock.on(StockSet, { name: "count", from: "start" }, ({ data }, { emit }) => emit(Counted, data));
  stock.answer(GetStock, { allow: anyone() }, async ({ sku }, { read }) => {
    return { n: (await read.table<number>("stock").get(sku)) ?? 0 };
  });
  return app({ contexts: [stock], seeds });
}

const mugs: Seeds = ({ send }) => send(SetStock, { sku: "mug", quantity: 3 });
const clerk = { id: "ann", roles: ["clerk"] };

// #region seeds
test("a scenario begins with the seeds, and they count as given", async () => {
  const test = await scenario(shop(mugs), { store: () => memory(), seeds: true });
  expect(await test.ask(GetStock, { sku: "mug" })).toEqual({ n: 3 });
  test.expectNoEvent(StockSet);
  test.expectNoEvent(Counted);
  await test.when(SetStock, { sku: "cup", quantity: 1 }, { principal: clerk });
  test.expectEvent(Counted, { sku: "cup" });
  await test.stop();
});
// #endregion

test("without being asked it begins with nothing", async () => {
  const test = await scenario(shop(mugs), { store: () => memory() });
  expect(await test.ask(GetStock, { sku: "mug" })).toEqual({ n: 0 });
  await test.stop();
});

test("a seed that is refused fails the start of the scenario", async () => {
  const wrong: Seeds = ({ send }) => send(SetStock, { sku: "mug", quantity: 0.5 });
  await expect(scenario(shop(wrong), { store: () => memory(), seeds: true })).rejects.toMatchObject({
    code: "seed-failed",
    message: expect.stringContaining('Seed 1, "stock.set-stock", failed: input-invalid'),
  });
});
