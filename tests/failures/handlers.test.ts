import type { SqlHandle } from "banyan";
import { describe, expect, test } from "vitest";
import { TillFolder } from "./till-child.ts";
import { MountedTill } from "./till-mounted.ts";
import type { Booking, Trouble } from "./till.ts";

const ANN = { name: "ann", why: "a test" };
const never = (): Promise<never> => new Promise(() => {});
const throwing = (thrown: unknown) => (): never => {
  throw thrown;
};
const later = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** What a handler does wrong the first two times it is given an entry of the till "odd"; the third time it is well. */
const faults: Readonly<Record<string, Partial<Record<"before" | "booked", (booking?: Booking) => unknown>>>> = {
  "throws at once in its body": { booked: throwing(new Error("no")) },
  "rejects in its body": { booked: async () => throwing(new Error("no"))() },
  "throws what is no error": { booked: throwing(undefined) },
  "rejects with a text": { booked: () => Promise.reject("no") },
  "throws at once in `before`": { before: throwing(new Error("no")) },
  "rejects in `before`": { before: async () => throwing(null)() },
  "never resolves in its body": { booked: never },
  "never resolves in `before`": { before: never },
  "goes on long after it was given up": { before: () => later(300).then(throwing(new Error("far too late"))) },
};

describe.each(Object.entries(faults))("a handler that %s", (_, fault) => {
  test("holds up its own key alone, and each entry has its effect once", async () => {
    using folder = new TillFolder();
    const attempts = new Map<number, number>();
    const wrong = (n: number): boolean => n % 2 === 1 && (attempts.get(n) ?? 0) <= 2;
    const trouble: Trouble = {
      before: ({ n }) => {
        attempts.set(n, (attempts.get(n) ?? 0) + 1);
        if (wrong(n)) return fault.before?.();
        return undefined;
      },
      booked: (booking) => (wrong(booking.sale.n) ? fault.booked?.(booking) : undefined),
    };
    const limits = { beforeLimitMs: 100, unitLimitMs: 50 };
    await using till = await MountedTill.started(folder, { trouble, limits });
    const sales = [1, 2, 3, 4].map((n) => ({ till: n % 2 === 0 ? "even" : "odd", n }));
    expect((await till.sell(...sales)).status).toBe(204);
    await till.quiet();
    await till.stop();
    expect(folder.booked()).toEqual(["2 even 2", "4 even 4", "1 odd 1", "3 odd 3"]);
    expect(folder.told()).toEqual(["1", "2", "3", "4"]);
    expect([attempts.get(1), attempts.get(3)]).toEqual([3, 3]);
  });
});

test("a handler that keeps its transaction finds it dead, and writes nothing with it", async () => {
  using folder = new TillFolder();
  const kept: SqlHandle[] = [];
  const codes: unknown[] = [];
  const leak = "INSERT INTO tills_booked (position, till, n) VALUES (0, 'leaked', 0)";
  const trouble: Trouble = {
    before: async () => {
      for (const tx of kept) codes.push(await tx.execute(leak).catch(({ code }: { code: string }) => code));
    },
    booked: ({ tx }) => void kept.push(tx),
  };
  await using till = await MountedTill.started(folder, { trouble });
  for (const n of [1, 2, 3]) {
    await till.sell({ till: "north", n });
    await till.quiet();
  }
  await till.stop();
  expect(codes).toEqual(["handle-dead", "handle-dead", "handle-dead"]);
  expect(folder.booked()).toEqual(["1 north 1", "2 north 2", "3 north 3"]);
});

test("redriven by several operators at once, a key is delivered once and in order", async () => {
  using folder = new TillFolder();
  const attempts: number[] = [];
  let broken = true;
  const before = ({ n }: { readonly n: number }): void => {
    attempts.push(n);
    if (broken) throw new Error("out of paper");
  };
  await using till = await MountedTill.started(folder, { trouble: { before, tries: 1 } });
  await till.sell(...[1, 2, 3].map((n) => ({ till: "north", n })));
  await till.quiet(3);
  broken = false;
  const by = { subscription: "tills.book", key: "north" };
  const done = await Promise.allSettled([1, 2, 3].map(() => till.runtime.delivery.redrive(by, ANN)));
  expect(done[0]).toMatchObject({ status: "fulfilled", value: { keys: 1 } });
  await till.quiet();
  await expect(till.runtime.delivery.redrive(by, ANN)).rejects.toMatchObject({ code: "parked-unknown" });
  await till.stop();
  expect(folder.booked()).toEqual(["1 north 1", "2 north 2", "3 north 3"]);
  expect(attempts).toEqual([1, 1, 2, 3]);
});
