import { BanyanError, type Clock } from "@banyan/core";
import { Life } from "../simulation/life.ts";
import type { Prng } from "../simulation/prng.ts";
import { RunNeverEnds, Scheduler } from "../simulation/scheduler.ts";

/** Steps without time passing after which work counts as such that never ends. */
const MOST_STEPS = 100_000;

/** The scheduler of the simulation, without faults and driven by a test: work goes on while time stands still, and time passes when told. */
export class VirtualTime {
  readonly clock: Clock;
  readonly turn: { readonly next: () => Promise<void> };
  readonly #scheduler: Scheduler;
  readonly #life = new Life("scenario");

  readonly #busiest: () => string;

  /** `busiest` names who ran most, for a message. */
  constructor(prng: Prng, busiest: () => string) {
    this.#busiest = busiest;
    this.#scheduler = new Scheduler(prng, 0);
    this.clock = this.#scheduler.clock(this.#life);
    this.turn = { next: () => this.#scheduler.point(this.#life, "turn") };
  }

  /** Until nothing can go on before time passes. */
  settle(): Promise<void> {
    return this.#drive(() => true);
  }

  /** Lets time pass, timer by timer; what each sets off comes to rest before the next is due. */
  pass(ms: number): Promise<void> {
    let over = false;
    this.#scheduler.after(this.#life, ms, () => (over = true));
    return this.#drive(() => over);
  }

  /** The outcome of work that may take what virtual time it needs; undefined when nothing is left that could bring it on. */
  async outcome<T>(work: Promise<T>): Promise<PromiseSettledResult<T> | undefined> {
    const outcome = settledLater(work);
    await this.#drive(() => outcome() !== undefined);
    return outcome();
  }

  async #drive(done: () => boolean): Promise<void> {
    try {
      // Timer by timer, so that each has all its steps.
      let isMore = true;
      do {
        let rests = 0;
        isMore = await this.#scheduler.run(() => done() || rests++ > 0, this.#scheduler.steps + MOST_STEPS);
      } while (isMore && !done());
    } catch (error) {
      if (!(error instanceof RunNeverEnds)) throw error;
      const what = `What was set off does not come to rest within ${MOST_STEPS} steps. Run most often: ${this.#busiest()}.`;
      throw new BanyanError("scenario-stuck", what, { remedy: "Look for handlers whose events lead back to them." });
    }
  }
}

/** What became of a promise, asked without waiting. */
export function settledLater<T>(work: Promise<T>): () => PromiseSettledResult<T> | undefined {
  let settled: PromiseSettledResult<T> | undefined;
  work.then(
    (value) => (settled = { status: "fulfilled", value }),
    (reason: unknown) => (settled = { status: "rejected", reason }),
  );
  return () => settled;
}
