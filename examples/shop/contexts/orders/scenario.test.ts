import { scenario, stub, type ScenarioTest } from "@banyan/testing";
import { sqlite } from "banyan";
import { afterEach, beforeEach, expect, test } from "vitest";
import { hmacTokens } from "../../order-tokens.ts";
import { ProviderUnavailable } from "../../provider/port.ts";
import { simulatedProvider } from "../../provider/simulated.ts";
import { shop as application } from "../../shop.ts";
import { GetPrices, SetStock, StockRefused } from "../inventory/contract.ts";
import { PaymentTaken } from "../payments/contract.ts";
import { ShipmentPrepared } from "../shipping/contract.ts";
import {
  CancelOrder,
  GetOrder,
  OrderCancelled,
  OrderConfirmed,
  OrderPlaced,
  OrderRejected,
  OrderShipped,
  PlaceOrder,
} from "./contract.ts";
import { orders } from "./index.ts";

// #region alone
/** The orders alone: the inventory's prices are stubs, its events are given. */
let shop: ScenarioTest;

beforeEach(async () => {
  shop = await scenario.context(orders, {
    store: (overrides) => sqlite({ memory: true, overrides }),
    stubs: [stub(GetPrices, ({ skus }) => ({ prices: skus.map((sku) => ({ sku, priceCents: 1_250 })) }))],
    ports: { tokens: hmacTokens(new Uint8Array(32)), delivery: () => ({ parked: 0, dead: 0 }) },
  });
});

afterEach(() => shop.stop());
// #endregion

const ada = { principal: { id: "user:ada", roles: [] } };

async function placed(): Promise<string> {
  const lines = [{ sku: "mug", quantity: 2 }];
  const { value } = await shop.when(PlaceOrder, { customerId: "ada", lines }, ada);
  return value.orderId;
}

// #region paid
test("an order is placed at the prices of the day, and confirmed once it is paid", async () => {
  const lines = [{ sku: "mug", quantity: 2 }];
  const { answer, value } = await shop.when(PlaceOrder, { customerId: "ada", lines }, ada);
  expect(answer).toBe("accepted");
  shop.expectEvent(OrderPlaced, { orderId: value.orderId, lines, totalCents: 2_500 });
  shop.expectNoEvent(OrderConfirmed);

  await shop.given(PaymentTaken, { orderId: value.orderId, chargeId: "charge-1", cents: 2_500 });
  shop.expectEvent(OrderConfirmed, { orderId: value.orderId });
  expect(await shop.ask(GetOrder, { orderId: value.orderId }, ada)).toMatchObject({ status: "confirmed" });
});
// #endregion

// #region cancelled
test("a cancelled order is not confirmed by a payment that comes late", async () => {
  const orderId = await placed();
  await shop.when(CancelOrder, { orderId }, ada);
  shop.expectEvent(OrderCancelled, { orderId });
  await shop.given(PaymentTaken, { orderId, chargeId: "charge-1", cents: 2_500 });
  shop.expectNoEvent(OrderConfirmed);
  await expect(shop.when(CancelOrder, { orderId }, ada)).rejects.toMatchObject({ code: "order-closed" });
});
// #endregion

test("an order without stock is rejected, and a shipment that is prepared leaves", async () => {
  const [first, second] = [await placed(), await placed()];
  await shop.given(StockRefused, { orderId: first, sku: "mug" });
  shop.expectEvent(OrderRejected, { orderId: first, reason: "out-of-stock" });
  await shop.given(PaymentTaken, { orderId: second, chargeId: "charge-2", cents: 2_500 });
  await shop.given(ShipmentPrepared, { orderId: second });
  expect(shop.events(OrderShipped).map(({ data }) => data.orderId)).toEqual([second]);
});

test("nobody sees or cancels the order of somebody else", async () => {
  const orderId = await placed();
  const eve = { principal: { id: "user:eve", roles: [] } };
  await expect(shop.ask(GetOrder, { orderId }, eve)).rejects.toMatchObject({ code: "not-allowed" });
  await expect(shop.when(CancelOrder, { orderId }, eve)).rejects.toMatchObject({ code: "not-allowed" });
  shop.expectNoEvent(OrderCancelled);
});

test("a guest's order that is repeated with its key is placed once", async () => {
  const order = { lines: [{ sku: "mug", quantity: 1 }] };
  await expect(shop.when(PlaceOrder, order)).rejects.toMatchObject({ code: "idempotency-key-required" });
  const idempotencyKey = "018f6f2e-7c1d-4a55-9b1e-3f6a2d9c0b7e";
  const first = await shop.when(PlaceOrder, order, { idempotencyKey });
  expect(await shop.when(PlaceOrder, order, { idempotencyKey })).toEqual({ ...first, replayed: true });
  expect(shop.events(OrderPlaced)).toHaveLength(1);
});

// #region retry
test("while the payment provider is away, an order waits; once it is back, the order ships", async () => {
  const provider = simulatedProvider();
  let isAway = true;
  const charge: typeof provider.charge = async (request) => {
    if (isAway) throw new ProviderUnavailable("Nobody answers.");
    return provider.charge(request);
  };
  const ports = {
    tokens: hmacTokens(new Uint8Array(32)),
    provider: {
      charge,
      refund: provider.refund.bind(provider),
      ledger: provider.ledger.bind(provider),
      close: provider.close.bind(provider),
    },
  };
  const whole = await scenario(
    application(() => ports),
    { store: (overrides) => sqlite({ memory: true, overrides }) },
  );
  const operator = { principal: { id: "user:grace", roles: ["operator"] } };
  await whole.when(SetStock, { sku: "mug", quantity: 5, priceCents: 1_250 }, operator);
  const { value } = await whole.when(PlaceOrder, { lines: [{ sku: "mug", quantity: 2 }] }, operator);

  await whole.advance("2h");
  whole.expectNoEvent(OrderConfirmed);
  expect(whole.parked()).toMatchObject([{ subscription: "payments.charge", state: "retrying" }]);

  isAway = false;
  await whole.advance("1m");
  whole.expectEvent(OrderShipped, { orderId: value.orderId });
  await whole.stop();
});
// #endregion
