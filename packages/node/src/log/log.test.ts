import type { Signal } from "@banyan/core";
import { expect, test, vi } from "vitest";
import { Flood } from "./flood.ts";
import { openLog } from "./log.ts";
import { logTelemetry } from "./telemetry.ts";

function telling(form: "json" | "pretty", flood?: Flood) {
  const lines: string[] = [];
  const log = openLog(form, (line) => void lines.push(line));
  const telemetry = logTelemetry(log, { words: form === "pretty", ...(flood === undefined ? {} : { flood }) });
  return { lines, log, telemetry };
}

const parked: Signal = {
  name: "entry.parked",
  subscription: "orders.mark-paid",
  position: 7,
  state: "retrying",
  attempts: 1,
  code: "handler-failed",
  message: "no row for ada@example.org",
};

test("in production a line is one JSON document, and the words of an error are not in it", () => {
  const { lines, telemetry } = telling("json");
  telemetry.signal(parked);
  telemetry.signal({ name: "process.state", state: "ready" });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    {
      level: "warn",
      msg: "entry parked as retrying",
      subscription: "orders.mark-paid",
      position: 7,
      code: "handler-failed",
      remedy: expect.any(String),
    },
    { level: "info", msg: "process ready", time: expect.stringMatching(/^\d{4}-.*Z$/) },
  ]);
  expect(lines.join("")).not.toContain("ada");
});

test("in development a line is for people, and its remedy is below it", () => {
  const { lines, telemetry } = telling("pretty");
  telemetry.signal(parked);
  expect(lines[0]).toMatch(
    /^\d\d:\d\d:\d\d warn entry parked as retrying subscription=orders\.mark-paid position=7 .*message=no row.*\n {2}remedy: .+\n$/,
  );
});

test("what an error says can neither forge a line nor steer the terminal", () => {
  const { lines, log } = telling("pretty");
  log.warn("first\nsecond", { evil: "\u001B[2J\u2028x\u202Ey\u2066", remedy: "a\nb\u001B" });
  const [line = "", remedy = "", ...more] = lines[0]?.trimEnd().split("\n") ?? [];
  expect([line, remedy, more]).toEqual([expect.stringMatching(/�\[2J�x�y�$/), "  remedy: a�b�", []]);
});

test("an error carries its cause with the stack", () => {
  const { lines, log } = telling("pretty");
  log.error("failed", { id: "1", cause: new Error("outer", { cause: new Error("inner") }) });
  expect(lines[0]).toContain("outer");
  expect(lines[0]).toContain("inner");
  expect(lines[0]).toContain("log.test.ts");
});

test("injected faults are announced one by one, then counted", () => {
  vi.useFakeTimers();
  try {
    const { lines, telemetry } = telling("pretty", new Flood({ first: 2, everyMs: 5_000 }));
    const inject = (): void => telemetry.signal({ name: "fault.injected", fault: "reordered", where: "orders" });
    for (let i = 0; i < 1_000; i++) inject();
    expect(lines).toHaveLength(2);
    vi.advanceTimersByTime(5_000);
    expect(lines).toHaveLength(3);
    expect(lines[2]).toContain("998 more faults injected");
    inject();
    vi.advanceTimersByTime(5_000);
    expect(lines[3]).toContain("1 more faults injected");
    vi.advanceTimersByTime(10_000);
    inject();
    expect(lines[4]).toContain("fault injected");
    telemetry.flush();
    expect(lines).toHaveLength(5);
  } finally {
    vi.useRealTimers();
  }
});

test("entries that wait behind a parked one, and refusals that are the caller's, are not told", () => {
  const { lines, telemetry } = telling("json");
  telemetry.signal({ ...parked, state: "waiting", code: "", message: "" });
  telemetry.signal({
    name: "command.done",
    operation: "orders.place",
    commandId: "1",
    outcome: "refused",
    code: "input-invalid",
    ms: 1,
  });
  expect(lines).toEqual([]);
  telemetry.signal({
    name: "command.done",
    operation: "orders.place",
    commandId: "1",
    outcome: "refused",
    code: "unit-stalled",
    ms: 1,
  });
  expect(lines).toHaveLength(1);
});
