import { expect, test } from "vitest";
import { Admission } from "./admission.ts";

const overloaded = expect.objectContaining({ code: "overloaded", retryAfterMs: 1_000 }) as Error;

function made(commands: number, turnMs = 0, inFlight = 100) {
  const limits = { requests: 1_000, turnMs: 200 };
  return new Admission({ load: () => ({ commands, turnMs }), inFlight: () => inFlight, limits });
}

test("commands are refused while those before them wait too long; queries and operators are not", () => {
  expect(() => made(0.99).check("command")).not.toThrow();
  expect(() => made(1).check("command")).toThrow(overloaded);
  for (const kind of ["query", "operation"] as const) expect(() => made(1).check(kind)).not.toThrow();
});

test("a late event loop refuses all but operators, where there are requests enough to make it late", () => {
  for (const kind of ["command", "query"] as const) {
    expect(() => made(0, 201).check(kind)).toThrow(overloaded);
    expect(() => made(0, 201, 32).check(kind)).not.toThrow();
    expect(() => made(0, 200).check(kind)).not.toThrow();
  }
  expect(() => made(0, 201).check("operation")).not.toThrow();
});

test("beyond so many requests all are refused, operators a little later", () => {
  expect(() => made(0, 0, 1_000).check("query")).not.toThrow();
  expect(() => made(0, 0, 1_001).check("query")).toThrow(overloaded);
  expect(() => made(0, 0, 1_064).check("operation")).not.toThrow();
  expect(() => made(0, 0, 1_065).check("operation")).toThrow(overloaded);
});

test("it is crowded from half of what is too much on", () => {
  expect(made(0.49).crowded).toBe(false);
  expect(made(0.5).crowded).toBe(true);
  expect(made(0, 101).crowded).toBe(true);
});
