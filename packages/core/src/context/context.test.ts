import { expect, test } from "vitest";
import { z } from "zod";
import { command, event, query } from "../contract/index.ts";
import { accepted, isAccepted } from "./answer.ts";
import { app, one } from "./app.ts";
import { context, needs } from "./context.ts";
import { contractsOf, prefixOf } from "./definition.ts";
import { sql, tables } from "./handle-kind.ts";
import { anyone, roles } from "./policy.ts";
import { DEFAULT_RETRY } from "./retry.ts";

const data = z.object({ id: z.string() });
const Placed = event("orders.placed", { version: 1, key: "id", data });
const Closed = event("orders.closed", { version: 1, key: "id", data });
const Place = command("orders.place", { input: data });
const Get = query("orders.get", { input: data, output: data });

test("a context collects what is registered, in order", () => {
  const orders = context("orders", { owner: "team", contract: { Placed, Place, Get }, uses: [Get] });
  const body = (): void => {};
  const before = (): void => {};
  orders.handle(Place, { allow: anyone(), before }, body);
  orders.answer(Get, { allow: roles("operator") }, (input) => input);
  orders.on(Placed, { name: "note", from: "now" }, body);
  const { definition } = orders;
  expect(definition).toMatchObject({ name: "orders", owner: "team", uses: [Get], migrations: [], ports: [] });
  expect(definition.commands).toMatchObject([{ contract: Place, before, body, unknownOptions: [] }]);
  expect(definition.queries).toMatchObject([{ contract: Get, allow: { policy: "roles", roles: ["operator"] } }]);
  orders.on([Placed, Closed], { name: "both", from: "start" }, body);
  expect(definition.subscriptions).toMatchObject([
    { contracts: [Placed], name: "note", from: "now", retry: DEFAULT_RETRY },
    { contracts: [Placed, Closed], name: "both", from: "start" },
  ]);
});

test("options it does not know are kept to be reported, and nothing is refused yet", () => {
  const orders = context("orders", { contract: {} });
  const options = { allow: anyone(), befor: 1, name: "x" };
  orders.handle(Place, options, () => {});
  orders.answer(Get, { allow: anyone(), before: 1 } as never, (input) => input);
  orders.on(Placed, { allow: anyone() } as never, () => {});
  const { commands, queries, subscriptions } = orders.definition;
  expect(commands[0]?.unknownOptions).toEqual(["befor", "name"]);
  expect(queries[0]?.unknownOptions).toEqual(["before"]);
  expect(subscriptions[0]).toMatchObject({ name: "", from: undefined, unknownOptions: ["allow"] });
});

test("SQL is the default, the ports a context needs are named", () => {
  expect(context("orders", { contract: {} }).definition.handle.kind).toBe("sql");
  const options = { contract: {}, tx: tables(), ports: needs<{ a: string; b: string }>("a", "b") };
  const { handle, ports } = context("orders", options).definition;
  expect(handle.kind).toBe("tables");
  expect(ports).toEqual(["a", "b"]);
  const none = async (): Promise<never> => Promise.reject(new Error("nothing runs here"));
  const raw = { kind: "sql", dialect: "sqlite", execute: none, savepoint: none } as const;
  expect(sql().bind(raw)).toBe(raw);
});

test("contracts are found by their kind among everything a file exports", () => {
  const contract = { Placed, Place, Get, data, helper: () => 1, nothing: null, missing: undefined, text: "event" };
  const { definition } = context("orders", { contract });
  expect(contractsOf(definition, "event")).toEqual([Placed]);
  expect(contractsOf(definition, "command")).toEqual([Place]);
  expect(contractsOf(definition, "query")).toEqual([Get]);
});

test("the prefix of a context's tables", () => {
  expect(prefixOf("orders")).toBe("orders_");
  expect(prefixOf("order-items-old")).toBe("order_items_old_");
});

test("an application is one topology and no ports unless it says otherwise", () => {
  const orders = context("orders", { contract: {} });
  const application = app({ contexts: [orders] });
  expect(application).toMatchObject({ kind: "app", contexts: [orders.definition], topology: one() });
  expect(
    application.ports({
      settings: {},
      data: "",
      delivery: () => ({ parked: 0, dead: 0, held: 0, paused: 0, full: 0, fullOfBytes: 0, lag: 0 }),
      onStop: () => {},
    }),
  ).toEqual({});
});

test("only what `accepted` made counts as accepted", () => {
  expect(isAccepted(accepted({ id: "1" }))).toBe(true);
  expect(isAccepted({ answer: "accepted", value: { id: "1" } })).toBe(false);
  expect(isAccepted(null)).toBe(false);
});
