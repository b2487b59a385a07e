import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { uuidOf } from "./identity.ts";
import { type Patience, Replay, type ReplayOptions } from "./replay.ts";
import { reportOf } from "./report.ts";
import { type DoubleRequest, ShopDouble } from "./shop-double.ts";
import type { Summary } from "./summary.ts";

const header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country";
const minute = (index: number): string =>
  new Date(Date.UTC(2024, 0, 1, 0, index)).toISOString().slice(0, 16).replace("T", " ");

/** One row per invoice: number, SKU, quantity, customer. A minute passes between rows. */
const csv = (rows: readonly [string, string, number, string?][]): string =>
  [header, ...rows.map(([no, sku, n, who = ""], index) => `${no},${sku},X,${n},${minute(index)},2.00,${who},UK`)].join(
    "\n",
  );

const fiveOrders = csv([
  ["1", "A", 10, "7.0"],
  ["2", "A", 10],
  ["3", "B B", 5],
  ["4", "B B", 5],
  ["5", "C", 2],
]);
const manyOrders = (count: number): string =>
  csv(Array.from({ length: count }, (_, index) => [String(index + 1), "A", 1, "7.0"]));

let folder: string;
let shop: ShopDouble;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "shop-replay-"));
  shop = new ShopDouble();
  await shop.start();
});
afterEach(async () => {
  await shop.kill();
  rmSync(folder, { recursive: true });
});

function replayOf(text: string, options: Partial<ReplayOptions> = {}, patience: Partial<Patience> = {}): Replay {
  const file = join(folder, "orders.csv");
  writeFileSync(file, text);
  const usual = {
    file,
    url: shop.url,
    token: shop.token,
    speed: Infinity,
    limit: Infinity,
    concurrency: 4,
    approve: "yes",
  } as const;
  return new Replay({ ...usual, ...options }, { drainMs: 100, ...patience });
}

const posted = (path: RegExp): DoubleRequest[] =>
  shop.requests.filter((one) => one.method === "POST" && path.test(one.path));

describe("a replay", () => {
  test("sets missing stock, places one order per invoice, and finds them all again", async () => {
    shop.stock.set("C", { quantity: 1, priceCents: 99 });
    const summary = await replayOf(fiveOrders, { concurrency: 1 }).run();
    expect(summary).toMatchObject({
      verdict: "fine",
      faults: [],
      rows: 5,
      invoices: 5,
      stock: { set: 2, existing: 1 },
      orders: { planned: 5, acknowledged: 5, unanswered: 0 },
      lost: [],
      unsettled: [],
    });
    expect(summary.orders.byStatus).toEqual({ shipped: 2, rejected: 3 });
    expect(summary.orders.byReason).toEqual({ "rejected: out-of-stock": 3 });
    expect([summary.orders.refused, summary.orders.notSent, summary.stock.refused, summary.repeats]).toEqual([
      {},
      {},
      {},
      {},
    ]);
    expect(summary.latencyMs?.max).toBeGreaterThan(0);
    expect(shop.stock.get("C")).toEqual({ quantity: 1, priceCents: 99 });
    const [first, second] = posted(/^\/orders$/);
    expect(first).toMatchObject({
      key: uuidOf("place", "1"),
      body: { orderId: uuidOf("order", "1"), customerId: "7", lines: [{ sku: "A", quantity: 10 }] },
    });
    expect(second?.body).not.toHaveProperty("customerId");
  });

  test("again, with the same keys, places nothing twice and leaves stock alone", async () => {
    await replayOf(fiveOrders).run();
    const [before, ordersBefore] = [structuredClone(shop.stock), shop.orders.size];
    const summary = await replayOf(fiveOrders).run();
    expect(summary).toMatchObject({ verdict: "fine", stock: { set: 0, existing: 3 }, orders: { acknowledged: 5 } });
    expect(shop.stock).toEqual(before);
    expect(shop.orders.size).toBe(ordersBefore);
  });

  test("counts what is refused, by code, and goes on", async () => {
    shop.mishap = ({ path, body }) => {
      if (path === "/orders" && body["orderId"] === uuidOf("order", "3")) return { status: 422, code: "sku-unknown" };
      return undefined;
    };
    const summary = await replayOf(
      `${fiveOrders}\n6,A,X,-3,2024-01-01 01:00,0.00,,UK\n7,A,X,x,2024-01-01 01:00,1,,UK`,
    ).run();
    expect(summary).toMatchObject({
      verdict: "fine",
      orders: { acknowledged: 4, refused: { "sku-unknown": 1 }, notSent: { "no-positive-line": 1 } },
      malformedRows: { "quantity-invalid": { count: 1, firstLine: 8 } },
    });
  });

  test("a failure that does not pass is asked a few times, then counts as a refusal", async () => {
    shop.mishap = ({ path }) => (path === "/orders" ? { status: 500, code: "internal" } : undefined);
    const summary = await replayOf(fiveOrders, { limit: 1 }).run();
    expect(summary.orders).toMatchObject({ acknowledged: 0, refused: { internal: 1 } });
    expect(summary.repeats).toEqual({ internal: 5 });
  });

  test("a refusal without a code is a fault of the shop", async () => {
    shop.mishap = ({ path }) => (path === "/orders" ? { status: 400 } : undefined);
    const summary = await replayOf(fiveOrders).run();
    expect(summary.verdict).toBe("fell-short");
    expect(summary.faults).toEqual(["refusals without a code: status-400-without-code"]);
  });
});

