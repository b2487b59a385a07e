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
  turnstile.come().leave();
  await hand.pass(1);
  expect(turnstile.pressure).toBe(1);
  expect(() => turnstile.come()).toThrow(expect.objectContaining(OVERLOADED) as Error);
  await end("a");
  expect(turnstile.pressure).toBe(0);
  await end("b");
  await end("c");
  await Promise.all(passing);
});

/** One of two pass, the line moves by one each 50 ms, and three are left in it. */
async function moving() {
  const all = made();
  const passing = ["a", "b", "c", "d", "e", "f", "g"].map((name) => all.pass(name));
  for (const name of ["a", "b"]) {
    await all.hand.pass(50);
    await all.end(name);
  }
  const rest = async (): Promise<void> => {
    for (const name of ["c", "d", "e", "f", "g"]) await all.end(name);
    await Promise.all(passing);
  };
  return { ...all, rest };
}

test("nobody else should come when the next would wait too long, as fast as the line moves, whoever waits now", async () => {
  const { turnstile, end, rest } = await moving();
  // three are before the next one, at 50 ms each
  expect(turnstile.pressure).toBe((3 * 50) / 250);
  const coming = [turnstile.come(), turnstile.come()];
  expect(turnstile.pressure).toBe(1);
  expect(() => turnstile.come()).toThrow(expect.objectContaining(OVERLOADED) as Error);
  coming[0]?.leave();
  coming[0]?.leave();
  expect(turnstile.pressure).toBe((4 * 50) / 250);
  const passed = coming[1]?.pass(() => Promise.resolve("h"));
  // now it is in the line instead of on its way there
  expect(turnstile.pressure).toBe((4 * 50) / 250);
  await end("c");
  expect(turnstile.pressure).toBe((3 * 50) / 250);
  await rest();
  expect(await passed).toBe("h");
  expect(turnstile.pressure).toBe(0);
});

test("who is on its way for long waits for something else, and keeps nobody out", async () => {
  const { hand, turnstile, rest } = await moving();
  const slow = [turnstile.come(), turnstile.come()];
  await rest();
  for (let more = 0; more < 7; more++) slow.push(turnstile.come());
  // nobody stands in line, but two could pass at once and nine are on their way
  expect(turnstile.pressure).toBeGreaterThan(0.9);
  await hand.pass(250);
  expect(turnstile.pressure).toBe(0);
  for (const one of slow) one.leave();
});

test("how fast a line moved is forgotten when nobody stood in it for a second", async () => {
  const { hand, turnstile, rest } = await moving();
  await rest();
  await hand.pass(1_001);
  const many = Array.from({ length: 100 }, () => turnstile.come());
  expect(turnstile.pressure).toBe(0);
  for (const one of many) one.leave();
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
