import { setImmediate as drained } from "node:timers/promises";
import { expect, test } from "vitest";
import { deferred } from "./deferred.ts";
import { ByHand } from "./fixture.ts";
import { Turnstile } from "./turnstile.ts";

const OVERLOADED = { code: "overloaded", retry: "later", retryAfterMs: 1_000 };

function made() {
  const hand = new ByHand(drained);
  const turnstile = new Turnstile(hand.clock, { commandsAtOnce: 2, commandWaitMs: 500 });
  const begun: string[] = [];
  const works = new Map<string, ReturnType<typeof deferred<string>>>();
  const pass = (name: string): Promise<string> =>
    turnstile.pass(() => {
      begun.push(name);
      const work = deferred<string>();
      works.set(name, work);
      return work.promise;
    });
  const end = async (name: string): Promise<void> => {
    works.get(name)?.resolve(name);
    await drained();
  };
  return { hand, turnstile, begun, pass, end, works };
}

test("so many pass at a time, the others in the order in which they came; one that fails makes room, too", async () => {
  const { begun, pass, end, works, hand } = made();
  const all = Promise.allSettled(["a", "b", "c", "d"].map((name) => pass(name)));
  await drained();
  expect(begun).toEqual(["a", "b"]);
  works.get("b")?.reject(new Error("b"));
  await drained();
  expect(begun).toEqual(["a", "b", "c"]);
  await end("a");
  expect(begun).toEqual(["a", "b", "c", "d"]);
  await end("c");
  await end("d");
  expect((await all).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "fulfilled"]);
  expect(hand.timers).toBe(0);
});

test("who has waited too long is refused and never begun; who came later has its own time", async () => {
  const { hand, begun, pass, end } = made();
  const passing = [pass("a"), pass("b")];
  const early = Promise.allSettled([pass("c")]);
  await hand.pass(300);
  const later = pass("d");
  await hand.pass(200);
  expect(await early).toMatchObject([{ reason: OVERLOADED }]);
  await hand.pass(299);
  await end("a");
  expect(begun).toEqual(["a", "b", "d"]);
  await end("d");
  await end("b");
  expect(await Promise.all([...passing, later])).toEqual(["a", "b", "d"]);
});

test("when the first has waited half its time nobody else should come, and again when the line is short", async () => {
  const { hand, turnstile, pass, end } = made();
  const passing = ["a", "b", "c"].map((name) => pass(name));
  await hand.pass(249);
  expect(() => turnstile.check()).not.toThrow();
  await hand.pass(1);
  expect(turnstile.pressure).toBe(1);
  expect(() => turnstile.check()).toThrow(expect.objectContaining(OVERLOADED) as Error);
  await end("a");
  expect(turnstile.pressure).toBe(0);
  await end("b");
  await end("c");
  await Promise.all(passing);
});

test("a line in which nobody may wait is refused at its next turn, and ends nothing else", async () => {
  const hand = new ByHand(drained);
  const turnstile = new Turnstile(hand.clock, { commandsAtOnce: 1, commandWaitMs: 0 });
  expect(turnstile.pressure).toBe(0);
  const first = deferred<string>();
  const passed = turnstile.pass(() => first.promise);
  const waits = turnstile.pass(() => Promise.resolve("b"));
  expect(await hand.outcome(waits)).toBe("pending");
  await hand.pass(1);
  expect(await hand.outcome(waits)).toMatchObject({ error: OVERLOADED });
  first.resolve("a");
  expect(await passed).toBe("a");
});
