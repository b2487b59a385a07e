import type { Cut, Entry, Scheduled, Store } from "@banyan/core";

/** A scheduled event that a transaction kept and committed. Numbers say what came before what. */
export interface KeptEvent extends Scheduled {
  readonly keptAt: number;
  /** Who kept it. */
  readonly process: string;
}

/** A scheduled event that a transaction let enter the log, committed. */
export interface Entering {
  readonly id: string;
  /** When the process that did so had looked at the schedule. */
  readonly lookedAt: number;
  /** The latest that the wall clock said between that look and the commit. */
  readonly wallMs: number;
  readonly process: string;
}

/** How a process last looked at the schedule of a context. */
export interface Look {
  readonly at: number;
  /** Virtual time. */
  readonly ms: number;
}

const AT_ONCE = 500;

/** Sees every commit of a run from outside what crashes, and keeps what a store does not show at the end: what was taken out of it, and what was asked of it. */
export class Witness {
  readonly kept: KeptEvent[] = [];
  readonly entered: Entering[] = [];
  /** The latest `olderThan` for which a log was trimmed. */
  readonly trimmedTo: Map<string, number> = new Map();
  /** Counts what happened. */
  readonly note: (what: string) => void;
  readonly #logs = new Map<string, Entry[]>();
  readonly #trimmable: ReadonlyMap<string, readonly string[]>;
  readonly #scheduledIds = new Set<string>();
  readonly #grown = new Set<string>();
  #order = 0;

  /** `trimmable`: the logs that are not kept whole, with the types of their entries. */
  constructor(trimmable: ReadonlyMap<string, readonly string[]>, note: (what: string) => void) {
    this.#trimmable = trimmable;
    this.note = note;
  }

  /** Whatever is seen is numbered. */
  next(): number {
    return ++this.#order;
  }

  keeps(one: Scheduled, process: string): void {
    this.#scheduledIds.add(one.entry.id);
    this.kept.push({ ...one, keptAt: this.next(), process });
  }

  enters(entering: Entering): void {
    this.entered.push(entering);
  }

  isScheduled(id: string): boolean {
    return this.#scheduledIds.has(id);
  }

  grows(source: string): void {
    if (this.#trimmable.has(source)) this.#grown.add(source);
  }

  trims(source: string, { olderThan }: Cut): void {
    this.trimmedTo.set(source, Math.max(olderThan, this.trimmedTo.get(source) ?? 0));
  }

  /** Reads what entered logs that may be trimmed. To be asked between two transactions: whoever trims has to begin one. */
  async read(store: Store): Promise<void> {
    for (const source of this.#grown) {
      const log = this.#logOf(source);
      for (let full = true; full;) {
        const types = this.#trimmable.get(source) ?? [];
        const after = log.at(-1)?.position ?? 0;
        const { entries } = await store.fetch({ source, after, limit: AT_ONCE, types });
        log.push(...entries);
        full = entries.length === AT_ONCE;
      }
    }
    this.#grown.clear();
  }

  /** The entries of a log that were seen before any could be trimmed. */
  logOf(source: string): readonly Entry[] {
    return this.#logOf(source);
  }

  #logOf(source: string): Entry[] {
    const known = this.#logs.get(source) ?? [];
    this.#logs.set(source, known);
    return known;
  }
}
