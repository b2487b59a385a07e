import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { anyone, app, context, needs, roles, tables, type Context } from "../context/index.ts";
import { command, event, query } from "../contract/index.ts";
import type { Violation } from "../error/index.ts";
import { checkPorts, checkRegistration } from "./registration.ts";

const SQL = { name: "sqlite", handle: "sql", writers: 1, durable: true, tenants: true } as const;
const data = z.object({ orderId: z.string() });
const Placed = event("orders.placed", { version: 1, key: "orderId", data });
const Place = command("orders.place", { http: "POST /orders", input: data });
const Get = query("orders.get", { http: "GET /orders/:orderId", input: data, output: data });

function violations(...contexts: readonly Context[]): readonly Violation[] {
  return checkRegistration(app({ contexts }), SQL);
}

/** `code: message` of each. */
const told = (found: readonly Violation[]): string[] => found.map(({ code, message }) => `${code}: ${message}`);

/** A context with nothing wrong in it; tests plant what they are about. */
function orders(): Context<"orders"> {
  const whole = context("orders", { contract: { Placed, Place, Get } });
  whole.handle(Place, { allow: anyone() }, () => {});
  whole.answer(Get, { allow: roles("operator") }, (input) => input);
  whole.on(Placed, { name: "note", from: "start" }, () => {});
  return whole;
}

test("nothing wrong is no violation", () => {
  expect(violations(orders())).toEqual([]);
});

describe("names", () => {
  test.each(["Orders", "order_items", "1st", "orders-", "or ders", ""])("%j is not a context name", (name) => {
    expect(told(violations(context(name, { contract: {} })))).toEqual([
      `name-invalid: "${name}" is not a context name.`,
    ]);
  });

  test.each(["banyan", "banyan-extra"])("%s is the runtime's own", (name) => {
    expect(told(violations(context(name, { contract: {} })))).toEqual([
      `name-invalid: "${name}" begins with "banyan", which is the runtime's own.`,
    ]);
  });

  test("two contexts of one name", () => {
    const [one, other] = [context("a", { contract: {} }), context("a", { contract: {} })];
    expect(told(violations(one, other))).toEqual(['name-duplicate: Two contexts are called "a".']);
  });

  test("a table prefix that begins another's, but not a name that merely begins another", () => {
    const [long, short, near] = ["order-items", "order", "ordering"].map((name) => context(name, { contract: {} }));
    expect(told(violations(long!, short!, near!))).toEqual([
      'prefix-collision: "order_" of "order" begins "order_items_" of "order-items".',
    ]);
  });
});

describe("handlers", () => {
  test("a contract operation that nothing handles", () => {
    expect(told(violations(context("orders", { contract: { Place, Get } })))).toEqual([
      'handler-missing: "orders.place" is in the contract of "orders", and nothing handles it.',
      'handler-missing: "orders.get" is in the contract of "orders", and nothing handles it.',
    ]);
  });

  test("an operation handled twice", () => {
    const whole = orders();
    whole.handle(Place, { allow: anyone() }, () => {});
    expect(told(violations(whole))).toEqual(['handler-duplicate: "orders.place" is handled twice.']);
  });

  test.each([undefined, null, true, "anyone", { policy: "roles" }, { policy: "all", roles: [] }])(
    "an operation whose `allow` is %j",
    (allow) => {
      const whole = context("orders", { contract: { Place } });
      whole.handle(Place, { allow } as never, () => {});
      expect(told(violations(whole))).toEqual(['policy-missing: "orders.place" does not say who may use it.']);
    },
  );

  test("an operation of another context, or of a contract that is another object", () => {
    const copy = command("orders.place", { input: data });
    const Restock = command("stock.restock", { input: data });
    const whole = orders();
    whole.handle(Restock as never, { allow: anyone() }, (() => {}) as never);
    whole.answer(undefined as never, { allow: anyone() }, (() => {}) as never);
    const other = context("orders", { contract: { Place } });
    other.handle(copy, { allow: anyone() }, () => {});
    const message = (name: string): string =>
      `contract-foreign: "orders" handles "${name}", which its contract does not export.`;
    expect(told(violations(whole))).toEqual([message("stock.restock"), message("(no contract)")]);
    expect(told(violations(other))).toEqual([message("orders.place")]);
  });

  test("options that are not known here, with what may have been meant", () => {
    const whole = context("orders", { contract: { Place, Placed } });
    whole.handle(Place, { allow: anyone(), befor: 1, name: "x" } as never, () => {});
    whole.on(Placed, { name: "note", from: "now", retrys: 1 } as never, () => {});
    expect(told(violations(whole))).toEqual([
      'option-unknown: "orders.place" has an option "befor". Did you mean "before"?',
      'option-unknown: "orders.place" has an option "name".',
      'option-unknown: "orders.note" has an option "retrys". Did you mean "retry"?',
    ]);
  });
});

