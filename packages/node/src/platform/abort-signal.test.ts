import { expect, test } from "vitest";
import { abortOf, abortSignalOf } from "./abort-signal.ts";

test("an abort is a signal and back: it carries the reason, fires once, and at once where it has happened", () => {
  const controller = new AbortController();
  const abort = abortOf(controller.signal);
  const signal = abortSignalOf(abort);
  const fired: string[] = [];
  abort.onAbort(() => fired.push("waits"));
  const takeBack = abort.onAbort(() => fired.push("taken back"));
  takeBack();
  expect([abort.aborted, abort.reason, signal.aborted]).toEqual([false, undefined, false]);
  const reason = new Error("gone");
  controller.abort(reason);
  expect([abort.aborted, abort.reason, signal.aborted, signal.reason]).toEqual([true, reason, true, reason]);
  abort.onAbort(() => fired.push("late"));
  expect(fired).toEqual(["waits", "late"]);
  expect(abortSignalOf(abort).reason).toBe(reason);
});
