import type { ParkedEntry, SubscriptionState } from "@banyan/core";
import { expect, test } from "vitest";
import { auditText, duration, lagText, logsText, onceText, parkedText, scheduleText } from "./delivery-text.ts";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

const charge: SubscriptionState = {
  subscription: "payments.charge",
  source: "orders",
  incarnation: "i",
  held: false,
  pos: 10,
  last: 25,
  behind: 15,
  inFlight: 2,
  parked: { retrying: 1, waiting: 2, dead: 3, unknown: 4 },
  parkedBytes: 4_500,
  oldestAt: NOW - 61_000,
  paused: undefined,
  fullOf: undefined,
  rate: { in: 4.24, out: 12.6 },
  drainedInMs: 125_000,
};
const still: SubscriptionState = {
  ...charge,
  subscription: "mail.tell",
  held: true,
  behind: 0,
  inFlight: 0,
  parked: { retrying: 0, waiting: 0, dead: 0, unknown: 0 },
  parkedBytes: 0,
  oldestAt: undefined,
  rate: { in: 0, out: 0 },
  drainedInMs: 0,
};
const dead: ParkedEntry = {
  subscription: "payments.charge",
  source: "orders",
  position: 12,
  key: "a b",
  state: "dead",
  attempts: 2,
  due: 0,
  errors: [
    { at: NOW - 60_000, code: "handler-failed", message: "first\u001b[2J\nwords" },
    { at: NOW - 1_000, code: "card-declined", message: "no money" },
  ],
  id: "e",
  type: "orders.placed",
  version: 2,
  at: NOW - 90_000,
};

test("where subscriptions stand is a table: parked without the dead, which are told apart", () => {
  const paused = { ...charge, subscription: "a.b", paused: "handler-failed ECONN\u001b" };
  const full = { ...charge, subscription: "c.d", fullOf: "rows", drainedInMs: undefined } as const;
  const heavy = { ...full, subscription: "e.f", fullOf: "bytes" } as const;
  expect(lagText([charge, still, paused, full, heavy], NOW)).toBe(
    [
      "subscription     source  behind  in flight  parked  dead  parked size  oldest  in/s  out/s  drained in     state",
      "payments.charge  orders  15      2          7       3     4.4KiB       1m 1s   4.2   13     2m 5s",
      "mail.tell        orders  0       0          0       0                          0     0                     held",
      "a.b              orders  15      2          7       3     4.4KiB       1m 1s   4.2   13     2m 5s          paused: handler-failed ECONN\\u001b",
      "c.d              orders  15      2          7       3     4.4KiB       1m 1s   4.2   13     not shrinking  full: too many entries are parked",
      "e.f              orders  15      2          7       3     4.4KiB       1m 1s   4.2   13     not shrinking  full: too many bytes are parked",
      "",
    ].join("\n"),
  );
  expect(lagText([], NOW)).toBe("no subscriptions\n");
});

test("how much every log has is a table, with who holds it", () => {
  const orders = {
    source: "orders",
    incarnation: "i",
    first: 4,
    last: 9,
    entries: 6,
    bytes: 4_500,
    waitingBytes: 3_000,
    budgetBytes: 2 ** 30,
  };
  expect(
    logsText([
      { ...orders, keepMs: 7 * 86_400_000, heldBy: "mail.tell" },
      {
        ...orders,
        source: "mail",
        first: 0,
        last: 0,
        entries: 0,
        bytes: 0,
        keepMs: undefined,
        heldBy: undefined,
        waitingBytes: 0,
      },
    ]),
  ).toBe(
    [
      "log     entries  size    first  last  kept for  held by    waits   budget",
      "orders  6        4.4KiB  4      9     7d 0h     mail.tell  2.9KiB  1GiB",
      "mail    0        0B      0      0     ever                 0B      1GiB",
      "",
    ].join("\n"),
  );
  expect(logsText([])).toBe("no logs\n");
});

