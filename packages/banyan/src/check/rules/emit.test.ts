import { expect, test } from "vitest";
import { shopWith } from "../fixture.ts";

const ORDERS = "contexts/orders/index.ts";

test.each([
  ["in a body", 'orders.on(StockChanged, { name: "b", from: "now" }, async (e, { emit }) => emit(StockChanged, e));'],
  ["renamed", "const f = ({ emit: tell }) => tell(StockChanged, {});"],
  ["through a scope", "const f = (scope) => scope.emit(StockChanged, {});"],
])("emitting another context's event is found: %s", (_, code) => {
  using shop = shopWith({ [ORDERS]: (text) => text + code });
  expect(shop.violations()).toEqual([`${ORDERS}:10 event-foreign`]);
  expect(shop.check().violations[0]?.message).toBe(
    '"orders" emits inventory.stock-changed; only its owner may, and "orders" may subscribe to it.',
  );
});

test.each([
  ["one's own event", "const f = (emit) => emit(contract.OrderPlaced, {});"],
  ["what is no event", 'const f = (emitter) => emitter.emit("data", StockChanged);'],
])("other emits are not reported: %s", (_, code) => {
  using shop = shopWith({ [ORDERS]: (text) => text + code });
  expect(shop.violations()).toEqual([]);
});

test("code outside every context emits for the context it names", () => {
  using shop = shopWith({
    "legacy.ts": `import { orders } from "./kit.ts";
import { OrderPlaced } from "./contexts/orders/contract.ts";
import { StockChanged } from "./contexts/inventory/contract.ts";
orders.emit(OrderPlaced, {});
orders.emit(StockChanged, {});
`,
    "kit.ts": 'import { app } from "banyan";\nexport { orders } from "./contexts/orders/index.ts";\napp({});\n',
  });
  expect(shop.violations()).toEqual(["legacy.ts:5 event-foreign"]);
});
