import { codeOf, fieldOf } from "./answers.ts";
import { ReplayFailure } from "./failure.ts";
import type { PersistentShop } from "./persistent.ts";

/** All items of a paged route, a page at a time. */
export async function* pagesOf(
  shop: PersistentShop,
  path: string,
): AsyncGenerator<readonly unknown[], void, undefined> {
  let after: string | undefined;
  do {
    const query = new URLSearchParams({ limit: "1000", ...(after === undefined ? {} : { after }) });
    const answer = await shop.ask({ method: "GET", path: `${path}?${query.toString()}` });
    if (answer.status !== 200) throw unexpected(path, `${answer.status} ${codeOf(answer)}`);
    const items = fieldOf(answer.body, "items");
    const next = fieldOf(answer.body, "next");
    if (!Array.isArray(items)) throw unexpected(path, "a page without items");
    if (typeof next === "string" && next === after) throw unexpected(path, `the same page again, after ${after}`);
    yield items;
    after = typeof next === "string" ? next : undefined;
  } while (after !== undefined);
}

const unexpected = (path: string, what: string): ReplayFailure =>
  new ReplayFailure("shop-unexpected", `GET ${path} answered ${what}.`);
