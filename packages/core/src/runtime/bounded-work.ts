import { asBanyanError, BanyanError, isBanyanError } from "../error/index.ts";
import type { Abort, Clock, Telemetry } from "../ports/index.ts";
import { deferred } from "./deferred.ts";

export interface Bounds {
  /** For errors: `before of "orders.place"`. */
  readonly what: string;
  /** Whoever asked, where that is known: its abort is this work's. */
  readonly asker?: Abort | undefined;
}

/**
 * Runs what is not a transaction (`before`, `allow`, queries) and gives it up at its limit, when whoever asked is gone, or when the process halts.
 *
 * I1. Work that is given up is told so, once, through its scope; its outcome is the reason, whatever it still does.
 * I2. However it ended, its tools are dead from then on: what was given up cannot act beside the attempt that follows it.
 * I3. After a halt nothing begins.
 */
export class BoundedWork {
  readonly #by: { readonly clock: Clock; readonly telemetry: Telemetry };
  readonly #limitMs: number;
  readonly #scopes = new Set<WorkScope>();
  #halted: BanyanError | undefined;

  constructor(by: { readonly clock: Clock; readonly telemetry: Telemetry }, limitMs: number) {
    this.#by = by;
    this.#limitMs = limitMs;
  }

  get halted(): boolean {
    return this.#halted !== undefined;
  }

  async run<T>({ what, asker }: Bounds, work: (scope: WorkScope) => T | Promise<T>): Promise<T> {
    if (this.#halted !== undefined) throw this.#halted;
    const scope = new WorkScope(what, this.#by.telemetry);
    this.#scopes.add(scope);
    const late = (): BanyanError =>
      new BanyanError("before-timeout", `${what} did not end within ${this.#limitMs} ms.`);
    const cancel = this.#by.clock.after(this.#limitMs, () => scope.abort(late()));
    const forget = asker?.onAbort(() => scope.abort(reasonOf(asker)));
    try {
      return await scope.outcome(work);
    } finally {
      cancel();
      forget?.();
      this.#scopes.delete(scope);
      scope.end();
    }
  }

  /** Gives up all that runs, and refuses what would begin. */
  halt(reason: BanyanError): void {
    this.#halted ??= reason;
    for (const scope of this.#scopes) scope.abort(reason);
  }
}

/** One run of such work: what its tools look at. */
export class WorkScope implements Abort {
  readonly #what: string;
  readonly #telemetry: Telemetry;
  readonly #givenUp = deferred<never>();
  readonly #waiting = new Set<() => void>();
  #reason: BanyanError | undefined;
  #ended = false;

  constructor(what: string, telemetry: Telemetry) {
    this.#what = what;
    this.#telemetry = telemetry;
    this.#givenUp.promise.catch(() => {});
  }

  get aborted(): boolean {
    return this.#reason !== undefined;
  }

  get reason(): BanyanError | undefined {
    return this.#reason;
  }

  onAbort(fire: () => void): () => void {
    const once = (): void => fire();
    if (this.aborted) this.#tell(once);
    else if (!this.#ended) this.#waiting.add(once);
    return () => void this.#waiting.delete(once);
  }

  /** Throws when the work has ended or been given up: `tool` may not be used then. */
  check(tool: string): void {
    if (!this.#ended && !this.aborted) return;
    const how = this.aborted ? "been given up" : "ended";
    throw new BanyanError("before-ended", `\`${tool}\` was used after ${this.#what} had ${how}.`);
  }

  /** The work's outcome, or the reason as soon as it is given up; what fails after that is swallowed. */
  async outcome<T>(work: (scope: WorkScope) => T | Promise<T>): Promise<T> {
    if (this.#reason !== undefined) throw this.#reason;
    const done = Promise.resolve(work(this));
    done.catch(() => {});
    return Promise.race([done, this.#givenUp.promise]);
  }

  abort(reason: BanyanError): void {
    if (this.aborted || this.#ended) return;
    this.#reason = reason;
    // first: what ends because it is told has not ended in time
    this.#givenUp.reject(reason);
    for (const fire of this.#waiting) this.#tell(fire);
    this.#waiting.clear();
  }

  end(): void {
    this.#ended = true;
    this.#waiting.clear();
  }

  /** Whoever is told must not keep the others from being told. */
  #tell(fire: () => void): void {
    try {
      fire();
    } catch (error) {
      const { message } = asBanyanError(error, `what ${this.#what} does when it is given up`);
      this.#telemetry.signal({ name: "warning", message });
    }
  }
}

function reasonOf({ reason }: Abort): BanyanError {
  if (isBanyanError(reason)) return reason;
  return new BanyanError("caller-gone", "Whoever asked went away before there was an answer.", { cause: reason });
}
