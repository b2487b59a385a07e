import { expect, test } from "vitest";
import type { Scheduled } from "../ports/index.ts";
import type { Committer } from "./committer.ts";
import { ContextSchedule } from "./context-schedule.ts";
import type { Surroundings } from "./host.ts";

/** A schedule of one context whose store is empty until something is put in. */
class World {
  readonly rows: Scheduled[] = [];
  readonly schedule: ContextSchedule;
  entered = 0;
  /** After the store was asked for the first time. */
  asked: () => void = () => {};

  constructor() {
    const store = {
      schedules: async () => [],
      scheduled: async (): Promise<Scheduled[]> => {
        const found = [...this.rows];
        const { asked } = this;
        this.asked = () => {};
        asked();
        return found;
      },
    };
    const clock = { now: () => 1_000, after: () => () => {} };
    const committer = {
      submit: async () => {
        this.entered += this.rows.splice(0).length;
      },
    };
    const around = { platform: { store, clock, telemetry: { signal: () => {} } } };
    this.schedule = new ContextSchedule("orders", around as never as Surroundings, committer as never as Committer);
  }
}

test("an event that is scheduled while the schedule is about to rest enters all the same", async () => {
  for (let ticks = 1; ticks < 20; ticks++) {
    const it = new World();
    it.asked = async () => {
      for (let i = 0; i < ticks; i++) await Promise.resolve();
      it.rows.push({ context: "orders", due: 1, entry: { id: "1", body: "{}", key: "k" } } as never);
      it.schedule.wake();
    };
    it.schedule.wake();
    await new Promise((resolve) => setImmediate(resolve));
    expect([ticks, it.entered]).toEqual([ticks, 1]);
  }
});
