import { BanyanError } from "../error/index.ts";
import type { Clock, Turn, UnitHandle } from "../ports/index.ts";
import { deferred, sleep, type Deferred } from "./deferred.ts";

interface Watched {
  readonly name: string;
  readonly handle: UnitHandle;
  readonly stalled: Deferred<never>;
  /** Milliseconds for which it was seen to wait for nothing of the transaction. */
  idleMs: number;
}

/**
 * Watches the body that holds the transaction. Statements of a body end within its turn of the event loop, so a body that is still
 * open a turn later, with no statement asked for or running in between, waits for something that is not its transaction,
 * and everybody else waits for it.
 */
export class StallWatch {
  readonly #clock: Clock;
  readonly #turn: Turn;
  readonly #limitMs: number;
  #current: Watched | undefined;
  #open = true;

  constructor(ports: { readonly clock: Clock; readonly turn: Turn }, limitMs: number) {
    this.#clock = ports.clock;
    this.#turn = ports.turn;
    this.#limitMs = limitMs;
  }

  /** The body's outcome, or a rejection with `unit-stalled`. */
  async until<T>(name: string, handle: UnitHandle, body: Promise<T>): Promise<T> {
    const stalled = deferred<never>();
    stalled.promise.catch(() => {});
    this.#current = { name, handle, stalled, idleMs: 0 };
    try {
      return await Promise.race([body, stalled.promise]);
    } finally {
      this.#current = undefined;
    }
  }

  /** Runs beside one batch, until `close`. */
  async watch(): Promise<void> {
    for (;;) {
      await this.#turn.next();
      if (!this.#open) return;
      const suspect = this.#current;
      if (suspect === undefined) continue;
      const from = this.#clock.mono();
      const before = suspect.handle.activity();
      await (this.#limitMs === 0 ? this.#turn.next() : sleep(this.#clock, this.#limitMs / 10));
      const after = suspect.handle.activity();
      if (!this.#open || this.#current !== suspect || before.running > 0 || after.running > 0) continue;
      // A statement now and then does not make the time between them the transaction's.
      suspect.idleMs += this.#clock.mono() - from;
      const stalled = this.#limitMs === 0 ? before.asked === after.asked : suspect.idleMs >= this.#limitMs;
      if (stalled) suspect.stalled.reject(stallError(suspect.name));
    }
  }

  close(): void {
    this.#open = false;
  }
}

function stallError(name: string): BanyanError {
  return new BanyanError(
    "unit-stalled",
    `The body of "${name}" waits for something that is not its transaction; it was rolled back.`,
  );
}
