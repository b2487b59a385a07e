import { randomUUID } from "node:crypto";
import { isBanyanError, manifestOf, type ManifestOperation } from "@banyan/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { application, HEADERS, ShopDoor } from "./shop-door.ts";
import { OPS_REQUESTS } from "../../packages/node/src/ops/ops-requests.ts";
import { CALLERS, CHOSEN, isOf, TABLE, UNKNOWN, type Cell } from "./shop-table.ts";

const operations = manifestOf(application).contexts.flatMap(({ commands, queries }) => [
  ...commands.map((one) => ({ ...one, kind: "command" })),
  ...queries.map((one) => ({ ...one, kind: "query" })),
]);
const named = new Map(operations.map((one) => [one.name, one]));
/** One question: who asks for what, for which tenant. */
interface Asked extends Cell {
  readonly caller: string;
  readonly chosen: (typeof CHOSEN)[number];
}

const cells: readonly Asked[] = TABLE.flatMap((cell) =>
  [...CALLERS, ...UNKNOWN].flatMap((caller) => CHOSEN.map((chosen) => ({ ...cell, caller, chosen }))),
);

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

function fresh(caller: string, chosen?: string): Readonly<Record<string, string>> {
  const tenant: Record<string, string> = chosen === undefined ? {} : { "x-banyan-tenant": chosen };
  return { ...(caller === "holder" ? holder : HEADERS[caller]), ...tenant, "idempotency-key": randomUUID() };
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
async function byRoute(operation: ManifestOperation, cell: Asked): Promise<Verdict> {
  if (operation.http === null) return "no door";
  const { orderId, sku, ...rest } = inputOf(cell);
  const route = operation.http.replace(":orderId", String(orderId)).replace(":sku", String(sku));
  const body = route.startsWith("GET ") ? undefined : operation.http.includes(":orderId") ? {} : rest;
  return verdictOf((await door.ask(route, fresh(cell.caller, cell.chosen), body)).status);
}

/** As one of a batch: what guards the route guards the operation there too. */
async function byBatch(cell: Asked): Promise<Verdict> {
  const { "idempotency-key": key, ...headers } = fresh(cell.caller, cell.chosen);
  // the shop wants a guest's key as a header, which a batch has not; a policy is asked before that
  const command = { operation: cell.operation, input: inputOf(cell), idempotencyKey: key };
  const { status, body } = await door.ask("POST /_banyan/commands", headers, { commands: [command] });
  const [result] = (body["results"] ?? []) as { status: number }[];
  return verdictOf(result?.status ?? status);
}

/** As contexts call each other. */
async function asContext(cell: Asked): Promise<Verdict> {
  const principal = { id: "context:shipping", roles: ["context"] };
  const request = {
    operation: cell.operation,
    input: inputOf(cell),
    principal,
    tenant: cell.chosen ?? "default",
    headers: {},
  };
  try {
    await door.runtime.execute(request);
    return "allowed";
  } catch (error) {
    return isBanyanError(error) && error.kind === "forbidden" ? "refused" : "allowed";
  }
}

function expected({ operation, allowed, caller, chosen }: Asked): Verdict {
  if (caller !== "context" && named.get(operation)?.http === null) return "no door";
  if (UNKNOWN.some((one) => one === caller)) return "unknown";
  return isOf(caller, chosen) && allowed.some((one) => one === caller) ? "allowed" : "refused";
}

const line = ({ caller, chosen, operation, object }: Asked, verdict: Verdict): string =>
  `${caller}, ${chosen ?? "no tenant"}, on ${operation} (${object}): ${verdict}`;

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
  expect(found.length).toBe(1_404);
}, 60_000);

test("the table says of a policy without a predicate what the manifest says", () => {
  const roles: Readonly<Record<string, readonly string[]>> = { operator: ["operator"], context: ["context"] };
  const plain = TABLE.filter(({ operation }) => named.get(operation)?.allow !== "predicate");
  expect(plain.length).toBe(8);
  for (const { operation, object, allowed } of plain) {
    const allow = named.get(operation)?.allow ?? "";
    const said = /^roles: (.+)$/.exec(allow)?.[1]?.split(", ");
    const wanted = CALLERS.filter((one) => said === undefined || roles[one]?.some((role) => said.includes(role)));
    expect([operation, object, allow, allowed.toSorted()]).toEqual([operation, object, allow, wanted.toSorted()]);
  }
});

test("the operations API is for the operator alone, whatever tenant is asked for", async () => {
  const found: string[] = [];
  for (const { method, path } of OPS_REQUESTS)
    for (const caller of Object.keys(HEADERS))
      for (const chosen of CHOSEN) {
        // without what it needs to do anything
        const sent = method === "POST" ? {} : undefined;
        const { status } = await door.ask(`${method} /_banyan/ops${path}`, fresh(caller, chosen), sent);
        const verdict = status === 400 ? "allowed" : verdictOf(status);
        const unknown = UNKNOWN.some((one) => one === caller);
        const wanted = unknown ? "unknown" : caller === "operator" ? "allowed" : "refused";
        if (verdict !== wanted) found.push(`${caller}, ${chosen ?? "no tenant"}, on ${method} ${path}: ${verdict}`);
      }
  expect(found).toEqual([]);
}, 60_000);

test("a guest reads and cancels nobody's order, by whatever token it brings, and nothing comes of it", async () => {
  const placed = async (who: string): Promise<{ orderId: string; token: string }> => {
    const { body } = await door.ask("POST /orders", fresh(who), { lines: [{ sku: "mug", quantity: 1 }] });
    return { orderId: String(body["orderId"]), token: String(body["orderToken"]) };
  };
  const [own, other, adas] = [await placed("guest"), await placed("guest"), await placed("ada")];
  const status = async (orderId: string): Promise<unknown> =>
    (await door.ask(`GET /orders/${orderId}`, fresh("operator"))).body["status"];
  for (const { orderId, token } of [other, adas]) {
    const tokens = [undefined, "", own.token, orderId, token.slice(0, -1), `${token}x`, `${token},${own.token}`];
    for (const brought of tokens) {
      const rest: Record<string, string> = brought === undefined ? {} : { "x-order-token": brought };
      const idempotencyKey = randomUUID();
      const headers = { ...rest, "idempotency-key": idempotencyKey };
      const command = { operation: "orders.cancel-order", input: { orderId }, idempotencyKey };
      const batch = await door.ask("POST /_banyan/commands", rest, { commands: [command] });
      const [inBatch] = batch.body["results"] as { status: number }[];
      expect([
        (await door.ask(`GET /orders/${orderId}`, headers)).status,
        (await door.ask(`POST /orders/${orderId}/cancel`, headers, {})).status,
        inBatch?.status,
      ]).toEqual([403, 403, 403]);
    }
  }
  expect((await door.ask("GET /orders", fresh("guest"))).status).toBe(403);
  for (const { orderId } of [other, adas]) expect(await status(orderId)).not.toBe("cancelled");
  const its = { ...fresh("guest"), "x-order-token": own.token };
  expect((await door.ask(`GET /orders/${own.orderId}`, its)).status).toBe(200);
});

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
