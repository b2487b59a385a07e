import { expect, test } from "vitest";
import { backOffMs, codeOf, outlookOf } from "./answers.ts";
import type { Answer } from "./http.ts";

const answer = (status: number, code?: string, retryAfterS?: number): Answer => ({
  status,
  retryAfterS,
  body: { code },
  tookMs: 1,
});

test("what says later is asked again, what decides is final", () => {
  const outlooks = [202, 400, 401, 403, 404, 422, 429, 500, 502, 503, 504].map((status) => [
    status,
    outlookOf(answer(status)),
  ]);
  expect(outlooks.filter(([, outlook]) => outlook === "final").map(([status]) => status)).toEqual([
    202, 400, 401, 403, 404, 422,
  ]);
  expect(outlookOf(answer(500))).toBe("again-a-few-times");
});

test("409 is final, unless the first request is still in flight", () => {
  expect(outlookOf(answer(409, "order-closed"))).toBe("final");
  expect(outlookOf(answer(409, "in-flight"))).toBe("again");
  expect(outlookOf(answer(409, "busy", 1))).toBe("again");
});

test("a refusal without a code is named as such", () => {
  expect(codeOf(answer(422, "sku-unknown"))).toBe("sku-unknown");
  expect(codeOf(answer(422))).toBe("status-422-without-code");
});

test("pauses grow, are jittered, bounded, and respect retry-after", () => {
  expect([0, 1, 2, 20].map((attempt) => backOffMs(attempt, 1))).toEqual([25, 50, 100, 2_000]);
  expect(backOffMs(20, 0)).toBe(1_000);
  expect(backOffMs(0, 1, 2)).toBe(2_000);
  expect(backOffMs(0, 1, 3_600)).toBe(5_000);
});
