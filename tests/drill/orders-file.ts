import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { planFile } from "../../examples/shop/replay/plan-file.ts";
import type { StockItem } from "../../examples/shop/replay/plan.ts";

export interface OrdersOptions {
  /** A CSV, gzipped or not; the bundled sample otherwise. */
  readonly file: string | undefined;
  /** Only the first so many invoices of the file. */
  readonly limit: number;
  /** How often the sample is repeated, each time under other invoice numbers. */
  readonly rounds: number;
}

export interface Orders {
  readonly file: string;
  readonly planned: number;
  /** As much of everything as all orders together ask for, and more. */
  readonly stock: readonly StockItem[];
}

const SAMPLE = join(import.meta.dirname, "..", "..", "examples", "shop", "sample", "orders.csv");

/**
 * The orders of a drill: those of the file without its returns. What the provider was told after the backup stays told, so an order of the backup
 * that was cancelled after it, or that another one took the last piece from, may end otherwise in the restored shop: that is a decision
 * made twice, and not what is looked for here. So nothing is cancelled, and there is enough of everything.
 */
export async function writeOrders(folder: string, { file, limit, rounds }: OrdersOptions): Promise<Orders> {
  const bytes = readFileSync(file ?? SAMPLE);
  const text = (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes).toString();
  const [header = "", ...rows] = text.trimEnd().split("\n");
  const orders = rows.filter((row) => !/^"?C/.test(row));
  const all =
    file === undefined
      ? Array.from({ length: rounds }, (_, round) => orders.map((row) => `${round + 1}${row}`)).flat()
      : orders;
  const written = join(folder, "orders.csv");
  writeFileSync(written, `${[header, ...all].join("\n")}\n`);
  const plan = await planFile({ file: written, limit: file === undefined ? Infinity : limit });
  const stock = plan.stock.map(({ sku, quantity, priceCents }) => ({ sku, quantity: 10 * (quantity + 1), priceCents }));
  return { file: written, planned: plan.steps.length, stock };
}