describe("cancellations", () => {
  const withReturns = csv([
    ["1", "A", 1, "7"],
    ["2", "A", 1, "7"],
    ["C3", "A", -1, "7"],
    ["C4", "A", -1, "7"],
    ["C5", "A", -1, "7"],
    ["C6", "A", -1, "8"],
  ]);

  test("cancel the latest open order of the customer, one order each, and otherwise count as unmatched", async () => {
    shop.stock.set("A", { quantity: 9, priceCents: 1 });
    shop.outcome = () => "processing";
    const summary = await replayOf(withReturns).run();
    expect(summary).toMatchObject({
      verdict: "fine",
      cancellations: { planned: 4, accepted: 2, unmatched: 2 },
    });
    expect(summary.orders.byStatus).toEqual({ cancelled: 2 });
    expect(summary.cancellations.refused).toEqual({});
    expect(
      posted(/cancel$/)
        .map(({ path }) => path)
        .toSorted(),
    ).toEqual(["1", "2"].map((invoice) => `/orders/${uuidOf("order", invoice)}/cancel`).toSorted());
  });

  test("pass over an order that has ended by then and take the one before", async () => {
    shop.stock.set("A", { quantity: 9, priceCents: 1 });
    shop.outcome = ({ body }) => (body["orderId"] === uuidOf("order", "1") ? "processing" : "shipped");
    const summary = await replayOf(withReturns, { concurrency: 1 }).run();
    expect(summary.cancellations).toMatchObject({ accepted: 1, unmatched: 3 });
    expect(shop.orders.get(uuidOf("order", "1"))?.status).toBe("cancelled");
  });

  test("wait for their order when both are under way at the same time", async () => {
    shop.stock.set("A", { quantity: 9, priceCents: 1 });
    shop.outcome = () => "processing";
    let failures = 3;
    shop.mishap = ({ path }) =>
      path === "/orders" && (failures -= 1) >= 0 ? { status: 503, code: "starting" } : undefined;
    const summary = await replayOf(
      csv([
        ["1", "A", 1, "7"],
        ["C2", "A", -1, "7"],
      ]),
      { concurrency: 8 },
    ).run();
    expect(summary).toMatchObject({ cancellations: { accepted: 1, unmatched: 0 }, repeats: { starting: 3 } });
  });
});

