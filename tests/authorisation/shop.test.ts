import { randomUUID } from "node:crypto";
import { isBanyanError, manifestOf, type ManifestOperation } from "@banyan/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { application, HEADERS, ShopDoor } from "./shop-door.ts";
import { CALLERS, TABLE, UNKNOWN, type Cell } from "./shop-table.ts";

const operations = manifestOf(application).contexts.flatMap(({ commands, queries }) => [
  ...commands.map((one) => ({ ...one, kind: "command" })),
  ...queries.map((one) => ({ ...one, kind: "query" })),
]);
const named = new Map(operations.map((one) => [one.name, one]));
const cells = TABLE.flatMap((cell) => [...CALLERS, ...UNKNOWN].map((caller) => ({ ...cell, caller: String(caller) })));

let door: ShopDoor;
let holder: Readonly<Record<string, string>>;
const orders: Record<string, string> = { missing: randomUUID() };

beforeAll(async () => {
  door = await ShopDoor.opened();
  await door.ask("PUT /stock/mug", HEADERS["operator"]!, { quantity: 1_000_000, priceCents: 1_250 });
  for (const who of ["ada", "bob", "guest"]) {
    const placed = await door.ask("POST /orders", fresh(who), { lines: [{ sku: "mug", quantity: 1 }] });
    orders[`${who}'s`] = String(placed.body["orderId"]);
    if (who === "guest") holder = { "x-order-token": String(placed.body["orderToken"]) };
  }
});
afterAll(() => door[Symbol.asyncDispose]());

function fresh(caller: string): Readonly<Record<string, string>> {
  return { ...(caller === "holder" ? holder : HEADERS[caller]), "idempotency-key": randomUUID() };
}

/** What a caller sends to this operation for this object. */
function inputOf({ operation, object }: Cell): Record<string, unknown> {
  const customer = /^(ada|bob)'s$/.exec(object)?.[1];
  if (operation === "orders.place-order") {
    return { lines: [{ sku: "mug", quantity: 1 }], ...(customer === undefined ? {} : { customerId: customer }) };
  }
  if (operation === "inventory.set-stock") return { sku: "mug", quantity: 1_000_000, priceCents: 1_250 };
  if (operation === "inventory.get-product") return { sku: "mug" };
  if (operation === "inventory.get-prices") return { skus: ["mug"] };
  const order = orders[object];
  return order === undefined ? {} : { orderId: order };
}

type Verdict = "allowed" | "refused" | "unknown" | "no door" | `trouble ${number}`;

function verdictOf(status: number): Verdict {
  if (status === 401) return "unknown";
  if (status === 403) return "refused";
  return status >= 500 || status === 429 || status === 400 ? `trouble ${status}` : "allowed";
}

/** Through its route, as whoever is outside has to come. */
async function byRoute(operation: ManifestOperation, cell: Cell & { caller: string }): Promise<Verdict> {
  if (operation.http === null) return "no door";
  const { orderId, sku, ...rest } = inputOf(cell);
  const route = operation.http.replace(":orderId", String(orderId)).replace(":sku", String(sku));
  const body = route.startsWith("GET ") ? undefined : operation.http.includes(":orderId") ? {} : rest;
  return verdictOf((await door.ask(route, fresh(cell.caller), body)).status);
}

/** As one of a batch: what guards the route guards the operation there too. */
async function byBatch(cell: Cell & { caller: string }): Promise<Verdict> {
  const { "idempotency-key": key, ...headers } = fresh(cell.caller);
  // the shop wants a guest's key as a header, which a batch has not; a policy is asked before that
  const command = { operation: cell.operation, input: inputOf(cell), idempotencyKey: key };
  const { status, body } = await door.ask("POST /_banyan/commands", headers, { commands: [command] });
  const [result] = (body["results"] ?? []) as { status: number }[];
  return verdictOf(result?.status ?? status);
}

/** As contexts call each other. */
async function asContext(cell: Cell): Promise<Verdict> {
  const principal = { id: "context:shipping", roles: ["context"] };
  const request = { operation: cell.operation, input: inputOf(cell), principal, tenant: "default", headers: {} };
  try {
    await door.runtime.execute(request);
    return "allowed";
  } catch (error) {
    return isBanyanError(error) && error.kind === "forbidden" ? "refused" : "allowed";
  }
}

function expected({ operation, allowed, caller }: Cell & { caller: string }): Verdict {
  if (caller !== "context" && named.get(operation)?.http === null) return "no door";
  if (UNKNOWN.some((one) => one === caller)) return "unknown";
  return allowed.some((one) => one === caller) ? "allowed" : "refused";
}

const line = (cell: { operation: string; object: string; caller: string }, verdict: Verdict): string =>
  `${cell.caller} on ${cell.operation} (${cell.object}): ${verdict}`;

test("the table has every operation of the manifest, and no operation is without a policy", () => {
  expect(new Set(TABLE.map(({ operation }) => operation))).toEqual(new Set(named.keys()));
  expect(operations.filter(({ allow }) => allow === "missing")).toEqual([]);
});

test("every caller may do what the table says, through routes and in batches, and nothing else", async () => {
  const found: string[] = [];
  const wanted: string[] = [];
  for (const cell of cells) {
    const operation = named.get(cell.operation)!;
    const verdict = cell.caller === "context" ? await asContext(cell) : await byRoute(operation, cell);
    found.push(line(cell, verdict));
    wanted.push(line(cell, expected(cell)));
    if (operation.kind !== "command" || cell.caller === "context") continue;
    found.push(`batch: ${line(cell, await byBatch(cell))}`);
    wanted.push(`batch: ${line(cell, expected(cell))}`);
  }
  expect(found).toEqual(wanted);
  expect(found.length).toBe(496);
}, 60_000);

test("whoever may not see an order does not learn whether there is one", async () => {
  for (const caller of ["guest", "bob", "machine", "key-ada", "acme"]) {
    const told = await Promise.all(
      ["ada's", "missing"].map(async (object) => {
        const { status, body } = await door.ask(`GET /orders/${orders[object]}`, fresh(caller));
        return { status, code: body["code"], detail: body["detail"], remedy: body["remedy"] };
      }),
    );
    expect(told[0]).toMatchObject({ status: 403, code: "not-allowed" });
    expect(told[0]).toEqual(told[1]);
  }
});

test("a list is of one's own orders, and of all for the operator", async () => {
  const listed = async (caller: string): Promise<readonly unknown[]> => {
    const { body } = await door.ask("GET /orders?limit=1000", fresh(caller));
    return (body["items"] as { orderId: string }[]).map(({ orderId }) => orderId);
  };
  expect(await listed("ada")).toContain(orders["ada's"]);
  for (const [caller, other] of [
    ["ada", "bob's"],
    ["bob", "ada's"],
    ["key-ada", "ada's"],
    ["acme", "ada's"],
    ["user-operator", "ada's"],
    ["ada", "guest's"],
  ] as const) {
    expect(await listed(caller)).not.toContain(orders[other]);
  }
  expect(await listed("operator")).toEqual(
    expect.arrayContaining([orders["ada's"], orders["bob's"], orders["guest's"]]),
  );
});

test("the token of one order opens no other", async () => {
  for (const object of ["ada's", "bob's", "missing"]) {
    expect(await door.ask(`GET /orders/${orders[object]}`, holder)).toMatchObject({ status: 403 });
  }
});