describe("subscriptions", () => {
  test("without a name or a beginning", () => {
    const whole = orders();
    whole.on(Placed, {} as never, () => {});
    whole.on(Placed, { name: "Note It", from: "end" } as never, () => {});
    whole.on(Placed, { name: "note", from: "now" }, () => {});
    expect(told(violations(whole))).toEqual([
      'subscription-unnamed: A subscription of "orders" has no name.',
      'subscription-from-missing: "orders." does not say where it begins.',
      'name-invalid: "Note It" is not a subscription name.',
      'subscription-from-missing: "orders.Note It" does not say where it begins.',
      'name-duplicate: Two subscriptions of "orders" are called "note".',
    ]);
  });

  test("made anew without a way to clear, or not from the start", () => {
    const whole = orders();
    const on = (name: string, options: object): void =>
      whole.on(Placed, { name, from: "start", ...options } as never, () => {});
    on("no-clear", { rebuild: {} });
    on("not-at-all", { rebuild: true });
    on("from-now", { rebuild: { clear: () => {} }, from: "now" });
    on("fine", { rebuild: { clear: () => {} } });
    expect(told(violations(whole))).toEqual(
      ["no-clear", "not-at-all", "from-now"].map(
        (name) => `rebuild-invalid: "orders.${name}" cannot be made anew as its \`rebuild\` says.`,
      ),
    );
  });

  test("to an event that is in no contract, with what may have been meant", () => {
    const whole = orders();
    const on = (contract: unknown, name: string): void => whole.on(contract as never, { name, from: "now" }, () => {});
    on(event("orders.place", { version: 1, key: "orderId", data }), "near");
    on(event("orders.placed", { version: 1, key: "orderId", data }), "a-copy");
    on(undefined, "nothing");
    const where = "which is in no contract of this application.";
    expect(told(violations(whole))).toEqual([
      `source-undeclared: "orders.near" subscribes to "orders.place", ${where} Did you mean "orders.placed"?`,
      `source-undeclared: "orders.a-copy" subscribes to "orders.placed", ${where}`,
      `source-undeclared: "orders.nothing" subscribes to "undefined", ${where}`,
    ]);
  });

  test("to several events: none, one twice, one that is in no contract, and some of another context", () => {
    const whole = orders();
    const Paid = event("billing.paid", { version: 1, key: "orderId", data });
    const Lost = event("orders.lost", { version: 1, key: "orderId", data });
    const other = context("billing", { contract: { Paid } });
    other.on([], { name: "none", from: "now" }, () => {});
    other.on([Placed, Placed], { name: "twice", from: "now" }, () => {});
    other.on([Placed, Lost], { name: "lost", from: "now" }, () => {});
    other.on([Placed, Paid], { name: "mixed", from: "now" }, () => {});
    expect(told(violations(whole, other))).toEqual([
      'source-missing: "billing.none" subscribes to an empty list of events.',
      'source-duplicate: "billing.twice" subscribes to "orders.placed" twice.',
      'source-undeclared: "billing.lost" subscribes to "orders.lost", which is in no contract of this application.',
      'source-mixed: "billing.mixed" subscribes to events of "orders" and "billing" at once.',
    ]);
  });
});

