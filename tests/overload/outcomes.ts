import { readFileSync, writeFileSync } from "node:fs";

/** What whoever sent an order knows of it. An order without an answer may have been placed or not. */
export const OUTCOME = { unknown: 0, acknowledged: 1, refused: 2 } as const;

/** The outcome of each order that one sender sent, by its number. */
export class Outcomes {
  #bytes = new Uint8Array(1 << 16);
  #count = 0;

  /** The number of the next order. */
  next(): number {
    if (this.#count === this.#bytes.length) {
      const more = new Uint8Array(this.#bytes.length * 2);
      more.set(this.#bytes);
      this.#bytes = more;
    }
    return this.#count++;
  }

  set(number: number, outcome: keyof typeof OUTCOME): void {
    this.#bytes[number] = OUTCOME[outcome];
  }

  write(file: string): void {
    writeFileSync(file, this.#bytes.subarray(0, this.#count));
  }
}

/** The id of an order, from which its sender and its number can be told again. */
export function orderIdOf(sender: number, number: number): string {
  const part = (value: number, digits: number): string => value.toString(16).padStart(digits, "0");
  return `${part(sender, 8)}-0000-4000-8000-${part(number, 12)}`;
}

export interface Reconciled {
  readonly acknowledged: number;
  readonly refused: number;
  readonly unknown: number;
  /** Acknowledged, and not there. */
  readonly lost: number;
  /** There, although it was refused, or although nobody sent it. */
  readonly unasked: number;
}

/** Holds what the senders know against the orders that are there; `files` has one of each sender, in the order of their numbers. */
export function reconcile(files: readonly string[], there: Iterable<string>): Reconciled {
  const outcomes = files.map((file) => readFileSync(file));
  const all = (outcome: number): number =>
    outcomes.reduce((sum, bytes) => sum + bytes.reduce((n, byte) => n + (byte === outcome ? 1 : 0), 0), 0);
  let found = 0;
  let unasked = 0;
  for (const id of there) {
    const outcome = outcomes[Number.parseInt(id.slice(0, 8), 16)]?.[Number.parseInt(id.slice(24), 16)];
    if (outcome === OUTCOME.acknowledged) found++;
    else if (outcome !== OUTCOME.unknown) unasked++;
  }
  const acknowledged = all(OUTCOME.acknowledged);
  const [refused, unknown] = [all(OUTCOME.refused), all(OUTCOME.unknown)];
  return { acknowledged, refused, unknown, lost: acknowledged - found, unasked };
}
