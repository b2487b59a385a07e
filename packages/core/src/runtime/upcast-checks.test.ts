import { describe, expect, test } from "vitest";
import { z } from "zod";
import { event, type EventOptions } from "../contract/index.ts";
import { context } from "../context/index.ts";
import { checkContracts } from "./contract-checks.ts";

const data = z.object({ orderId: z.string(), cents: z.int() });
const link = (old: object): object => old;

/** What is wrong with an event of "orders" of this version. */
function found(version: number, options: Partial<EventOptions<any>>): string[] {
  const Placed = event("orders.placed", { version, key: "orderId", data, ...options });
  const { definition } = context("orders", { contract: { Placed } });
  return checkContracts(definition).map(({ code, message }) => `${code}: ${message}`);
}

const invalid = (...faults: string[]): string[] => faults.map((fault) => `upcast-invalid: "orders.placed" ${fault}`);

describe("the upcasts of an event", () => {
  test("are a chain that ends at its version, wherever it begins", () => {
    expect(found(1, {})).toEqual([]);
    expect(found(4, {})).toEqual([]);
    expect(found(4, { upcast: { 3: link } })).toEqual([]);
    expect(found(4, { upcast: { 3: link, 1: link, 2: link } })).toEqual([]);
  });

  test("lead from earlier versions only", () => {
    const wrong = { 0: link, 1: link, "1.5": link, "-1": link, "01": link, 2: link, 3: link, one: link };
    const names = ["0", "2", "3", "1.5", "-1", "01", "one"];
    expect(found(2, { upcast: wrong as never })).toEqual(
      invalid(...names.map((name) => `has an upcast from "${name}", which is no version before 2.`)),
    );
  });

  test("have no gap", () => {
    expect(found(4, { upcast: { 1: link, 3: link } })).toEqual(invalid("has upcasts from version 1 and none from 2."));
    expect(found(1_000_000_000, { upcast: { 1: link } })).toEqual(
      invalid("has upcasts from version 1 and none from 2."),
    );
  });

  test("are functions", () => {
    expect(found(2, { upcast: { 1: {} as never } })).toEqual(
      invalid("has an upcast from version 1 that is not a function."),
    );
  });
});

describe("the samples of an event", () => {
  const upcast = {
    1: ({ amount, ...old }: { amount: number }) => ({ ...old, euros: amount }),
    2: ({ euros, ...old }: { euros: number }) => ({ ...old, cents: euros * 100 }),
  };

  test("come through the upcasts as the schema says", () => {
    const samples = {
      1: [{ orderId: "1", amount: 1 }],
      2: [{ orderId: "1", euros: 2 }],
      3: [{ orderId: "1", cents: 1 }],
    };
    expect(found(3, { upcast, samples })).toEqual([]);
  });

  test("that do not are told by version and path, without their values", () => {
    const samples = { 1: [{ orderId: "1", amount: 1 }, { orderId: "1", amount: 0.001 }, null], 2: [{ euros: 1 }] };
    expect(found(3, { upcast, samples })).toEqual(
      invalid(
        "cannot read sample 1 of version 1: cents: is not as its schema says.",
        "cannot read sample 2 of version 1: its upcast from version 1 threw.",
        "cannot read sample 0 of version 2: orderId: is not as its schema says.",
      ),
    );
  });

  test("of a version that has no upcast, does not exist or has no list", () => {
    expect(found(3, { upcast: { 2: upcast[2] }, samples: { 1: [{}] } })).toEqual(
      invalid(
        "cannot read sample 0 of version 1: it has version 1, this code reads 3 and has no upcast from version 1.",
      ),
    );
    expect(found(2, { samples: { 3: [], "0": [], 1: {} } as never })).toEqual(
      invalid(
        'has samples of "0", which is no version up to 2.',
        "has samples of version 1 that are not a list.",
        'has samples of "3", which is no version up to 2.',
      ),
    );
  });

  test("stay as they are, whatever an upcast does to what it gets", () => {
    const sample = Object.freeze({ orderId: "1" });
    const grow = (old: Record<string, unknown>): unknown => Object.assign(old, { cents: 1 });
    expect(found(2, { upcast: { 1: grow }, samples: { 1: [sample] } })).toEqual([]);
    expect(sample).toEqual({ orderId: "1" });
  });

  test("are left alone while the chain or the schema is wrong", () => {
    expect(found(3, { upcast: { 1: upcast[1] }, samples: { 1: [{}] } })).toHaveLength(1);
    expect(found(2, { upcast: { 1: link }, samples: { 1: [{}] }, data: {} as never })[0]).toContain(
      "schema-unsupported",
    );
  });
});
