import { expect, test } from "vitest";
import { asBanyanError, BanyanError, isBanyanError, refuse } from "./banyan-error.ts";
import { ERROR_CODES, type ErrorCode } from "./codes.ts";

test("a code of the table brings its kind and remedy", () => {
  const error = new BanyanError("input-invalid", "The input is wrong.");
  expect(error).toMatchObject({
    name: "BanyanError",
    code: "input-invalid",
    message: "The input is wrong.",
    kind: "invalid",
    retry: "never",
    remedy: ERROR_CODES["input-invalid"].remedy,
  });
  expect(error).toBeInstanceOf(Error);
  expect("cause" in error).toBe(false);
});

test("what is unavailable is asked for again later, and nothing else but what is still running", () => {
  const codes = Object.keys(ERROR_CODES) as ErrorCode[];
  const later = codes.filter((code) => new BanyanError(code, "x").retry === "later");
  const running = ["in-flight", "replay-in-progress"];
  expect(later).toEqual(codes.filter((code) => ERROR_CODES[code].kind === "unavailable" || running.includes(code)));
  expect(new BanyanError("in-flight", "x").kind).toBe("conflict");
});

test("options win over the table", () => {
  const cause = new Error("inner");
  const options = {
    kind: "conflict",
    retry: "never",
    remedy: "Do.",
    retryAfterMs: 5,
    details: { a: 1 },
    cause,
  } as const;
  expect(new BanyanError("draining", "x", options)).toMatchObject(options);
});

test("an application's own code is a terminal refusal, also where an object has a field of its name", () => {
  expect(refuse("order-closed", "It has shipped.")).toMatchObject({
    kind: "unprocessable",
    retry: "never",
    remedy: "",
  });
  expect(refuse("constructor", "x")).toMatchObject({ code: "constructor", kind: "unprocessable", remedy: "" });
  expect(refuse("busy", "x", { kind: "unavailable" }).retry).toBe("later");
  expect(refuse("gone", "x", { kind: "not-found", remedy: "Look.", details: { id: 1 } })).toMatchObject({
    kind: "not-found",
    retry: "never",
    remedy: "Look.",
    details: { id: 1 },
  });
});

test("it is recognised by name, because two copies of the package may be loaded", () => {
  const foreign = Object.assign(new Error("x"), { name: "BanyanError", code: "draining" });
  expect(isBanyanError(foreign)).toBe(true);
  expect(isBanyanError(new Error("x"))).toBe(false);
  expect(isBanyanError({ name: "BanyanError", code: "draining" })).toBe(false);
  expect(isBanyanError(undefined)).toBe(false);
});

test("anything else that is thrown becomes `handler-failed`, to be tried again, with its cause", () => {
  const known = refuse("x", "y");
  expect(asBanyanError(known, "here")).toBe(known);
  const cause = new TypeError("no field");
  expect(asBanyanError(cause, "here")).toMatchObject({
    code: "handler-failed",
    retry: "later",
    message: "here failed: TypeError: no field",
    cause,
  });
  expect(asBanyanError("text", "here").message).toBe("here failed: text");
  expect(asBanyanError(undefined, "here").message).toBe("here failed: undefined");
});
