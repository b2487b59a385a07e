import { expect, test } from "vitest";
import { AcceptedTokens } from "./accepted-tokens.ts";

const user = { id: "user:42", roles: [] };

function made(most?: number) {
  const clock = { now: 1_000 };
  return { clock, tokens: new AcceptedTokens(() => clock.now, most) };
}

test("a token is known for half a minute, and no other by it", () => {
  const { clock, tokens } = made();
  tokens.add("a.b.c", user, Infinity);
  expect([tokens.find("a.b.c"), tokens.find("a.b.d"), tokens.find("")]).toEqual([user, undefined, undefined]);
  clock.now += 29_999;
  expect(tokens.find("a.b.c")).toEqual(user);
  clock.now += 1;
  expect(tokens.find("a.b.c")).toBeUndefined();
});

test("and not beyond its expiry", () => {
  const { clock, tokens } = made();
  tokens.add("a.b.c", user, 1_500);
  tokens.add("late", user, 999);
  expect([tokens.find("a.b.c"), tokens.find("late")]).toEqual([user, undefined]);
  clock.now = 1_500;
  expect(tokens.find("a.b.c")).toBeUndefined();
});

test("and not by a clock that was set back: nobody knows how long ago it was verified", () => {
  const { clock, tokens } = made();
  tokens.add("a.b.c", user, Infinity);
  clock.now -= 1;
  expect(tokens.find("a.b.c")).toBeUndefined();
});

test("so many are known", () => {
  const { tokens } = made(2);
  for (const token of ["a", "b", "c"]) tokens.add(token, user, Infinity);
  expect(["a", "b", "c"].map((token) => tokens.find(token) !== undefined)).toEqual([false, true, true]);
});
