import { setImmediate as drained } from "node:timers/promises";
import { expect, test } from "vitest";
import { deferred, sleep, within } from "./deferred.ts";
import { ByHand } from "./fixture.ts";

const LATE = new Error("late");
const limit = { ms: 100, late: () => LATE };

test("work that ends in time keeps its outcome and leaves no timer", async () => {
  const hand = new ByHand(drained);
  const failure = new Error("own");
  await expect(within(Promise.resolve(1), hand.clock, limit)).resolves.toBe(1);
  await expect(within(Promise.reject(failure), hand.clock, limit)).rejects.toBe(failure);
  expect(hand.timers).toBe(0);
});

test("work that does not is given up at the limit, and its late failure bothers nobody", async () => {
  const hand = new ByHand(drained);
  const work = deferred<number>();
  const outcome = within(work.promise, hand.clock, limit);
  outcome.catch(() => {});
  await hand.pass(99);
  expect(await hand.outcome(outcome)).toBe("pending");
  await hand.pass(1);
  expect(await hand.outcome(outcome)).toEqual({ error: LATE });
  work.reject(new Error("too late"));
  await drained();
});

test("sleep ends when its time has passed, not before", async () => {
  const hand = new ByHand(drained);
  const slept = sleep(hand.clock, 10);
  await hand.pass(9);
  expect(await hand.outcome(slept)).toBe("pending");
  await hand.pass(1);
  expect(await hand.outcome(slept)).toEqual({ value: undefined });
});
