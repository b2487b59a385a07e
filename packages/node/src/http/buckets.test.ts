import { expect, test } from "vitest";
import { Buckets } from "./buckets.ts";

function made(most?: number) {
  const clock = { now: 0 };
  const options = { perSecond: 10, burst: 3, now: () => clock.now };
  return { clock, buckets: new Buckets(most === undefined ? options : { ...options, most }) };
}

test("a burst, and after it so many a second", () => {
  const { clock, buckets } = made();
  for (let at = 0; at < 3; at++) {
    expect(buckets.wait("a")).toBe(0);
    buckets.take("a", 1);
  }
  expect(buckets.wait("a")).toBe(100);
  expect(buckets.wait("b")).toBe(0);
  clock.now = 60;
  expect(buckets.wait("a")).toBe(40);
  clock.now = 100;
  expect(buckets.wait("a")).toBe(0);
  clock.now = 60_000;
  for (let at = 0; at < 3; at++) buckets.take("a", 1);
  expect(buckets.wait("a")).toBe(100);
});

test("what is taken beyond what is there is waited for later", () => {
  const { clock, buckets } = made();
  buckets.take("a", 23);
  expect(buckets.wait("a")).toBe(2_100);
  clock.now = 2_100;
  expect(buckets.wait("a")).toBe(0);
});

test("however many come, so many are remembered: those that came last", () => {
  const { buckets } = made(100);
  buckets.take("loud", 3);
  for (let at = 0; at < 10_000; at++) {
    buckets.take(`caller-${at}`, 3);
    buckets.take("loud", 0);
  }
  expect(buckets.size).toBe(100);
  expect(buckets.wait("loud")).toBe(100);
  expect([buckets.wait("caller-9999"), buckets.wait("caller-0")]).toEqual([100, 0]);
});
