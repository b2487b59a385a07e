import { sizeText } from "../context/index.ts";
import { asBanyanError, BanyanError } from "../error/index.ts";
import { utf8Length } from "../hash/index.ts";
import type { Clock, LogVolume, NewEntry, Store } from "../ports/index.ts";
import { sleep } from "./deferred.ts";
import type { Reader } from "./places.ts";

/** What an entry takes in a log beside its body: ids, names, times. */
const ENVELOPE_BYTES = 256;
/** From this share of the budget on commands are slowed. */
const SOFT = 0.8;
/** The store is not asked more often than this. */
const LOOK_MS = 100;
/** After this share of the budget has been appended the store is asked again, though nobody is slowed yet. */
const LOOK_SHARE = 1 / 32;
const RETRY_AFTER_MS = 5_000;

export interface BacklogOptions {
  readonly source: string;
  /** Bytes that may wait for the slowest reader. */
  readonly budget: number;
  /** How long a command waits at most before the budget is used up. */
  readonly delayMs: number;
  readonly store: Pick<Store, "volume">;
  readonly clock: Clock;
  /** All who read its log, also those that stand still. */
  readonly readers: () => readonly Reader[];
}

interface Seen {
  through: number;
  history: number;
}

/** What this reader has yet to settle of its log: nothing that others read, however long it has found nothing for itself. */
export async function waitingFor({ source, through, types }: Reader, store: Pick<Store, "volume">): Promise<number> {
  return weightOf(await store.volume({ source, after: through, ...(types === undefined ? {} : { types }) }));
}

/** How much of a disk a part of a log takes, near enough. */
export function weightOf({ entries, bytes }: LogVolume): number {
  return bytes + entries * ENVELOPE_BYTES;
}

/**
 * What waits in the log of one context for its slowest reader, against a budget.
 *
 * I1. Between two looks it is what was found, and what was appended since: never less than what waits, and asking costs nothing.
 * I2. Nobody is slowed or refused by what was found longer ago than `LOOK_MS`, nor for what was appended since: it is looked first whether that waits.
 * I3. History is not a backlog: what waited beyond the soft share when a reader was first seen, or was put back, is not counted, so a new
 *     reader of a long log keeps nobody from working.
 */
export class Backlog {
  readonly #options: BacklogOptions;
  readonly #seen = new Map<string, Seen>();
  #found = 0;
  #appended = 0;
  #slowest = "";
  #lookedAt = -Infinity;
  /** Why the last look has seen nothing. */
  #blind: BanyanError | undefined;
  #looking: Promise<void> | undefined;

  constructor(options: BacklogOptions) {
    this.#options = options;
  }

  /** Of the budget, as far as it is known now: 1 and more is too much. */
  get share(): number {
    return (this.#found + this.#appended) / this.#options.budget;
  }

  appended(entries: readonly NewEntry[]): void {
    for (const { body } of entries) this.#appended += utf8Length(body) + ENVELOPE_BYTES;
  }

  /** Others have appended, and how much is not known: it is looked before the next command begins. */
  appendedElsewhere(): void {
    this.#lookedAt = -Infinity;
  }

  /** Resolves when a command may go on: at once, or a while later; throws `backlog-full`, or why it cannot be seen whether it is. */
  async admit(): Promise<void> {
    await this.#refresh();
    if (this.share < SOFT) return;
    if (this.share < 1) {
      await sleep(this.#options.clock, (this.#options.delayMs * (this.share - SOFT)) / (1 - SOFT));
      await this.#refresh();
    }
    if (this.share >= 1) throw this.#blind ?? this.#fullError();
  }

  /** For one that was admitted, and has its turn only now: many may have come in between. Nobody is slowed a second time; throws as `admit` does. */
  async confirm(): Promise<void> {
    if (this.share < 1) return;
    await this.#refresh();
    if (this.share >= 1) throw this.#blind ?? this.#fullError();
  }

  async #refresh(): Promise<void> {
    const age = this.#options.clock.mono() - this.#lookedAt;
    const due = this.share >= SOFT || this.#appended >= this.#options.budget * LOOK_SHARE || age === Infinity;
    const unsure = this.share >= SOFT && this.#found < SOFT * this.#options.budget;
    if (due && (unsure || age >= LOOK_MS)) this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    await this.#looking;
  }

  /** A look that fails leaves what was known. */
  async #look(): Promise<void> {
    const { clock } = this.#options;
    // what is appended while it looks may be counted twice, and is never missed
    const before = this.#appended;
    try {
      const readers = this.#options.readers();
      const waiting = await Promise.all(readers.map((reader) => this.#waitingFor(reader)));
      this.#appended -= before;
      this.#blind = undefined;
      this.#found = Math.max(0, ...waiting);
      this.#slowest = readers[waiting.indexOf(this.#found)]?.subscription ?? "";
    } catch (error) {
      // who may not read may not write either, and is told so there
      this.#blind = asBanyanError(error, "a look at what waits");
    }
    this.#lookedAt = clock.mono();
  }

  async #waitingFor(reader: Reader): Promise<number> {
    const { store, budget } = this.#options;
    const { subscription, through } = reader;
    const waiting = await waitingFor(reader, store);
    const seen = this.#seen.get(subscription);
    const isNew = seen === undefined || through < seen.through;
    const history = Math.min(waiting, isNew ? Math.max(0, waiting - SOFT * budget) : seen.history);
    this.#seen.set(subscription, { through, history });
    return waiting - history;
  }

  #fullError(): BanyanError {
    const { source, budget } = this.#options;
    const subscription = this.#slowest;
    const waiting = sizeText(this.#found + this.#appended);
    const words = `${waiting} of the log of "${source}" wait for "${subscription}"; its budget is ${sizeText(budget)}.`;
    return new BanyanError("backlog-full", `Commands of "${source}" are refused for now: ${words}`, {
      retryAfterMs: RETRY_AFTER_MS,
      details: { subscription },
    });
  }
}