describe("across mishaps", () => {
  test("requests and answers that get lost, and everything that says later, are asked again with the same key", async () => {
    const mishaps = [
      "lost-before",
      "lost-after",
      { status: 503, code: "draining" },
      { status: 429, code: "overloaded", retryAfter: "0" },
      { status: 409, code: "in-flight" },
      { status: 500, code: "internal" },
    ] as const;
    const attempts = new Map<string, number>();
    shop.mishap = ({ method, path, key }) => {
      if (method === "GET") return undefined;
      const attempt = attempts.get(`${path} ${key}`) ?? 0;
      attempts.set(`${path} ${key}`, attempt + 1);
      return mishaps[attempt];
    };
    const summary = await replayOf(fiveOrders).run();
    expect(summary).toMatchObject({ verdict: "fine", orders: { acknowledged: 5 }, lost: [] });
    expect(summary.orders.refused).toEqual({});
    expect(shop.orders.size).toBe(5);
    expect(new Set(posted(/^\/orders$/).map(({ key }) => key)).size).toBe(5);
    expect(summary.repeats).toMatchObject({ draining: 8, overloaded: 8, "in-flight": 8, internal: 8, ECONNRESET: 16 });
  });

  test("a shop that is killed again and again and comes back loses nothing", async () => {
    let served = 0;
    let kills = 0;
    let restarts = Promise.resolve();
    shop.mishap = ({ path }) => {
      if (path !== "/orders" || (served += 1) % 40 !== 0 || kills === 5) return undefined;
      kills += 1;
      restarts = restarts.then(() => shop.kill()).then(() => shop.start());
      return "lost-after";
    };
    const summary = await replayOf(manyOrders(250), { concurrency: 16 }).run();
    await restarts;
    expect(kills).toBe(5);
    expect(summary).toMatchObject({ verdict: "fine", orders: { acknowledged: 250, unanswered: 0 }, lost: [] });
    expect(shop.orders.size).toBe(250);
  });

  test("a shop that stays away ends the replay with what is known", async () => {
    shop.mishap = ({ path }) => {
      if (path === "/orders" && shop.orders.size === 3) void shop.kill();
      return undefined;
    };
    const summary = await replayOf(manyOrders(20), { concurrency: 1 }, { goneMs: 100 }).run();
    expect(summary).toMatchObject({ verdict: "stopped", audit: null, lost: null, orders: { planned: 20 } });
    expect(summary.orders.acknowledged).toBeGreaterThanOrEqual(3);
    expect(summary.faults[0]).toMatch(/^shop-gone: No request succeeded/);
  });

  test("a shop that was never there is unreachable, one with another token refuses it", async () => {
    await expect(replayOf(fiveOrders, { token: "guess" }).run()).rejects.toMatchObject({ code: "token-refused" });
    await shop.kill();
    await expect(replayOf(fiveOrders, {}, { startMs: 50 }).run()).rejects.toMatchObject({ code: "shop-unreachable" });
  });

  test("something else at the address is said so", async () => {
    shop.mishap = () => ({ status: 404, code: "route-unknown" });
    await expect(replayOf(fiveOrders).run()).rejects.toMatchObject({ code: "shop-unexpected" });
  });
});

describe("what falls short", () => {
  test("an acknowledged order that the shop does not know is lost, by id", async () => {
    shop.mishap = ({ method, path }) => {
      if (method === "GET" && path.startsWith("/orders")) shop.orders.delete(uuidOf("order", "2"));
      return undefined;
    };
    const summary = await replayOf(fiveOrders).run();
    expect(summary).toMatchObject({ verdict: "fell-short", lost: [uuidOf("order", "2")] });
    expect(reportOf(summary)).toContain(`1 lost: ${uuidOf("order", "2")}`);
  });

  test("an order that never ends is waited for, then named", async () => {
    shop.outcome = ({ body }) => (body["orderId"] === uuidOf("order", "3") ? "confirmed" : "shipped");
    shop.stock.set("B B", { quantity: 99, priceCents: 1 });
    const summary = await replayOf(fiveOrders).run();
    expect(summary).toMatchObject({ verdict: "fell-short", unsettled: [uuidOf("order", "3")] });
    expect(summary.faults).toContain("1 orders are not final");
  });

  test.each([
    [{ stockConserved: false }, "stock is not conserved"],
    [{ ledgerBalanced: false }, "the ledgers of provider and shop do not balance"],
    [{ orphanedCharges: ["o-1", "o-2"] }, "orphanedCharges: 2"],
    [{ dead: undefined }, "dead: not in the audit"],
    [{ paymentsCapturedCents: 5, ordersPaidCents: 4 }, "captured and paid cents differ"],
    [{ parked: 1 }, "parked: 1"],
    [{ openRuns: 1 }, "openRuns: 1"],
  ])("an audit with %j", async (audit, fault) => {
    shop.audit = { ...shop.audit, ...audit };
    const summary = await replayOf(fiveOrders).run();
    expect(summary).toMatchObject({ verdict: "fell-short", faults: [fault] });
  });

  test("an audit that becomes clean while it is looked at is clean", async () => {
    let audits = 0;
    shop.mishap = ({ path }) => {
      if (path === "/shop/audit") shop.audit = { ...shop.audit, parked: Math.max(0, 4 - (audits += 1)) };
      return undefined;
    };
    expect(await replayOf(fiveOrders, {}, { drainMs: 5_000 }).run()).toMatchObject({
      verdict: "fine",
      audit: { parked: 0 },
    });
  });

  test("orders that await approval are not waited for with approve leave", async () => {
    shop.outcome = () => "awaiting-approval";
    shop.stock.set("A", { quantity: 99, priceCents: 1 });
    expect(await replayOf(fiveOrders, { approve: "leave" }).run()).toMatchObject({ verdict: "fine", unsettled: [] });
    expect(await replayOf(fiveOrders).run()).toMatchObject({ verdict: "fell-short" });
  });
});

