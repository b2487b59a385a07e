import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { check } from "./check.ts";
import type { CheckReport } from "./report.ts";

/** A small application on disk, for tests: it ends with the scope that holds it. */
export class Fixture implements Disposable {
  readonly folder: string = realpathSync.native(mkdtempSync(join(tmpdir(), "banyan-check-")));

  constructor(files: Readonly<Record<string, string>>) {
    for (const [name, text] of Object.entries(files)) this.write(name, text);
  }

  write(name: string, text: string): void {
    mkdirSync(dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  check(): CheckReport {
    return check({ config: this.path("banyan.config.ts"), base: this.folder });
  }

  /** The violations as `file:line code`, in the order reported. */
  violations(): string[] {
    const report = this.check();
    if (report.unjudged.length > 0) throw new Error(`not judged: ${JSON.stringify(report.unjudged)}`);
    return report.violations.map(({ file, line, code }) => `${file}:${line} ${code}`);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** Two contexts that keep every rule; tests plant what they are about. */
export const SHOP: Readonly<Record<string, string>> = {
  "banyan.config.ts": `import { app, one } from "banyan";
import { inventory } from "./contexts/inventory/index.ts";
import { orders } from "./contexts/orders/index.ts";
export default app({ contexts: [orders, inventory], topology: one() });
`,
  "contexts/inventory/contract.ts": `import { command, event, query } from "banyan/contract";
import { z } from "zod";
export const StockChanged = event("inventory.stock-changed", { version: 1, key: "sku", data: z.object({ sku: z.string() }) });
export const GetPrice = query("inventory.get-price", { input: z.object({}), output: z.object({}) });
export const Reserve = command("inventory.reserve", { input: z.object({}) });
export const Release = command("inventory.release", { input: z.object({}) });
`,
  "contexts/inventory/index.ts": `import { anyone, context } from "banyan";
import * as contract from "./contract.ts";
import { priceOf } from "./prices.ts";
export const inventory = context("inventory", { owner: "team-stock", contract });
inventory.answer(contract.GetPrice, { allow: anyone() }, async (input, { read }) => priceOf(read, input));
inventory.handle(contract.Reserve, { allow: anyone() }, async (input, { emit }) => emit(contract.StockChanged, input));
inventory.handle(contract.Release, { allow: anyone() }, async (input, { emit }) => emit(contract.StockChanged, input));
`,
  "contexts/inventory/prices.ts": `export const priceOf = (read: unknown, input: unknown) => ({ read, input });
`,
  "contexts/orders/contract.ts": `import { command, event } from "banyan/contract";
import { z } from "zod";
export const OrderPlaced = event("orders.order-placed", { version: 1, key: "orderId", data: z.object({ orderId: z.string() }) });
export const PlaceOrder = command("orders.place-order", { input: z.object({}) });
`,
  "contexts/orders/index.ts": `import { anyone, context } from "banyan";
import { GetPrice, StockChanged } from "../inventory/contract.ts";
import * as contract from "./contract.ts";
export const orders = context("orders", { owner: "team-orders", contract, uses: [GetPrice] });
orders.handle(contract.PlaceOrder, {
  allow: anyone(),
  before: async (input, { call }) => ({ price: await call(GetPrice, input) }),
}, async (input, { emit }) => emit(contract.OrderPlaced, input));
orders.on(StockChanged, { name: "watch-stock", from: "now" }, async () => {});
`,
};

/** The shop with one file replaced by what \`edit\` makes of it. */
export function shopWith(edits: Readonly<Record<string, string | ((text: string) => string)>>): Fixture {
  const files = { ...SHOP };
  for (const [name, edit] of Object.entries(edits))
    files[name] = typeof edit === "string" ? edit : edit(files[name] ?? "");
  return new Fixture(files);
}
