import { expect, test } from "vitest";
import { logPlace } from "./log-place.ts";

test("digits are a position, a date is a time, and anything else is refused", () => {
  expect(logPlace("from", "0")).toEqual({ position: 0 });
  expect(logPlace("from", "42")).toEqual({ position: 42 });
  expect(logPlace("from", "2026-11-24T12:00:00Z")).toEqual({ at: Date.UTC(2026, 10, 24, 12) });
  expect(logPlace("from", "2026-11-24")).toEqual({ at: Date.UTC(2026, 10, 24) });
  for (const word of ["-1", "1.5", "yesterday", "2026-13-45", "1234567890123456", "12:00"])
    expect(() => logPlace("from", word)).toThrow(/--from is ".+", but must be a position or a time/);
});
