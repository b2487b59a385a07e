import { asBanyanError } from "../error/index.ts";
import type { Scheduled, StoreTransaction } from "../ports/index.ts";
import type { Committer } from "./committer.ts";
import type { Surroundings } from "./host.ts";
import type { UnitEffects } from "./unit.ts";

/** Entries that enter the log in one commit. */
const AT_ONCE = 128;
/** The wall clock may jump, so it is looked at again at least this often. */
const LOOK_MS = 60_000;
const RETRY_MS = 1_000;

/**
 * Lets scheduled events enter the log of their owner when they are due: never before, once each, in the order of `due` and, where that is the
 * same, of emission. What was due while no process ran enters at the next start.
 */
export class Schedule {
  readonly #around: Surroundings;
  readonly #committer: Committer;
  #cancel: () => void = () => {};
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(around: Surroundings, committer: Committer) {
    this.#around = around;
    this.#committer = committer;
  }

  /** Something was scheduled, or time has passed. */
  wake(): void {
    this.#again = true;
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#again && !this.#stopped) {
      this.#again = false;
      this.#cancel();
      try {
        await this.#enterDue();
      } catch (error) {
        const { telemetry } = this.#around.platform;
        telemetry.signal({
          name: "warning",
          message: `Scheduled events wait: ${asBanyanError(error, "the schedule").message}`,
        });
        this.#later(RETRY_MS);
      }
    }
  }

  async #enterDue(): Promise<void> {
    const { clock, store } = this.#around.platform;
    for (;;) {
      const earliest = await store.scheduled(AT_ONCE);
      const now = clock.now();
      const due = earliest.filter((one) => one.due <= now);
      const [later] = earliest.slice(due.length);
      if (later !== undefined) this.#later(Math.min(later.due - now, LOOK_MS));
      if (due.length === 0 || this.#stopped) return;
      const byContext = Map.groupBy(due, ({ context }) => context);
      await Promise.all(Array.from(byContext, ([context, entries]) => this.#enter(context, entries)));
    }
  }

  #enter(context: string, due: readonly Scheduled[]): Promise<void> {
    return this.#committer.submit<void>({
      name: `the schedule of ${context}`,
      context,
      bytes: due.reduce((sum, { entry }) => sum + entry.body.length, 0),
      run: (transaction) => this.#take(transaction, due),
    });
  }

  async #take(transaction: StoreTransaction, due: readonly Scheduled[]): Promise<UnitEffects<void>> {
    const at = this.#around.platform.clock.now();
    const emitted = [];
    for (const one of due)
      // false = another process let it enter
      if (await transaction.unschedule(one)) emitted.push({ ...one.entry, at });
    return { value: undefined, emitted };
  }

  #later(ms: number): void {
    if (this.#stopped) return;
    this.#cancel();
    this.#cancel = this.#around.platform.clock.after(Math.max(1, ms), () => this.wake());
  }
}
