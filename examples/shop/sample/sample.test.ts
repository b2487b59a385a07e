import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { planFile } from "../replay/plan-file.ts";
import type { OrderStep, Plan } from "../replay/plan.ts";
import { sampleCsv } from "./generate.ts";

const file = join(import.meta.dirname, "orders.csv");

test("the file is what the generator writes (node examples/shop/sample/generate.ts)", () => {
  expect(readFileSync(file, "utf8")).toBe(sampleCsv());
});

test("it has what a replay must meet: cancellations with and without an order, guests, refused invoices", async () => {
  const plan = await planFile({ file, limit: Infinity });
  const orders = ordersOf(plan);
  const cancellations = plan.steps.filter((step) => step.kind === "cancel");
  expect(plan).toMatchObject({ invoices: 300, malformed: new Map() });
  expect(plan.rows).toBeGreaterThan(1_300);
  expect(plan.refused.get("no-positive-line")).toBeGreaterThan(3);
  expect(orders.filter(({ customerId }) => customerId === undefined).length).toBeGreaterThan(30);
  expect(cancellations.filter(({ candidates }) => candidates.length > 0).length).toBeGreaterThan(8);
  expect(cancellations.filter(({ candidates }) => candidates.length === 0).length).toBeGreaterThan(2);
});

test("two orders each cost the amounts at which the payment provider misbehaves, and stock suffices for them", async () => {
  const plan = await planFile({ file, limit: Infinity });
  const prices = new Map(plan.stock.map(({ sku, priceCents }) => [sku, priceCents]));
  const totals = ordersOf(plan).map(({ lines }) =>
    lines.reduce((sum, { sku, quantity }) => sum + quantity * prices.get(sku)!, 0),
  );
  for (const cents of [40201, 40202, 40203]) expect(totals.filter((total) => total === cents)).toHaveLength(2);

  const left = new Map(plan.stock.map(({ sku, quantity }) => [sku, quantity]));
  const lastSpecial = totals.findLastIndex((total) => total >= 40201 && total <= 40203);
  for (const { lines } of ordersOf(plan).slice(0, lastSpecial + 1)) {
    for (const { sku, quantity } of lines) left.set(sku, left.get(sku)! - quantity);
  }
  expect(Math.min(...left.values())).toBeGreaterThan(0);
});

const ordersOf = (plan: Plan): OrderStep[] => plan.steps.filter((step) => step.kind === "order");
