import { asBanyanError } from "../error/index.ts";
import { utf8Length } from "../hash/index.ts";
import type { Scheduled, StoreTransaction } from "../ports/index.ts";
import type { Committer } from "./committer.ts";
import type { Surroundings } from "./host.ts";
import type { UnitEffects } from "./unit.ts";

/** Entries that enter the log in one commit. */
const AT_ONCE = 128;
/** The wall clock may jump, so it is looked at again at least this often. */
const LOOK_MS = 60_000;
const RETRY_MS = 1_000;

/** The schedule of one context: what fails in it, or takes long, is in no other's way. */
export class ContextSchedule {
  readonly #context: string;
  readonly #around: Surroundings;
  readonly #committer: Committer;
  #cancel: () => void = () => {};
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #overdue = 0;

  constructor(context: string, around: Surroundings, committer: Committer) {
    this.#context = context;
    this.#around = around;
    this.#committer = committer;
  }

  /** What was due when it last failed to enter; 0 = nothing fails. */
  get overdue(): number {
    return this.#overdue;
  }

  /** Something was scheduled, or time has passed. */
  wake(): void {
    this.#again = true;
    if (!this.#stopped) this.#running ??= this.#run();
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
        this.#overdue = 0;
      } catch (error) {
        await this.#failed(asBanyanError(error, "the schedule").message);
      }
    }
    // in the same breath: who wakes it after it has looked begins it again
    this.#running = undefined;
  }

  async #failed(why: string): Promise<void> {
    this.#later(RETRY_MS);
    const { telemetry, clock, store } = this.#around.platform;
    const message = `Scheduled events of "${this.#context}" wait: ${why}`;
    telemetry.signal({ name: "warning", message });
    const extents = await store.schedules(clock.now()).catch(() => []);
    const overdue = extents.find(({ context }) => context === this.#context)?.overdue ?? 0;
    this.#overdue = Math.max(1, overdue);
  }

  async #enterDue(): Promise<void> {
    const { clock, store } = this.#around.platform;
    for (;;) {
      const earliest = await store.scheduled(this.#context, AT_ONCE);
      const now = clock.now();
      const due = earliest.filter((one) => one.due <= now);
      const [later] = earliest.slice(due.length);
      if (later !== undefined) this.#later(Math.min(later.due - now, LOOK_MS));
      if (due.length === 0 || this.#stopped) return;
      await this.#enter(due);
    }
  }

  #enter(due: readonly Scheduled[]): Promise<void> {
    return this.#committer.submit<void>({
      name: `the schedule of ${this.#context}`,
      context: this.#context,
      bytes: due.reduce((sum, { entry }) => sum + utf8Length(entry.body), 0),
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
