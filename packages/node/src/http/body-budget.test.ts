import { expect, test } from "vitest";
import { BodyBudget } from "./body-budget.ts";

test("bodies are held side by side as far as they fit", () => {
  const budget = new BodyBudget(100);
  budget.hold(60);
  expect(() => budget.hold(41)).toThrow(expect.objectContaining({ code: "overloaded", retry: "later" }) as Error);
  budget.hold(40);
  expect(budget.held).toBe(100);
  budget.release(60);
  budget.hold(60);
});
