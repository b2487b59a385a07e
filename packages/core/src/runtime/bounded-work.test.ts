import { setImmediate as drained } from "node:timers/promises";
import { expect, test } from "vitest";
import { BanyanError } from "../error/index.ts";
import { BoundedWork, WorkScope } from "./bounded-work.ts";
import { ByHand } from "./fixture.ts";

const never = (): Promise<never> => new Promise(() => {});
const what = 'before of "orders.place"';
const gone = new BanyanError("draining", "The process is stopping.");

function given(): { hand: ByHand; bounded: BoundedWork } {
  const hand = new ByHand(drained);
  return { hand, bounded: new BoundedWork(hand, 1_000) };
}

test("work that ends in time has its outcome, and leaves no timer", async () => {
  const { hand, bounded } = given();
  expect(await bounded.run({ what }, () => 1)).toBe(1);
  await expect(bounded.run({ what }, () => Promise.reject(gone))).rejects.toBe(gone);
  const throws = (): never => {
    throw gone;
  };
  await expect(bounded.run({ what }, throws)).rejects.toBe(gone);
  expect(hand.timers).toBe(0);
});

test("at its limit it is told, once, and its outcome is the reason whatever it does then", async () => {
  const { hand, bounded } = given();
  const told: unknown[] = [];
  const run = bounded.run({ what }, async (scope) => {
    await new Promise<void>((resolve) => {
      scope.onAbort(() => {
        told.push((scope.reason as BanyanError).code);
        resolve();
      });
    });
    return "ended after all";
  });
  run.catch(() => {});
  await hand.pass(999);
  expect(told).toEqual([]);
  await hand.pass(1);
  await expect(run).rejects.toMatchObject({ code: "before-timeout", retry: "later" });
  bounded.halt(gone);
  expect(told).toEqual(["before-timeout"]);
});

test("a halt gives up all that runs, and nothing begins after it", async () => {
  const { bounded, hand } = given();
  const running = [bounded.run({ what }, never), bounded.run({ what }, never)];
  bounded.halt(gone);
  for (const run of running) await expect(run).rejects.toBe(gone);
  await expect(bounded.run({ what }, () => expect.unreachable())).rejects.toBe(gone);
  expect([bounded.halted, hand.timers]).toEqual([true, 0]);
});

test("whoever asked and is gone takes the work along, before it began too", async () => {
  const { bounded, hand } = given();
  const asker = new WorkScope("a client", hand.telemetry);
  const running = bounded.run({ what, asker }, never);
  asker.abort(gone);
  await expect(running).rejects.toBe(gone);
  await expect(bounded.run({ what, asker }, () => expect.unreachable())).rejects.toBe(gone);
  const foreign = { aborted: true, reason: new Error("reset"), onAbort: (fire: () => void) => (fire(), () => {}) };
  const refused = bounded.run({ what, asker: foreign }, () => expect.unreachable());
  await expect(refused).rejects.toMatchObject({ code: "caller-gone", retry: "later", cause: foreign.reason });
});

test("all who wait are told, also where one of them throws; who took it back or came after the end is not", () => {
  const hand = new ByHand(drained);
  const scope = new WorkScope(what, hand.telemetry);
  const told: string[] = [];
  scope.onAbort(() => {
    throw new Error("cannot");
  });
  const takeBack = scope.onAbort(() => told.push("taken back"));
  scope.onAbort(() => told.push("waits"));
  takeBack();
  scope.abort(gone);
  scope.abort(gone);
  scope.onAbort(() => told.push("late"));
  expect(told).toEqual(["waits", "late"]);
  expect(hand.said("warning")).toMatchObject([{ message: expect.stringContaining("cannot") }]);
  const over = new WorkScope(what, hand.telemetry);
  over.onAbort(() => told.push("after its end"));
  over.end();
  over.abort(gone);
  expect([told.length, over.aborted]).toEqual([2, false]);
});
