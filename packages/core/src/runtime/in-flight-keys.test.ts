import { setImmediate as drained } from "node:timers/promises";
import { expect, test } from "vitest";
import { BanyanError } from "../error/index.ts";
import { deferred, sleep } from "./deferred.ts";
import { ByHand } from "./fixture.ts";
import { InFlightKeys } from "./in-flight-keys.ts";

const scope = { tenant: "t", principal: "p", operation: "orders.place", key: "k" };
const WAIT_MS = 5_000;

function world(): { hand: ByHand; keys: InFlightKeys } {
  const hand = new ByHand(drained);
  return { hand, keys: new InFlightKeys(hand.clock, WAIT_MS) };
}

test("a repeat waits for the first and then runs itself, one at a time", async () => {
  const { hand, keys } = world();
  const log: string[] = [];
  const first = deferred<void>();
  const task = (name: string, until?: Promise<void>) => async (): Promise<string> => {
    log.push(`${name} begins`);
    await until;
    log.push(`${name} ends`);
    return name;
  };
  const all = Promise.all([
    keys.alone(scope, "digest", task("1", first.promise)),
    keys.alone(scope, "digest", task("2")),
    keys.alone(scope, "digest", task("3")),
  ]);
  expect(await hand.outcome(all)).toBe("pending");
  expect(log).toEqual(["1 begins"]);
  first.resolve();
  expect(await hand.value(all)).toEqual(["1", "2", "3"]);
  expect(log).toEqual(["1 begins", "1 ends", "2 begins", "2 ends", "3 begins", "3 ends"]);
});

test("a repeat with another body is refused at once", async () => {
  const { hand, keys } = world();
  void keys.alone(scope, "one", () => deferred<void>().promise);
  const outcome = await hand.outcome(keys.alone(scope, "other", async () => {}));
  expect(outcome).toMatchObject({ error: { code: "idempotency-key-reused" } });
});

test("a repeat waits no longer than the limit", async () => {
  const { hand, keys } = world();
  void keys.alone(scope, "digest", () => deferred<void>().promise);
  const repeat = keys.alone(scope, "digest", async () => {});
  repeat.catch(() => {});
  await hand.pass(WAIT_MS - 1);
  expect(await hand.outcome(repeat)).toBe("pending");
  await hand.pass(1);
  expect(await hand.outcome(repeat)).toMatchObject({ error: { code: "in-flight", retryAfterMs: 1_000 } });
});

test.each([new Error("its own"), new BanyanError("in-flight", "of something it called")])(
  "the failure of the first is not the repeat's: %s",
  async (failure) => {
    const { hand, keys } = world();
    const first = keys.alone(scope, "digest", () => Promise.reject(failure));
    const repeat = keys.alone(scope, "digest", async () => "ran");
    const outcomes = await Promise.all([hand.outcome(first), hand.outcome(repeat)]);
    expect(outcomes).toEqual([{ error: failure }, { value: "ran" }]);
  },
);

test.each([{ tenant: "u" }, { principal: "q" }, { operation: "orders.cancel" }, { key: "l" }])(
  "another %o is another key",
  async (other) => {
    const { hand, keys } = world();
    void keys.alone(scope, "one", () => deferred<void>().promise);
    const outcome = await hand.outcome(keys.alone({ ...scope, ...other }, "other", async () => "ran"));
    expect(outcome).toEqual({ value: "ran" });
  },
);

test("a repeat waits only so long in all, however many have their turn before it", async () => {
  const { hand, keys } = world();
  const failing = async (): Promise<never> => {
    await sleep(hand.clock, 3_000);
    throw new Error("not yet");
  };
  const before = [keys.alone(scope, "digest", failing), keys.alone(scope, "digest", failing)];
  const last = keys.alone(scope, "digest", async () => "ran");
  for (const one of [...before, last]) one.catch(() => {});
  await hand.pass(WAIT_MS - 1);
  expect(await hand.outcome(last)).toBe("pending");
  await hand.pass(1);
  expect(await hand.outcome(last)).toMatchObject({ error: { code: "in-flight" } });
});
