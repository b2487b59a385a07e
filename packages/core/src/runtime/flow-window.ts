import type { Limits } from "./limits.ts";

export type WindowLimits = Pick<
  Limits,
  "inFlight" | "inFlightFloor" | "inFlightBytes" | "attemptTargetMs" | "loopTargetMs"
>;

/** Where a lane that has just started begins, so that what is slow is found out with few. */
const BEGIN = 16;
/** Beyond the first congestion the window grows by this part of its cap for each window that went well. */
const STEP = 1 / 16;

/**
 * How many entries a lane may hold at a time, and how much of them.
 *
 * I1. The window is between the floor and the cap, and never below one entry.
 * I2. It grows by what is settled in time while it is in use: doubling until something was too slow for the first time, then in steps.
 * I3. It is halved when an attempt or the event loop takes longer than its target; what was fetched before that does not halve it again.
 * I4. Bytes are those of the bodies that were fetched and are not settled: beyond the bound nothing is fetched, so one entry more than
 *     the bound is the most.
 */
export class FlowWindow {
  readonly #limits: WindowLimits;
  readonly #floor: number;
  #size: number;
  #bytes = 0;
  #slowedAt = -Infinity;
  #inTime = 0;

  constructor(limits: WindowLimits) {
    this.#limits = limits;
    this.#floor = Math.max(1, Math.min(limits.inFlightFloor, limits.inFlight));
    this.#size = Math.max(this.#floor, Math.min(BEGIN, limits.inFlight));
  }

  /** Entries it holds at most for now. */
  get size(): number {
    return this.#size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** How much may be fetched now, for a lane with so many entries in flight; undefined = nothing. */
  room(inFlight: number): { readonly limit: number; readonly bytes: number } | undefined {
    const limit = this.#size - inFlight;
    const bytes = this.#limits.inFlightBytes - this.#bytes;
    return limit > 0 && bytes > 0 ? { limit, bytes } : undefined;
  }

  fetched(bytes: number): void {
    this.#bytes += bytes;
  }

  /** An entry is held no longer. */
  released(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** An attempt has ended: when it began and ended (both on the monotonic clock), and how late the event loop is. */
  attempted({ from, to, loopMs }: { readonly from: number; readonly to: number; readonly loopMs: number }): void {
    const { attemptTargetMs, loopTargetMs, inFlight } = this.#limits;
    if (to - from > attemptTargetMs || loopMs > loopTargetMs) return this.#slower(from, to);
    if (++this.#inTime < this.#size) return;
    this.#inTime = 0;
    const step = this.#slowedAt === -Infinity ? this.#size : Math.max(1, Math.floor(inFlight * STEP));
    this.#size = Math.min(inFlight, this.#size + step);
  }

  #slower(from: number, to: number): void {
    this.#inTime = 0;
    if (from < this.#slowedAt) return;
    this.#slowedAt = to;
    this.#size = Math.max(this.#floor, Math.floor(this.#size / 2));
  }
}
