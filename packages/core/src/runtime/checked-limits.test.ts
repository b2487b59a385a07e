import { setImmediate as drained } from "node:timers/promises";
import { memory } from "@banyan/core";
import { expect, test } from "vitest";
import { checkedLimits, checkedNumbers } from "./checked-limits.ts";
import { application, orders } from "./delivery-fixture.ts";
import { ByHand } from "./fixture.ts";
import { DEFAULT_LIMITS } from "./limits.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

test("what is not given is as it is, also where it is given as undefined", () => {
  expect(checkedLimits()).toEqual(DEFAULT_LIMITS);
  const given = { parkedRows: undefined, retries: 3, unitLimitMs: 0, inFlight: Infinity } as never;
  expect(checkedLimits(given)).toEqual({ ...DEFAULT_LIMITS, retries: 3, unitLimitMs: 0, inFlight: Infinity });
});

test.each(["batchUnits", "retries", "parkedRows", "commandsAtOnce"])("at %s 0 nothing would ever go on", (name) => {
  expect(() => checkedLimits({ [name]: 0 })).toThrow(expect.objectContaining({ code: "config-invalid" }));
});

test("everything that is wrong is told together", () => {
  const given = { keepResultsMs: Number.NaN, inFlightBytes: "8MiB", beforeLimitMs: -1, unitLimitMs: -1 } as never;
  const told = [
    'The limit "keepResultsMs" is NaN, and must be a number from 0 on.',
    'The limit "inFlightBytes" is 8MiB, and must be a number from 1 on.',
    'The limit "beforeLimitMs" is -1, and must be a number from 1 on.',
    'The limit "unitLimitMs" is -1, and must be a number from 0 on.',
  ];
  expect(() => checkedLimits(given)).toThrow(told.join(" "));
});

test("a name that nobody has is refused, with the one that may be meant", () => {
  const check = (): unknown => checkedNumbers({ bodyBytes: 1 }, { bodyBites: 2 });
  expect(check).toThrow('There is no limit "bodyBites". Did you mean "bodyBytes"?');
});

test("a runtime with limits that cannot be kept is not made", () => {
  const options = { store: memory(), hand: new ByHand(drained), limits: { batchUnits: 0 } };
  expect(() => new RuntimeWorld(application(orders()), options)).toThrow(
    expect.objectContaining({ code: "config-invalid" }),
  );
});
