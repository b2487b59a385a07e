import { setImmediate as drained } from "node:timers/promises";
import { expect, test } from "vitest";
import { ByHand } from "./fixture.ts";
import { LoopDelay } from "./loop-delay.ts";

test("turns that take no time are no delay; long ones count the more the longer they last, and are forgotten again", async () => {
  const hand = new ByHand(drained);
  const delay = new LoopDelay(hand);
  const turnOf = async (ms: number): Promise<number> => {
    hand.elapse(25);
    const before = delay.ms;
    await hand.oneTurn();
    hand.elapse(ms);
    await hand.settle();
    return Math.round(delay.ms - before);
  };
  expect(await turnOf(0)).toBe(0);
  expect(await turnOf(100)).toBe(30);
  expect(await turnOf(100)).toBe(21);
  for (let i = 0; i < 20; i++) await turnOf(0);
  expect(delay.ms).toBeLessThan(0.1);
});

test("what the disk took of a turn is no delay", async () => {
  const hand = new ByHand(drained);
  const delay = new LoopDelay(hand);
  delay.excuse(1_000);
  expect(delay.ms).toBe(0);
  await hand.oneTurn();
  hand.elapse(100);
  delay.excuse(90);
  await hand.settle();
  expect(delay.ms).toBeCloseTo(3, 5);
});

test("nobody who asks makes it look more often than it needs, and it has no timer", async () => {
  const hand = new ByHand(drained);
  let looks = 0;
  const turn = { next: () => (looks++, hand.turn.next()) };
  const delay = new LoopDelay({ clock: hand.clock, turn });
  for (let i = 0; i < 10; i++) {
    expect(delay.ms).toBe(0);
    expect(delay.ms).toBe(0);
    await hand.settle();
    hand.elapse(10);
  }
  expect(looks).toBe(2 * 4);
  expect(hand.timers).toBe(0);
});

test("what was seen long ago says nothing about now", async () => {
  const hand = new ByHand(drained);
  const delay = new LoopDelay(hand);
  hand.elapse(25);
  expect(delay.recentMs).toBe(0);
  await hand.oneTurn();
  hand.elapse(100);
  await hand.settle();
  expect(Math.round(delay.recentMs)).toBe(30);
  hand.elapse(1_001);
  expect(delay.recentMs).toBe(0);
  expect(Math.round(delay.ms)).toBe(30);
});
