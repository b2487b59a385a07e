import fc from "fast-check";
import { expect, test } from "vitest";
import { ids } from "./ids.ts";

const START = 1_800_000_000_000;

/** A clock whose wall time is read from a list, the last of it for ever; random bits from a fixed sequence. */
function maker(times: readonly number[]): () => string {
  let reads = 0;
  let state = 1;
  const now = (): number => times[Math.min(reads++, times.length - 1)] ?? START;
  const u32 = (): number => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0);
  return ids({ now, mono: () => 0, after: () => () => {} }, { u32 });
}

const timeOf = (id: string): number => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

const risesStrictly = (made: readonly string[]): boolean => made.every((id, i) => i === 0 || id > (made[i - 1] ?? ""));

test("an id is a UUIDv7 that says when it was made", () => {
  const id = maker([START])();
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(timeOf(id)).toBe(START);
});

test("ids rise while the clock stands still, also beyond what fits into one millisecond", () => {
  const newId = maker([START]);
  const made = Array.from({ length: 20_000 }, newId);
  expect(risesStrictly(made)).toBe(true);
  // 4096 fit into a millisecond, less what a random start leaves: the time runs ahead no further than that needs.
  expect(timeOf(made.at(-1) ?? "")).toBeLessThanOrEqual(START + 10);
});

test("ids rise when the clock goes back, and follow it again once it has caught up", () => {
  const newId = maker([START, START - 60_000, START - 60_000, START + 1]);
  const made = [newId(), newId(), newId(), newId()];
  expect(risesStrictly(made)).toBe(true);
  expect(made.map(timeOf)).toEqual([START, START, START, START + 1]);
});

test("ids rise whatever the clock does", () => {
  const times = fc.array(fc.integer({ min: START - 5, max: START + 5 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(times, (chosen) => {
      const newId = maker(chosen);
      expect(risesStrictly(chosen.map(() => newId()))).toBe(true);
    }),
  );
});
