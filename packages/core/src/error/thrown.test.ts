import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asBanyanError, BanyanError, isBanyanError, refuse, type ErrorOptions } from "./banyan-error.ts";
import { ERROR_KINDS } from "./codes.ts";
import { LONGEST_RETRY_MS } from "./retry-after.ts";
import { messageOf, wordsOf } from "./words.ts";

const fails = (): never => {
  throw new Error("asked too much");
};
const TRAPS: ProxyHandler<object> = { get: fails, has: fails, getPrototypeOf: fails, getOwnPropertyDescriptor: fails };

/** A value that fails whoever asks it this often. */
function tired(after: number, inner: object): object {
  let asked = 0;
  return new Proxy(inner, { get: (target, name) => (++asked > after ? fails() : Reflect.get(target, name)) });
}

const ODD: readonly unknown[] = [
  Object.create(null),
  Symbol("s"),
  { toString: fails },
  { toString: () => ({}) },
  { [Symbol.toPrimitive]: fails },
  fails,
  new Proxy({}, TRAPS),
  new Proxy(new Error("x"), TRAPS),
  new Proxy(refuse("x", "y"), TRAPS),
  new Proxy(() => {}, { ...TRAPS, apply: fails }),
  Object.defineProperty(new Error("x"), "message", { get: fails }),
  Object.defineProperty(new Error("x"), "stack", { get: fails }),
  Object.defineProperty(new Error("x"), "name", { value: Symbol("n") }),
  Object.defineProperty(refuse("x", "y"), "message", { get: fails }),
  Object.defineProperty(refuse("x", "y"), "code", { get: fails }),
  Object.freeze(new Error("frozen")),
];

const FIELDS = ["name", "message", "code", "kind", "retry", "remedy", "retryAfterMs", "details", "stack", "cause"];
const field = fc.oneof(fc.anything(), fc.constantFrom("BanyanError", "later", "conflict", 2 ** 60, 1e300, -1));
const BASES: readonly (() => Error)[] = [
  () => new Error("x"),
  () => refuse("x", "y"),
  () => Object.assign(new Error("x"), { name: "BanyanError", code: "c" }),
];

/** What makes the value that is thrown: fast-check itself would ask a value too much. */
const odd: fc.Arbitrary<() => unknown> = fc.oneof(
  fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true }).map((value) => () => value),
  fc.nat(ODD.length - 1).map((i) => () => ODD[i]),
  fc.tuple(fc.nat(9), fc.constantFrom(...BASES)).map(
    ([n, base]) =>
      () =>
        tired(n, base()),
  ),
  fc.tuple(fc.dictionary(fc.constantFrom(...FIELDS), field), fc.constantFrom(...BASES)).map(
    ([fields, base]) =>
      () =>
        Object.assign(base(), fields) as unknown,
  ),
);

describe("whatever is thrown", () => {
  test("becomes an error whose fields hold what they are declared to hold, and whose words can be told", () => {
    fc.assert(
      fc.property(odd, (make) => {
        const thrown = make();
        const error = asBanyanError(thrown, "it");
        expect(error).toBeInstanceOf(BanyanError);
        for (const text of [error.code, error.message, error.remedy]) expect(typeof text).toBe("string");
        expect(ERROR_KINDS).toContain(error.kind);
        expect(["never", "later"]).toContain(error.retry);
        const { retryAfterMs = 0 } = error;
        expect(Number.isInteger(retryAfterMs) && retryAfterMs >= 0 && retryAfterMs <= LONGEST_RETRY_MS).toBe(true);
        expect(asBanyanError(error, "elsewhere")).toBe(error);
        for (const words of [wordsOf(thrown), messageOf(thrown)]) expect(typeof words).toBe("string");
        expect(typeof isBanyanError(thrown)).toBe("boolean");
      }),
      { numRuns: 2_000 },
    );
  });

  test("is told as it says itself, and otherwise as what cannot be told", () => {
    expect(wordsOf(new TypeError("no field"))).toBe("TypeError: no field");
    expect(messageOf(new TypeError("no field"))).toBe("no field");
    expect(wordsOf(Object.create(null))).toBe("something that cannot be made text");
    expect(asBanyanError(Object.create(null), "it")).toMatchObject({
      code: "handler-failed",
      retry: "later",
      message: "it failed: something that cannot be made text",
    });
  });

  test("keeps what it says where it is of another copy of this package", () => {
    const fields = {
      name: "BanyanError",
      code: "own",
      kind: "conflict",
      retry: "never",
      remedy: "Do.",
      retryAfterMs: 7,
    };
    const foreign = Object.assign(new Error("said"), fields);
    const error = asBanyanError(foreign, "it");
    expect(error).toMatchObject({ ...fields, message: "said", cause: foreign });
    expect(error).toBeInstanceOf(BanyanError);
  });
});

describe("how long an error asks to wait", () => {
  test.each([
    [0, 0],
    [1.2, 2],
    [-5, 0],
    [2 ** 60, LONGEST_RETRY_MS],
    [1e300, LONGEST_RETRY_MS],
    [Infinity, LONGEST_RETRY_MS],
    [-Infinity, 0],
    [Number.NaN, undefined],
    ["5s", undefined],
    [10n, undefined],
    [undefined, undefined],
  ])("%s is kept as %s", (said, kept) => {
    const options = { kind: "unavailable", retryAfterMs: said } as ErrorOptions;
    expect(new BanyanError("busy", "later", options).retryAfterMs).toBe(kept);
  });

  test("may be said by a refusal that is asked again, and by no other", () => {
    expect(refuse("busy", "x", { kind: "unavailable", retryAfterMs: 30_000 })).toMatchObject({
      retry: "later",
      retryAfterMs: 30_000,
    });
    // @ts-expect-error -- a terminal refusal is not asked again
    refuse("closed", "x", { kind: "conflict", retryAfterMs: 30_000 });
    // @ts-expect-error -- so is one that says no kind
    refuse("closed", "x", { retryAfterMs: 30_000 });
  });
});