test("what is scheduled is a table: how much of it is overdue, and what no context of the code waits for", () => {
  const carts = { context: "carts", entries: 12, overdue: 2, first: NOW - 1_000, held: false };
  const gone = { context: "gone", entries: 1, overdue: 0, first: NOW, held: true };
  expect(scheduleText([carts, gone])).toBe(
    [
      "scheduled by  events  overdue  first due                 state",
      "carts         12      2        2026-01-02T03:04:04.000Z",
      "gone          1       0        2026-01-02T03:04:05.000Z  held",
      "",
    ].join("\n"),
  );
  expect(scheduleText([gone], false)).not.toContain("held");
  expect(scheduleText([])).toBe("nothing is scheduled\n");
});

test("what is kept of acts outside is a table: how many records, and how much their outcomes take", () => {
  const charged = { subscription: "payments.charge", source: "orders", records: 120, bytes: 4_500 };
  expect(onceText([charged, { ...charged, subscription: "mail.tell", records: 1, bytes: 0 }])).toBe(
    [
      "once by          source  records  size",
      "payments.charge  orders  120      4.4KiB",
      "mail.tell        orders  1        0B",
      "",
    ].join("\n"),
  );
  expect(onceText([])).toBe("nothing was done once\n");
});

test("a parked entry of which nothing can be read is shown without a type and an age", () => {
  const torn = { ...dead, id: "", type: "", version: 0, at: 0, errors: [] };
  expect(parkedText([torn], NOW, 100)).toContain("\n  what is stored of it cannot be read\n");
});

test("a parked entry is shown with every attempt, and cannot speak to the terminal", () => {
  expect(parkedText([dead], NOW, 100)).toBe(
    [
      'payments.charge  position 12  key "a b"  dead after 2 attempts',
      "  orders.placed v2, 1m 30s old",
      "  2026-01-02T03:03:05.000Z  handler-failed: first\\u001b[2J\\u000awords",
      "  2026-01-02T03:04:04.000Z  card-declined: no money",
      "",
    ].join("\n"),
  );
  expect(parkedText([], NOW, 100)).toBe("nothing is parked\n");
  const full = parkedText([dead, dead], NOW, 2);
  expect(full).toContain("\n\nno more than 2 are shown: see --limit, ");
  expect(parkedText([dead, dead], NOW, 3)).not.toContain("no more than");
});

test("an audit is who did what and why, and cannot speak to the terminal either", () => {
  const subject = { subscription: "payments.charge", source: "orders", position: 12, key: "a b" };
  const skip = { id: "i", at: NOW, operator: "ann", why: "sent by hand\u001b", action: "skip", subject } as const;
  expect(auditText([skip])).toBe(
    [
      "2026-01-02T03:04:05.000Z  skip by ann: sent by hand\\u001b",
      '  subscription "payments.charge", source "orders", position 12, key "a b"',
      "",
    ].join("\n"),
  );
  expect(auditText([])).toBe("no operator has changed anything\n");
});

test.each<[Partial<ParkedEntry>, string]>([
  [{ state: "waiting", attempts: 0 }, "waiting for its predecessor"],
  [{ state: "retrying", attempts: 1, due: NOW + 5_000 }, "retrying after 1 attempt, again in 5s"],
  [{ state: "retrying", attempts: 3, due: NOW - 1 }, "retrying after 3 attempts, again now"],
  [{ state: "unknown", attempts: 0 }, "unknown after 0 attempts"],
])("%j is told as %s", (entry, words) => {
  const [first] = parkedText([{ ...dead, ...entry }], NOW, 100).split("\n");
  expect(first).toMatch(new RegExp(`  ${words}$`));
});

test.each([
  [-5_000, "0s"],
  [999, "0s"],
  [59_999, "59s"],
  [3_600_000, "1h 0m"],
  [90_000_000, "1d 1h"],
])("%i ms are %s", (ms, words) => {
  expect(duration(ms)).toBe(words);
});