test("stored names that are renamed or forgotten where they cannot be", () => {
  const whole = context("orders", {
    contract: { Placed },
    rename: { note: "note", old: "noted", older: "note" },
    forget: ["note", "old", "gone"],
  });
  whole.on(Placed, { name: "note", from: "start" }, () => {});
  expect(told(violations(whole))).toEqual([
    'rename-invalid: "orders" renames "note", which is still a subscription of it.',
    'rename-invalid: "orders" renames "old" to "noted", which is no subscription of it. Did you mean "note"?',
    'forget-invalid: "orders" forgets "note", which is still a subscription of it.',
    'forget-invalid: "orders" forgets "note" and renames it.',
    'forget-invalid: "orders" forgets "old" and renames it.',
  ]);
});

test("`uses` of an operation nobody has, with what may have been meant", () => {
  const Price = query("orders.got", { input: data, output: data });
  const whole = context("billing", { contract: {}, uses: [Get, Price, undefined as never] });
  expect(told(violations(orders(), whole))).toEqual([
    'uses-unknown: "billing" uses "orders.got", which no context of this application has. Did you mean "orders.get"?',
    'uses-unknown: "billing" uses "undefined", which no context of this application has.',
  ]);
});

test("ports the application does not give", () => {
  const whole = context("billing", {
    contract: {},
    ports: needs<{ provider: object; clock: object }>("provider", "clock"),
  });
  const application = app({ contexts: [whole as Context] });
  const missing = (name: string): string => `ports-missing: "billing" needs the port "${name}".`;
  expect(told(checkPorts(application, { billing: { clock: {} } }))).toEqual([missing("provider")]);
  expect(told(checkPorts(application, undefined))).toEqual([missing("provider"), missing("clock")]);
  expect(checkPorts(application, { billing: { clock: {}, provider: {} } })).toEqual([]);
});

test("a handle the store cannot give", () => {
  const whole = context("billing", { contract: {}, tx: tables() });
  expect(told(violations(whole))).toEqual([
    'handle-unsupported: "billing" wants a "tables" handle; the store "sqlite" gives "sql".',
  ]);
  const memory = { ...SQL, name: "memory", handle: "tables" } as const;
  const migrated = context("shop", { contract: {}, migrations: [{ name: "001-a.sql", sql: "" }] });
  const untouched = context("other", { contract: {} });
  const found = checkRegistration(app({ contexts: [whole as Context, migrated, untouched] }), memory);
  expect(told(found)).toEqual(['handle-unsupported: "shop" wants a "sql" handle; the store "memory" gives "tables".']);
});

test("a command that a link could set off", () => {
  const Drop = command("orders.drop", { http: "GET /drop/:id", input: data });
  const whole = context("orders", { contract: { Drop } });
  whole.handle(Drop, { allow: anyone() }, () => {});
  expect(told(violations(whole))).toContain(
    'route-invalid: "orders.drop" is a command and has a GET route, GET /drop/:id.',
  );
});

test("everything is reported at once, each with its place and its remedy", () => {
  const Bare = event("orders.bare", { version: 1, key: "nope" as never, data });
  const Odd = command("orders.odd", { http: "FETCH /x", input: data });
  const whole = context("orders", { contract: { Bare, Odd } });
  whole.handle(Odd, {} as never, () => {});
  whole.on(Placed, { from: "now" } as never, () => {}); // of nobody
  const found = violations(whole, context("Bad", { contract: {} }));

  const lines = readFileSync(import.meta.filename, "utf8").split("\n");
  const placed = found.map(({ code, at }) => {
    const [, file, line] = /^(.*):(\d+):\d+$/.exec(at) ?? [];
    return [code, file === import.meta.filename, lines[Number(line) - 1]?.trim().split(/[({]/)[0]];
  });
  expect(placed).toEqual([
    ["name-invalid", true, "const found = violations"],
    ["key-missing", true, "const Bare = event"],
    ["policy-missing", true, "whole.handle"],
    ["subscription-unnamed", true, "whole.on"],
    ["source-undeclared", true, "whole.on"],
    ["route-invalid", true, "const Odd = command"],
  ]);
  expect(found.every(({ remedy }) => remedy.endsWith("."))).toBe(true);
});
