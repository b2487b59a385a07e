import { expect, test } from "vitest";
import { SLOT_COUNT, slotOf } from "./slot.ts";

test("a slot is fixed for ever: the low byte of the key's murmur3", () => {
  expect(slotOf("")).toBe(0);
  expect(slotOf("hello")).toBe(0x47);
  expect(slotOf("hello, world")).toBe(0x7f);
});

test("keys that differ by a number spread over all slots", () => {
  const counts = new Map<number, number>();
  const keys = 256 * 100;
  for (let i = 0; i < keys; i++) {
    const slot = slotOf(`order-${i}`);
    counts.set(slot, (counts.get(slot) ?? 0) + 1);
  }
  expect([...counts.keys()].every((slot) => Number.isInteger(slot) && slot >= 0 && slot < SLOT_COUNT)).toBe(true);
  expect(counts.size).toBe(SLOT_COUNT);
  // 100 are expected in each; six standard deviations of a fair hash are 60.
  expect(Math.min(...counts.values())).toBeGreaterThan(40);
  expect(Math.max(...counts.values())).toBeLessThan(160);
});
