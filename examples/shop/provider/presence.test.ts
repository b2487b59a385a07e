import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Presence } from "./presence.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("every request starts the wait again; only silence ends it", () => {
  const gone = vi.fn<() => void>();
  const presence = new Presence(1_000);
  presence.whenGone(gone);
  for (let request = 0; request < 5; request += 1) {
    vi.advanceTimersByTime(900);
    presence.seen();
  }
  expect(gone).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1_000);
  expect(gone).toHaveBeenCalledOnce();
});
