import { expect, test, vi } from "vitest";
import { nodeClock } from "./clock.ts";
import { nodeRandom } from "./random.ts";
import { connectionAccepted, nodeTurn } from "./turn.ts";

test("a wait longer than one timer of Node is as long as it says", () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  try {
    const fire = vi.fn<() => void>();
    const days30 = 30 * 86_400_000;
    nodeClock().after(days30, fire);
    vi.advanceTimersByTime(days30 - 1);
    expect(fire).not.toHaveBeenCalled();
    vi.advanceTimersByTime(2);
    expect(fire).toHaveBeenCalledTimes(1);
  } finally {
    vi.useRealTimers();
  }
});

test("a wait never fires early, and never after it was cancelled", async () => {
  const clock = nodeClock();
  const began = clock.mono();
  const cancelled = vi.fn<() => void>();
  const cancel = clock.after(1, cancelled);
  cancel();
  cancel();
  await new Promise<void>((resolve) => clock.after(5, resolve));
  expect(clock.mono() - began).toBeGreaterThanOrEqual(5);
  expect(cancelled).not.toHaveBeenCalled();
});

test("after release nothing that waits holds the process", async () => {
  const active = (): number => process.getActiveResourcesInfo().filter((name) => name === "Timeout").length;
  const clock = nodeClock();
  const before = active();
  const cancels = [clock.after(60_000, () => {})];
  expect(active()).toBe(before + 1);
  clock.release();
  cancels.push(clock.after(60_000, () => {}));
  expect(active()).toBe(before);
  for (const cancel of cancels) cancel();
});

test("random bits are whole numbers of 32 bits and do not repeat with the pool", () => {
  const random = nodeRandom();
  const drawn = Array.from({ length: 5_000 }, () => random.u32());
  expect(drawn.every((bits) => Number.isInteger(bits) && bits >= 0 && bits <= 0xffff_ffff)).toBe(true);
  expect(new Set(drawn).size).toBeGreaterThan(4_990);
});

test("the next turn comes after what has already arrived, not in a microtask", async () => {
  const order: string[] = [];
  const turn = nodeTurn()
    .next()
    .then(() => order.push("turn"));
  await Promise.resolve();
  order.push("microtask");
  await turn;
  expect(order).toEqual(["microtask", "turn"]);
});

test("while connections come, the next turn is after theirs: one in each, and no more than so many", async () => {
  const accepted = async (count: number): Promise<number> => {
    let done = 0;
    const accept = (): void => {
      if (done++ < count) setImmediate(accept);
      connectionAccepted();
    };
    setImmediate(accept);
    await nodeTurn().next();
    const seen = done;
    // the rest has its turns, so that nothing is left to the next one who asks
    while (done <= count) await nodeTurn().next();
    return seen;
  };
  expect(await accepted(0)).toBe(1);
  expect(await accepted(10)).toBe(11);
  expect(await accepted(1_000)).toBeLessThan(100);
});
