import { sizeText } from "../context/index.ts";
import { BanyanError } from "../error/index.ts";
import type { Clock, Store, StoreSpace } from "../ports/index.ts";

const MIB = 1024 * 1024;
/** How often it is looked how much room there is, and how soon again where there is too little. */
const LOOK_MS = 1_000;
const RETRY_AFTER_MS = 2_000;

/** 1 % of the disk, but from 64 MiB to 1 GiB of it. */
export function reserveOf({ total }: StoreSpace): number {
  return Math.max(64 * MIB, Math.min(1_024 * MIB, total / 100));
}

/**
 * Keeps the last of the disk for what drains: below the reserve no command begins, and with room again they go on by themselves. It looks
 * when commands come, and has no timer.
 */
export class DiskReserve {
  readonly #store: Pick<Store, "space">;
  readonly #clock: Clock;
  readonly #bytes: number | undefined;
  #space: StoreSpace | undefined;
  #lookedAt = -Infinity;
  #looking: Promise<void> | undefined;

  /** `bytes`: the reserve; undefined = by the size of the disk. */
  constructor(ports: { readonly store: Pick<Store, "space">; readonly clock: Clock }, bytes: number | undefined) {
    this.#store = ports.store;
    this.#clock = ports.clock;
    this.#bytes = bytes;
  }

  get low(): boolean {
    return this.#space !== undefined && this.#space.free < this.#reserve(this.#space);
  }

  /** Resolves when a command may begin; throws `disk-low`. Where there is room nobody waits for a look. */
  async admit(): Promise<void> {
    const age = this.#clock.mono() - this.#lookedAt;
    if (age >= LOOK_MS) this.#looking ??= this.#look().finally(() => (this.#looking = undefined));
    if (this.low || age === Infinity) await this.#looking;
    if (this.#space === undefined || !this.low) return;
    const words = `${sizeText(this.#space.free)} are free, and ${sizeText(this.#reserve(this.#space))} are kept for what is under way`;
    throw new BanyanError("disk-low", `The disk of the data is almost full: ${words}.`, {
      retryAfterMs: RETRY_AFTER_MS,
    });
  }

  #reserve(space: StoreSpace): number {
    return this.#bytes ?? reserveOf(space);
  }

  /** A look that fails leaves what was known. */
  async #look(): Promise<void> {
    this.#space = await this.#store.space().catch(() => this.#space);
    this.#lookedAt = this.#clock.mono();
  }
}
