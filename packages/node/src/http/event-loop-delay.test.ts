import { expect, test } from "vitest";
import { EventLoopDelay } from "./event-loop-delay.ts";

const turns = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test("a blocked loop shows in the recent figures, leaves them again, and stays in those since the start", async () => {
  const delay = new EventLoopDelay();
  try {
    await turns(20);
    block(60);
    await turns(20);
    expect(delay.recent.maxMs).toBeGreaterThan(50);
    expect(delay.recent.maxMs).toBe(delay.recent.maxMs);
    // two turns: both windows have begun anew
    delay.turn();
    delay.turn();
    await turns(20);
    expect(delay.recent.maxMs).toBeLessThan(50);
    expect(delay.sinceStart.maxMs).toBeGreaterThan(50);
  } finally {
    delay.stop();
  }
});
