import type { Cut, NewEntry, Scheduled } from "@banyan/core";
import type { Scheduler } from "./scheduler.ts";
import type { Look, Witness } from "./witness.ts";

/** What one process was seen to look at, and one of its transactions to ask for. The witness hears of it when it has committed. */
export class Testimony {
  readonly #witness: Witness;
  readonly #scheduler: Scheduler;
  readonly #process: string;
  readonly #looks: ReadonlyMap<string, Look>;
  #owed: (() => void)[] = [];

  constructor(
    witness: Witness,
    of: { readonly scheduler: Scheduler; readonly process: string; readonly looks: ReadonlyMap<string, Look> },
  ) {
    this.#witness = witness;
    this.#scheduler = of.scheduler;
    this.#process = of.process;
    this.#looks = of.looks;
  }

  schedule(one: Scheduled): void {
    this.#owed.push(() => this.#witness.keeps(one, this.#process));
  }

  append(source: string, entries: readonly NewEntry[]): void {
    const { at: lookedAt, ms } = this.#looks.get(source) ?? { at: 0, ms: 0 };
    const wallMs = this.#scheduler.latestWall(ms);
    this.#owed.push(() => {
      this.#witness.grows(source);
      for (const { id } of entries)
        if (this.#witness.isScheduled(id)) this.#witness.enters({ id, lookedAt, wallMs, process: this.#process });
    });
  }

  trim(source: string, cut: Cut): void {
    this.#owed.push(() => this.#witness.trims(source, cut));
  }

  happens(what: string): void {
    this.#owed.push(() => this.#witness.note(what));
  }

  committed(): void {
    for (const tell of this.#owed.splice(0)) tell();
  }
}
