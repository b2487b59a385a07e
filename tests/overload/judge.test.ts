import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { judge, type Evidence } from "./judge.ts";
import { orderIdOf, Outcomes, reconcile } from "./outcomes.ts";
import { Seconds, type Second } from "./seconds.ts";
import type { Sample } from "./watch.ts";

const MIB = 1024 * 1024;

/** A second in which so many were accepted after so long, and others refused. */
function second(accepted: number, tookMs: number, refused = 0): Second {
  return {
    offered: accepted + refused,
    good: accepted,
    acceptedMs: Array.from({ length: accepted }, () => tookMs),
    refusedMs: Array.from({ length: refused }, () => 2),
    others: refused > 0 ? { "503 overloaded": refused } : {},
    withoutRetryAfter: 0,
    sentLateMs: 0,
  };
}

const many = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one);
const sample = (mib: number): Sample => ({
  atMs: 0,
  rssBytes: mib * MIB,
  lag: 0,
  loopP99Ms: 10,
  cpuS: 1,
  healthMs: 1,
  operatorMs: 1,
});

const fine: Evidence = {
  peaks: [90, 100, 110],
  before: many(5, second(50, 20)),
  overload: many(30, second(80, 300, 420)),
  after: [second(40, 300, 10), ...many(20, second(50, 40))],
  samples: many(30, sample(300)),
  orders: { acknowledged: 100, refused: 10, unknown: 0, lost: 0, unasked: 0 },
  faults: [],
};

const failing = (change: Partial<Evidence>): readonly string[] =>
  judge({ ...fine, ...change })
    .points.filter(({ verdict }) => verdict === "FAIL")
    .map(({ point }) => point);

test("what is promised, and no more, is enough", () => {
  expect(failing({})).toEqual([]);
  expect(judge(fine)).toMatchObject({ peakPerSecond: 100, goodputOfPeak: 0.8, backToNormalS: 1, afterP95Ms: 40 });
});

test.each<[string, string, Partial<Evidence>]>([
  ["goodput", "less than four fifths of the peak is done in time", { overload: many(30, second(79, 300, 420)) }],
  ["memory", "it takes more than is promised", { samples: [...many(29, sample(300)), sample(1_025)] }],
  ["memory", "it grows with time", { samples: Array.from({ length: 30 }, (_, i) => sample(300 + 10 * i)) }],
  [
    "refusals",
    "one has another answer",
    { overload: [...fine.overload, { ...second(80, 300, 1), others: { "500 internal": 1 } }] },
  ],
  ["refusals", "one has no answer", { overload: [...fine.overload, { ...second(80, 300, 0), others: { reset: 1 } }] }],
  [
    "refusals",
    "one is not told when to ask again",
    { overload: [...fine.overload, { ...second(80, 300, 1), withoutRetryAfter: 1 }] },
  ],
  ["orders", "an acknowledged one is lost", { orders: { ...fine.orders, lost: 1 } }],
  ["orders", "a refused one is placed", { orders: { ...fine.orders, unasked: 1 } }],
  ["orders", "one is paid twice", { faults: ["chargedTwice: 1"] }],
  ["back to normal", "it stays slow", { after: many(30, second(50, 41)) }],
  ["back to normal", "it goes on refusing", { after: many(30, second(49, 20, 1)) }],
  [
    "back to normal",
    "it takes more than a minute",
    { after: [...many(61, second(50, 41)), ...many(9, second(50, 20))] },
  ],
])("%s falls short where %s", (name, where, change) => {
  expect({ [where]: failing(change) }).toEqual({ [where]: [name] });
});

test("every order that was sent is told by its id, and held against those that are there", () => {
  const folder = mkdtempSync(join(tmpdir(), "banyan-outcomes-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const files = [0, 1].map((sender) => {
    const outcomes = new Outcomes();
    for (let i = 0; i < 70_000; i++) outcomes.next();
    outcomes.set(0, "acknowledged");
    outcomes.set(1, "refused");
    if (sender === 1) outcomes.set(69_999, "acknowledged");
    outcomes.write(join(folder, String(sender)));
    return join(folder, String(sender));
  });
  const there = [orderIdOf(0, 0), orderIdOf(1, 0), orderIdOf(1, 69_999), orderIdOf(1, 2)];
  const known = { acknowledged: 3, refused: 2, unknown: 139_995 };
  expect(reconcile(files, there)).toEqual({ ...known, lost: 0, unasked: 0 });
  expect(reconcile(files, there.slice(1))).toMatchObject({ lost: 1, unasked: 0 });
  expect(reconcile(files, [...there, orderIdOf(0, 1)])).toMatchObject({ lost: 0, unasked: 1 });
  expect(reconcile(files, [...there, orderIdOf(2, 0)])).toMatchObject({ lost: 0, unasked: 1 });
});

test("an answer counts for the second in which its request was due", () => {
  const seconds = new Seconds();
  seconds.sent(900, 0);
  seconds.ended(900, 999, { status: 202, code: undefined, retryAfter: false });
  seconds.sent(2_100, 3);
  seconds.ended(2_100, 1_001, { status: 202, code: undefined, retryAfter: false });
  seconds.ended(2_100, 5, { status: 503, code: "overloaded", retryAfter: false });
  seconds.ended(2_100, 5, "gave-up");
  const others = { "503 overloaded": 1, "gave-up": 1 };
  expect(seconds.all).toMatchObject([
    { offered: 1, good: 1, others: {} },
    { offered: 0, good: 0 },
    { offered: 1, good: 0, acceptedMs: [1_001], others, withoutRetryAfter: 1, sentLateMs: 3 },
  ]);
});
