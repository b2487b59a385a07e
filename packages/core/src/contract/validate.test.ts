import { type } from "arktype";
import * as v from "valibot";
import { expect, test } from "vitest";
import { z } from "zod";
import type { StandardSchema } from "./standard-schema.ts";
import { validate } from "./validate.ts";

const zod = z.object({ id: z.string(), lines: z.array(z.object({ quantity: z.int().default(1) })) });

test("a right value comes back as the schema makes it", () => {
  expect(validate(zod, { id: "a", lines: [{}], more: 1 })).toEqual({
    ok: true,
    value: { id: "a", lines: [{ quantity: 1 }] },
  });
});

test.each([
  ["zod", zod],
  ["valibot", v.object({ id: v.string(), lines: v.array(v.object({ quantity: v.number() })) })],
  ["arktype", type({ id: "string", lines: [{ quantity: "number" }, "[]"] })],
])("every wrong place of a value is named, with %s", (_, schema) => {
  const result = validate<unknown>(schema, { id: 1, lines: [{ quantity: 1 }, { quantity: "x" }] });
  expect(result).toMatchObject({ ok: false, issues: [{ path: "id" }, { path: "lines.1.quantity" }] });
  for (const { message } of result.ok ? [] : result.issues) expect(message).not.toBe("");
});

test("a value that is wrong as a whole has the empty path", () => {
  expect(validate(zod, "text")).toMatchObject({ ok: false, issues: [{ path: "" }] });
});

test("twenty issues are enough", () => {
  const result = validate(
    z.array(z.string()),
    Array.from({ length: 50 }, () => 0),
  );
  expect(result).toHaveProperty("issues.length", 20);
});

test("a schema that validates asynchronously is a mistake in the contract, whatever it would have said", () => {
  const slow = z.string().refine(async () => true);
  const failing: StandardSchema = {
    "~standard": { version: 1, vendor: "by hand", validate: () => Promise.reject(new Error("late")) },
  };
  for (const schema of [slow, failing]) {
    expect(validate<unknown>(schema, "x")).toEqual({
      ok: false,
      issues: [{ path: "", message: "the schema validates asynchronously; contracts must not" }],
    });
  }
});
