import type { Ledger } from "./ledger.ts";
import { Problem } from "./problem.ts";

interface Waiting {
  /** Runs inside the transaction and returns what to do once it is on disk. */
  readonly record: () => () => void;
  readonly refuse: (problem: Problem) => void;
}

/**
 * Everything that arrives in one turn of the event loop is one transaction, so that many requests share one flush.
 * Nobody is answered before COMMIT returned.
 */
export class GroupCommit {
  readonly #ledger: Ledger;
  #waiting: Waiting[] = [];

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  submit<Result>(record: (ledger: Ledger) => Result): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#flush());
      this.#waiting.push({ record: () => settle(() => record(this.#ledger), { resolve, reject }), refuse: reject });
    });
  }

  #flush(): void {
    const batch = this.#waiting;
    this.#waiting = [];
    const answers: (() => void)[] = [];
    try {
      this.#ledger.transaction(() => {
        for (const { record } of batch) answers.push(record());
      });
    } catch (error) {
      const problem = new Problem("not-recorded", error instanceof Error ? error.message : String(error));
      for (const { refuse } of batch) refuse(problem);
      return;
    }
    for (const answer of answers) answer();
  }
}

/** A refusal concerns one request; anything else that is thrown fails the whole transaction. */
function settle<Result>(
  body: () => Result,
  to: { resolve: (value: Result) => void; reject: (problem: Problem) => void },
): () => void {
  try {
    const result = body();
    return () => to.resolve(result);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return () => to.reject(error);
  }
}
