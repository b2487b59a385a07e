import { codeOf, fieldOf } from "./answers.ts";
import { forEachConcurrently } from "./each.ts";
import { ReplayFailure } from "./failure.ts";
import { uuidOf } from "./identity.ts";
import { pagesOf } from "./pages.ts";
import type { PersistentShop } from "./persistent.ts";
import type { StockItem } from "./plan.ts";

export interface StockOptions {
  readonly concurrency: number;
  readonly onProgress: (done: number, total: number) => void;
}

export interface StockResult {
  readonly set: number;
  readonly existing: number;
  readonly refused: ReadonlyMap<string, number>;
}

/** Sets stock and price of products the shop does not have; what it has stays as it is. */
export async function setMissingStock(
  shop: PersistentShop,
  wanted: readonly StockItem[],
  { concurrency, onProgress }: StockOptions,
): Promise<StockResult> {
  const existing = new Set<unknown>();
  for await (const page of pagesOf(shop, "/stock")) for (const item of page) existing.add(fieldOf(item, "sku"));
  const missing = wanted.filter(({ sku }) => !existing.has(sku));
  const refused = new Map<string, number>();
  let done = 0;
  await forEachConcurrently(missing, concurrency, async (item) => {
    const code = await setStock(shop, item);
    if (code !== undefined) refused.set(code, (refused.get(code) ?? 0) + 1);
    onProgress((done += 1), missing.length);
  });
  const refusals = refused.values().reduce((sum, count) => sum + count, 0);
  return { set: missing.length - refusals, existing: wanted.length - missing.length, refused };
}

async function setStock(shop: PersistentShop, { sku, quantity, priceCents }: StockItem): Promise<string | undefined> {
  const answer = await shop.ask({
    method: "PUT",
    path: `/stock/${encodeURIComponent(sku)}`,
    key: uuidOf("stock", sku, String(quantity), String(priceCents)),
    body: { quantity, priceCents },
  });
  if (answer.status === 204 || answer.status === 200) return undefined;
  if (answer.status === 401 || answer.status === 403) {
    throw new ReplayFailure("token-refused", `PUT /stock/${sku} answered ${answer.status} ${codeOf(answer)}.`);
  }
  return codeOf(answer);
}
