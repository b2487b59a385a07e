import { describe, expect, test } from "vitest";
import { backoff } from "../context/index.ts";
import { asBanyanError, BanyanError, refuse } from "../error/index.ts";
import { afterFailure, type Failure } from "./attempt-outcome.ts";

const policy = backoff("1s", "1m", 3);
const NOW = 5_000;

function after(
  error: BanyanError,
  before: Pick<Failure, "attempts" | "errors"> = { attempts: 0, errors: [] },
): Failure {
  return afterFailure(error, before, { policy, now: NOW, dice: 0 });
}

const thrown = asBanyanError(new Error("boom"), "it");

describe("after a failed attempt an entry is", () => {
  test("tried again later, with the error and the time of the next attempt", () => {
    expect(after(thrown)).toEqual({
      state: "retrying",
      attempts: 1,
      due: NOW + 1_000,
      errors: [{ at: NOW, code: "handler-failed", message: "it failed: Error: boom" }],
    });
    expect(after(thrown, { attempts: 1, errors: [] })).toMatchObject({
      state: "retrying",
      attempts: 2,
      due: NOW + 2_000,
    });
  });

  test("dead when its tries are used up", () => {
    expect(after(thrown, { attempts: 2, errors: [] })).toMatchObject({ state: "dead", attempts: 3, due: 0 });
  });

  test.each([
    refuse("order-closed", "x"),
    refuse("gone", "x", { kind: "not-found" }),
    new BanyanError("not-allowed", "x"),
    new BanyanError("idempotency-key-reused", "x"),
  ])("dead at once when asking again cannot help: $code", (error) => {
    expect(after(error)).toMatchObject({ state: "dead", attempts: 1, due: 0 });
  });

  test.each([
    new BanyanError("unit-stalled", "x"),
    new BanyanError("before-timeout", "x"),
    new BanyanError("call-failed", "x"),
    new BanyanError("in-flight", "x"),
    new BanyanError("event-invalid", "x"),
    new BanyanError("statement-failed", "x"),
    refuse("busy", "x", { kind: "unavailable" }),
    new BanyanError("version-conflict", "x"),
  ])("tried again when another attempt may do better: $code", (error) => {
    expect(after(error).state).toBe("retrying");
  });

  test.each([new BanyanError("event-unknown", "x"), new BanyanError("event-undecodable", "x")])(
    "unknown when this code cannot read it, which uses up no try: $code",
    (error) => {
      const before = { attempts: 2, errors: [] };
      expect(after(error, before)).toMatchObject({ state: "unknown", attempts: 2, due: 0 });
    },
  );

  test("not tried again before the error says so", () => {
    const patient = new BanyanError("overloaded", "x", { retryAfterMs: 30_000 });
    expect(after(patient).due).toBe(NOW + 30_000);
    const hasty = new BanyanError("overloaded", "x", { retryAfterMs: 1 });
    expect(after(hasty).due).toBe(NOW + 1_000);
  });
});

test("of more than twenty errors the first and the latest are kept, each message cut", () => {
  const errors = Array.from({ length: 20 }, (_, at) => ({ at, code: "c", message: "" }));
  const failure = after(new BanyanError("call-failed", "x".repeat(2_000)), { attempts: 1, errors });
  expect(failure.errors).toHaveLength(20);
  expect(failure.errors.map(({ at }) => at)).toEqual([0, ...Array.from({ length: 18 }, (_, i) => i + 2), NOW]);
  expect(failure.errors.at(-1)?.message).toHaveLength(500);
});
