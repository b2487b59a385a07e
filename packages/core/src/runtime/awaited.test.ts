import { expect, test } from "vitest";
import { Awaited } from "./awaited.ts";
import { deferred } from "./deferred.ts";

const act = { code: "once-floating", name: "charge" } as const;

test("what is awaited is no matter, whether it ends well or not", async () => {
  const awaited = new Awaited("before");
  const failing = async (): Promise<never> => Promise.reject(new Error("no"));
  const run = async (): Promise<unknown> => {
    await awaited.begin(act, failing).catch(() => {});
    return awaited.begin(act, async () => 7);
  };
  expect(await awaited.whole(run)).toBe(7);
});

test("what is forgotten is waited for, with all that follows from it, and is an error then", async () => {
  const awaited = new Awaited("before");
  const first = deferred<void>();
  const second = deferred<void>();
  let ended = false;
  const whole = awaited.whole(() => {
    void awaited.begin(act, () => first.promise).then(() => awaited.begin(act, () => second.promise));
  });
  void whole.catch(() => (ended = true));
  first.resolve();
  await new Promise(setImmediate);
  expect(ended).toBe(false);
  second.resolve();
  await expect(whole).rejects.toMatchObject({ code: "once-floating", message: expect.stringContaining('"charge"') });
});

test("the error of the whole is told, after what it left behind has ended", async () => {
  const awaited = new Awaited("before");
  const other = deferred<void>();
  let ended = false;
  const whole = awaited.whole(async () => {
    const both = [
      awaited.begin(act, () => other.promise),
      awaited.begin(act, async () => Promise.reject(new Error("b"))),
    ];
    await Promise.all(both);
  });
  void whole.catch(() => (ended = true));
  await new Promise(setImmediate);
  expect(ended).toBe(false);
  other.reject(new Error("a"));
  await expect(whole).rejects.toThrow("b");
});
