import type { ScheduleExtent } from "../ports/index.ts";
import type { Committer } from "./committer.ts";
import { ContextSchedule } from "./context-schedule.ts";
import type { Surroundings } from "./host.ts";

/** Scheduled events that have not entered their log though they are due, and those of contexts that this code does not have. */
export interface ScheduleCounts {
  readonly overdue: number;
  readonly scheduledHeld: number;
}

/**
 * Lets scheduled events enter the log of their owner when they are due: never before, once each, in the order of `due` and, where that is the
 * same, of emission. What was due while no process ran enters at the next start. What a context has scheduled that this code does not have
 * stands still until code comes that has it.
 */
export class Schedule {
  readonly #around: Surroundings;
  readonly #contexts: ReadonlyMap<string, ContextSchedule>;
  #held: readonly ScheduleExtent[] = [];

  constructor(contexts: readonly string[], around: Surroundings, committer: Committer) {
    this.#around = around;
    this.#contexts = new Map(contexts.map((name) => [name, new ContextSchedule(name, around, committer)]));
  }

  get counts(): ScheduleCounts {
    const overdue = [...this.#contexts.values()].reduce((sum, one) => sum + one.overdue, 0);
    return { overdue, scheduledHeld: this.#held.reduce((sum, { entries }) => sum + entries, 0) };
  }

  /** At the start: says what stands still. */
  async look(): Promise<void> {
    const { store, clock, telemetry } = this.#around.platform;
    const extents = await store.schedules(clock.now());
    this.#held = extents.filter(({ context }) => !this.#contexts.has(context));
    for (const { context, entries } of this.#held) {
      const message = `"${context}", which this code does not have, has ${entries} scheduled events: they wait for code that has it.`;
      telemetry.signal({ name: "warning", message });
    }
  }

  /** Something was scheduled, or time has passed. */
  wake(): void {
    for (const one of this.#contexts.values()) one.wake();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#contexts.values()].map((one) => one.stop()));
  }
}
