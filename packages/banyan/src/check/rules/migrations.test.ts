import { expect, test } from "vitest";
import { shopWith } from "../fixture.ts";

const ORDERS = "contexts/orders/index.ts";
const asks = (text: string): string =>
  `${text}import { sqlFiles } from "banyan";\nexport const found = sqlFiles(new URL("./migrations/", import.meta.url));\n`;

test("a folder of migrations that has none is a warning, until it has one", () => {
  using shop = shopWith({ [ORDERS]: asks, "contexts/orders/migrations/.gitkeep": "" });
  const { ok, warnings } = shop.check();
  expect(ok).toBe(true);
  expect(warnings).toMatchObject([
    { code: "migrations-empty", file: ORDERS, message: expect.stringContaining("contexts/orders/migrations") },
  ]);
  shop.write("contexts/orders/migrations/001-order.sql", "CREATE TABLE orders_order (id);");
  expect(shop.check().warnings).toEqual([]);
});

test("a folder that is not there is left to the run, which refuses it", () => {
  using shop = shopWith({ [ORDERS]: asks });
  expect(shop.check().warnings).toEqual([]);
});
