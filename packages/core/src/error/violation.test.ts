import { expect, test } from "vitest";
import { ERROR_CODES } from "./codes.ts";
import { violation, violationsError } from "./violation.ts";

test("a violation has the remedy of its code", () => {
  expect(violation("policy-missing", "a.ts:1:2", "It does not say.")).toEqual({
    code: "policy-missing",
    at: "a.ts:1:2",
    message: "It does not say.",
    remedy: ERROR_CODES["policy-missing"].remedy,
  });
});

test("one error names all of them, each with place and remedy", () => {
  const violations = [
    violation("policy-missing", "a.ts:1:2", "It does not say."),
    violation("cursor-orphaned", "", "It is left over."),
  ];
  const error = violationsError(violations);
  expect(error).toMatchObject({ code: "registration-refused", kind: "configuration", details: { violations } });
  expect(error.message).toBe(
    [
      "The application cannot start: 2 violations.",
      "  a.ts:1:2 policy-missing: It does not say.",
      `    remedy: ${ERROR_CODES["policy-missing"].remedy}`,
      "  (unknown place) cursor-orphaned: It is left over.",
      `    remedy: ${ERROR_CODES["cursor-orphaned"].remedy}`,
    ].join("\n"),
  );
});

test("a single one is counted in the singular", () => {
  expect(violationsError([violation("key-missing", "", "x")]).message).toContain("1 violation.");
});
