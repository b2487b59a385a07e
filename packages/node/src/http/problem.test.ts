import { BanyanError, ERROR_CODES, refuse, type ErrorCode } from "@banyan/core";
import { expect, test } from "vitest";
import { problemOf } from "./problem.ts";

const told = (
  error: BanyanError,
): { status: number; headers: Readonly<Record<string, string>>; body: Record<string, unknown> } => {
  const { status, headers, body } = problemOf(error, "an-id");
  return { status, headers, body: JSON.parse(body) };
};

test.each([
  ["input-invalid", 400],
  ["body-malformed", 400],
  ["media-type-unsupported", 415],
  ["body-too-large", 413],
  ["headers-too-large", 431],
  ["url-too-long", 414],
  ["request-timeout", 408],
  ["token-invalid", 401],
  ["not-allowed", 403],
  ["host-refused", 403],
  ["route-unknown", 404],
  ["not-available-yet", 404],
  ["method-not-allowed", 405],
  ["idempotency-key-reused", 422],
  ["in-flight", 409],
  ["starting", 503],
  ["draining", 503],
  ["overloaded", 503],
  ["commit-failed", 503],
  ["handler-failed", 500],
  ["config-invalid", 500],
] satisfies [ErrorCode, number][])("%s is %i", (code, status) => {
  expect(told(new BanyanError(code, "words")).status).toBe(status);
});

test("every code of the table has a status that says error", () => {
  const statuses = Object.keys(ERROR_CODES).map((code) => ({ code, ...told(new BanyanError(code, "")) }));
  expect(statuses.filter(({ status }) => !(status >= 400 && status < 600))).toEqual([]);
});

test("a refusal of the application keeps its code, words and details; reserved members are ours", () => {
  const error = refuse("order-closed", "It has shipped.", {
    kind: "conflict",
    remedy: "Ask support.",
    details: { status: "shipped", orderId: 1 },
  });
  expect(told(error).body).toEqual({
    type: "urn:banyan:error:order-closed",
    title: "The request conflicts with the present state.",
    status: 409,
    code: "order-closed",
    detail: "It has shipped.",
    remedy: "Ask support.",
    orderId: 1,
  });
});

test("of an internal error the caller learns an id", () => {
  const cause = new Error("UNIQUE constraint failed: SELECT secret");
  const error = new BanyanError("statement-failed", "SELECT secret", { cause, details: { sql: "SELECT secret" } });
  const { body } = told(error);
  expect(JSON.stringify(body)).not.toContain("secret");
  expect(body).toMatchObject({
    code: "statement-failed",
    instance: "urn:uuid:an-id",
    detail: expect.stringContaining("an-id"),
  });
  expect(told(new BanyanError("own-code", "secret", { kind: "internal" })).body["code"]).toBe("internal");
});

test("later is said with a time, a refused token with the scheme", () => {
  expect(told(new BanyanError("starting", "")).headers["retry-after"]).toBe("1");
  expect(told(new BanyanError("in-flight", "", { retryAfterMs: 1_200 })).headers["retry-after"]).toBe("2");
  expect(told(new BanyanError("token-invalid", "")).headers["www-authenticate"]).toContain("Bearer");
  expect(told(new BanyanError("input-invalid", "")).headers["retry-after"]).toBeUndefined();
});