test("stopped in the middle it sends nothing more and tells what it knows", async () => {
  const replay = replayOf(manyOrders(200), { concurrency: 2 });
  shop.mishap = () => {
    if (shop.orders.size === 20) replay.stop();
    return undefined;
  };
  const summary = await replay.run();
  expect(summary).toMatchObject({ verdict: "stopped", audit: null });
  expect(summary.orders.acknowledged).toBeGreaterThanOrEqual(20);
  expect(posted(/^\/orders$/).length).toBeLessThan(30);
  expect(reportOf(summary)).toContain("acknowledged      not checked");
});

test("at a speed, orders keep the distances of the file", async () => {
  const started = performance.now();
  // four minutes between the first and the last order
  const summary = await replayOf(fiveOrders, { speed: 1_200 }).run();
  expect(summary).toMatchObject({ verdict: "fine", orders: { acknowledged: 5 } });
  expect(performance.now() - started).toBeGreaterThanOrEqual(200);
  expect(summary.sendS).toBeGreaterThanOrEqual(0.19);
});

describe("the command", () => {
  const run = async (args: string[]): Promise<{ code: number; output: string; errors: string }> => {
    const env = { ...process.env, BANYAN_DEV_TOKEN: shop.token };
    const child = spawn(process.execPath, [join(import.meta.dirname, "main.ts"), ...args], { env });
    const said = { output: "", errors: "" };
    child.stdout.on("data", (piece: Buffer) => (said.output += piece.toString()));
    child.stderr.on("data", (piece: Buffer) => (said.errors += piece.toString()));
    const [code] = (await once(child, "close")) as [number];
    return { code, ...said };
  };

  test("replays the bundled sample and prints one JSON document", async () => {
    const { code, output, errors } = await run(["--url", shop.url.href, "--json"]);
    const summary = JSON.parse(output) as Summary;
    expect({ code, errors }).toEqual({ code: 0, errors: "" });
    expect(summary).toMatchObject({
      verdict: "fine",
      invoices: 300,
      lost: [],
      shopProcess: { rssFirstBytes: 100 * 2 ** 20 },
    });
    expect(summary.orders.acknowledged).toBe(summary.orders.planned);
  });

  test("prints a summary for people, and exits 1 when something fell short", async () => {
    shop.mishap = ({ path }) => {
      if (path.startsWith("/orders?")) shop.orders.clear();
      return undefined;
    };
    const file = join(folder, "orders.csv");
    writeFileSync(file, `${fiveOrders}\n`);
    const { code, output } = await run([file, "--url", shop.url.href, "--limit", "1", "--approve", "no"]);
    expect(code).toBe(1);
    expect(output).toContain("! 1 acknowledged orders are lost");
    expect(output).toContain(`1 lost: ${uuidOf("order", "1")}`);
  });

  test("exits 2 with a code and a remedy when it cannot run", async () => {
    const { code, output, errors } = await run([join(folder, "none.csv"), "--url", shop.url.href]);
    expect({ code, output }).toEqual({ code: 2, output: "" });
    expect(errors).toMatch(/^file-unreadable: .*\n {2}Check the path/);
  });
});
