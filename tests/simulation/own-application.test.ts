import { anyone, app, command, context, event, isBanyanError, needs, query, tables, type App } from "@banyan/core";
import { NO_FAULTS, simulate, type Client, type SimulateOptions } from "@banyan/testing";
import { expect, test } from "vitest";
import { z } from "zod";

const order = z.object({ orderId: z.string() });
const PlaceOrder = command("sales.place", { input: order });
const OrderPlaced = event("sales.placed", { version: 1, key: "orderId", data: order });
const Paid = query("sales.paid", { input: z.object({}), output: z.object({ orders: z.int() }) });

interface Provider {
  charge(orderId: string, key?: string): Promise<string>;
}

function salesOf() {
  const sales = context("sales", {
    contract: { PlaceOrder, OrderPlaced, Paid },
    tx: tables(),
    ports: needs<{ provider: Provider }>("provider"),
  });
  sales.handle(PlaceOrder, { allow: anyone() }, ({ orderId }, { emit }) => emit(OrderPlaced, { orderId }));
  sales.answer(Paid, { allow: anyone() }, async (_input, { read }) => {
    return { orders: (await read.table("paid").entries()).length };
  });
  return sales;
}

/** What the provider has booked in this run. */
let charges: { orderId: string; key: string | undefined }[] = [];

// #region application
/** Charges for each order that was placed: but who says that `before` runs once? */
function careless(): App {
  const sales = salesOf();
  sales.on(
    OrderPlaced,
    { name: "pay", from: "start", before: ({ data }, { ports }) => ports.provider.charge(data.orderId) },
    ({ data }, { tx, before: chargeId }) => tx.table("paid").set(data.orderId, chargeId),
  );
  return withProvider(sales);
}

/** The mended one: `once` remembers the outcome, and its key lets the provider recognise a repeat. */
function careful(): App {
  const sales = salesOf();
  sales.on(
    OrderPlaced,
    {
      name: "pay",
      from: "start",
      before: ({ data }, { ports, once }) =>
        once("charge", { idempotent: true }, ({ key }) => ports.provider.charge(data.orderId, key)),
    },
    ({ data }, { tx, before: chargeId }) => tx.table("paid").set(data.orderId, chargeId),
  );
  return withProvider(sales);
}
// #endregion

// #region provider
/** The provider lies outside what crashes, so it begins anew with each run. It honours keys. */
function withProvider(sales: ReturnType<typeof salesOf>): App {
  charges = [];
  const provider: Provider = {
    charge: async (orderId, key) => {
      const known = charges.findIndex((charge) => key !== undefined && charge.key === key);
      if (known >= 0) return `charge-${known}`;
      charges.push({ orderId, key });
      return `charge-${charges.length - 1}`;
    },
  };
  return app({ contexts: [sales], ports: () => ({ sales: { provider } }) });
}
// #endregion

// #region simulate
async function buyer(client: Client): Promise<void> {
  for (let n = 1; n <= 5; n++) {
    await client.command(PlaceOrder, { orderId: `${client.name}/${n}` });
    await client.sleep(client.random.u32() % 1_000);
  }
}

const sold: SimulateOptions = {
  seeds: 100,
  workload: [buyer, buyer, buyer],
  invariants: async ({ client }) => {
    const paid = await client.query(Paid, {});
    const orders = paid.ok ? paid.value.orders : 0;
    return charges.length === orders ? [] : [`${orders} orders were paid with ${charges.length} charges`];
  },
};

test("an order is charged once, whatever crashes", { timeout: 60_000 }, async () => {
  expect(await simulate(careful, sold)).toMatchObject({ seeds: 100 });
});
// #endregion

test("the charge that is repeated is found, with a smaller run that repeats", { timeout: 60_000 }, async () => {
  const failure: unknown = await simulate(careless, sold).catch((error: unknown) => error);
  if (!isBanyanError(failure)) throw new Error("The mistake was not found.");
  expect(failure.code).toBe("simulation-failed");
  const { seed, smaller } = failure.details as {
    seed: number;
    smaller: { faults: (keyof typeof NO_FAULTS)[]; clients: number[]; of: number };
  };
  expect(failure.message).toContain(`from: ${seed}, seeds: 1`);
  expect(failure.message).toContain("orders were paid with");
  expect(smaller.of).toBe(3);
  expect(smaller.faults.length).toBeGreaterThan(0);
  expect(smaller.faults.length).toBeLessThan(4);
  // a run repeats, and what keeps it small is not needed either
  const kept = { ...sold, from: seed, seeds: 1 };
  await expect(simulate(careless, kept)).rejects.toMatchObject({ code: "simulation-failed" });
  await simulate(careless, { ...kept, faults: NO_FAULTS });
});

// #region permanent
test("seed 1 found a charge that was repeated", async () => {
  expect(await simulate(careful, { ...sold, from: 1, seeds: 1 })).toMatchObject({ seeds: 1 });
});
// #endregion

test("a hundred seeds without what must have happened prove nothing", { timeout: 60_000 }, async () => {
  const idle: SimulateOptions = { seeds: 100, workload: [], mustHappen: ["a miracle"] };
  await expect(simulate(careful, idle)).rejects.toMatchObject({
    code: "simulation-unjudged",
    message: expect.stringContaining("a miracle"),
  });
});
