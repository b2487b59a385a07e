import type { Answer, Lost } from "./connection.ts";

/** What a user accepts: an answer later than this is no good to anybody. */
export const DEADLINE_MS = 1_000;

/** What became of the requests that were due in one second, whenever they were answered. */
export interface Second {
  readonly offered: number;
  /** Answered 2xx within the deadline. */
  readonly good: number;
  /** How long each that was answered 2xx took, from when it was due, in the order of the answers. */
  readonly acceptedMs: readonly number[];
  /** The same of those that were refused. */
  readonly refusedMs: readonly number[];
  /** By status and code, or by what there was instead of an answer: 2xx apart. */
  readonly others: Readonly<Record<string, number>>;
  /** Refused without saying when to ask again. */
  readonly withoutRetryAfter: number;
  /** Requests that left so long after they were due, at most: the fault of whoever sends. */
  readonly sentLateMs: number;
}

class Tally {
  offered = 0;
  good = 0;
  readonly acceptedMs: number[] = [];
  readonly refusedMs: number[] = [];
  readonly others: Record<string, number> = {};
  withoutRetryAfter = 0;
  sentLateMs = 0;
}

export class Seconds {
  readonly #tallies: Tally[] = [];

  sent(dueMs: number, lateMs: number): void {
    const tally = this.#of(dueMs);
    tally.offered++;
    tally.sentLateMs = Math.max(tally.sentLateMs, Math.round(lateMs));
  }

  ended(dueMs: number, tookMs: number, answer: Answer | Lost): void {
    const tally = this.#of(dueMs);
    if (typeof answer === "string") return count(tally.others, answer);
    if (answer.status < 300) {
      tally.acceptedMs.push(Math.round(tookMs));
      if (tookMs <= DEADLINE_MS) tally.good++;
      return;
    }
    tally.refusedMs.push(Math.round(tookMs));
    count(tally.others, `${answer.status} ${answer.code ?? "without a code"}`);
    if (!answer.retryAfter) tally.withoutRetryAfter++;
  }

  get all(): readonly Second[] {
    return Array.from({ length: this.#tallies.length }, (_, second) => this.#tallies[second] ?? new Tally());
  }

  #of(dueMs: number): Tally {
    return (this.#tallies[Math.floor(dueMs / 1_000)] ??= new Tally());
  }
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
