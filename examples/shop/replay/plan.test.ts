import { expect, test } from "vitest";
import { linesPerOrder, type OrderStep, type Plan, Planner } from "./plan.ts";
import type { Row } from "./row.ts";

type Brief = [invoice: string, sku: string, quantity: number, cents: number, customerId?: string];

function planOf(rows: readonly Brief[], limit?: number): Plan {
  const planner = new Planner(limit);
  for (const [index, [invoice, sku, quantity, cents, customerId]] of rows.entries()) {
    const row: Row = { invoice, sku, quantity, cents, atMs: index * 1_000, customerId };
    planner.add({ line: index + 2, row });
  }
  return planner.finish();
}

const orders = (plan: Plan): OrderStep[] => plan.steps.filter((step) => step.kind === "order");

/** Invoice numbers of the orders that each cancellation may mean. */
const candidates = (plan: Plan): string[][] =>
  plan.steps.flatMap((step) => (step.kind === "cancel" ? [step.candidates.map(({ invoice }) => invoice)] : []));

test("rows of one invoice are one order; repeated SKUs are summed, worthless lines left out", () => {
  const plan = planOf([
    ["1", "A", 2, 100, "7"],
    ["1", "B", 1, 50, "7"],
    ["1", "A", 3, 100, "7"],
    ["1", "C", 4, 0, "7"],
    ["1", "D", -1, 100, "7"],
  ]);
  expect(orders(plan)).toMatchObject([
    {
      invoice: "1",
      customerId: "7",
      lines: [
        { sku: "A", quantity: 5 },
        { sku: "B", quantity: 1 },
      ],
    },
  ]);
  expect(plan).toMatchObject({ rows: 5, invoices: 1 });
});

test("an invoice keeps its place when more of its rows come later", () => {
  const plan = planOf([
    ["1", "A", 1, 100],
    ["2", "A", 1, 100],
    ["1", "B", 1, 100],
  ]);
  expect(orders(plan).map(({ invoice, lines }) => [invoice, lines.length])).toEqual([
    ["1", 2],
    ["2", 1],
  ]);
});

test("order ids come from the invoice number and are UUIDs", () => {
  const [first, second] = orders(
    planOf([
      ["1", "A", 1, 100],
      ["2", "A", 1, 100],
    ]),
  );
  expect(first?.orderId).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(first?.orderId).not.toBe(second?.orderId);
  expect(
    orders(
      planOf([
        ["9", "B", 1, 1],
        ["1", "Z", 7, 3],
      ]),
    )[1]?.orderId,
  ).toBe(first?.orderId);
});

test("stock is nine tenths of the demand, rounded down, at the first price seen", () => {
  const plan = planOf([
    ["1", "A", 7, 100],
    ["2", "A", 4, 250],
    ["C3", "A", -4, 90],
    ["4", "B", 1, 30],
  ]);
  expect(plan.stock).toEqual([
    { sku: "A", quantity: 9, priceCents: 100 },
    { sku: "B", quantity: 0, priceCents: 30 },
  ]);
});

test("the limit counts invoices in file order, cancellations and refused ones included", () => {
  const rows: Brief[] = [
    ["1", "A", 1, 100, "7"],
    ["C2", "A", -1, 100, "7"],
    ["3", "A", -5, 0],
    ["4", "B", 9, 1],
    ["1", "C", 1, 5],
  ];
  const plan = planOf(rows, 3);
  expect(plan).toMatchObject({ invoices: 3, rows: 4, refused: new Map([["no-positive-line", 1]]) });
  expect(plan.steps.map(({ invoice }) => invoice)).toEqual(["1", "C2"]);
  expect(orders(plan)[0]?.lines.map(({ sku }) => sku)).toEqual(["A", "C"]);
  expect(plan.stock.map(({ sku }) => sku)).toEqual(["A", "C"]);
});

test("a cancellation may mean the customer's earlier orders that have all its SKUs, latest first", () => {
  const plan = planOf([
    ["1", "A", 1, 100, "7"],
    ["1", "B", 1, 100, "7"],
    ["2", "A", 1, 100, "7"],
    ["3", "A", 1, 100, "8"],
    ["C4", "A", -1, 100, "7"],
    ["C5", "A", -1, 100, "7"],
    ["C5", "B", -1, 100, "7"],
    ["C6", "A", -1, 100],
    ["C7", "X", -1, 100, "7"],
    ["8", "A", 1, 100, "7"],
  ]);
  expect(candidates(plan)).toEqual([["2", "1"], ["1"], [], []]);
});

test("an order of too many lines is not sent", () => {
  const rows = (count: number): Brief[] => Array.from({ length: count }, (_, index) => ["1", `S${index}`, 1, 100]);
  expect(planOf(rows(linesPerOrder)).steps).toHaveLength(1);
  const plan = planOf(rows(linesPerOrder + 1));
  expect(plan).toMatchObject({ steps: [], stock: [], refused: new Map([["too-many-lines", 1]]) });
});

test("malformed rows are counted by code with the line of the first", () => {
  const planner = new Planner();
  planner.add({ line: 3, flaw: "price-invalid" });
  planner.add({ line: 5, flaw: "price-invalid" });
  planner.add({ line: 8, flaw: "column-count" });
  expect(Object.fromEntries(planner.finish().malformed)).toEqual({
    "price-invalid": { count: 2, firstLine: 3 },
    "column-count": { count: 1, firstLine: 8 },
  });
});
