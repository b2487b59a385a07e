import type { App } from "../context/index.ts";
import type { Platform } from "../ports/index.ts";
import { Backlog } from "./backlog.ts";
import type { Appended } from "./committer.ts";
import { DiskReserve } from "./disk-reserve.ts";
import type { Limits } from "./limits.ts";
import type { Readers } from "./readers.ts";

/** Whether a command may begin. Only what comes from outside asks: whatever drains is never held up. */
export class Intake {
  readonly #reserve: DiskReserve;
  readonly #backlogs: ReadonlyMap<string, Backlog>;
  readonly #platform: Platform;
  readonly #refused = new Set<string>();
  #readers: Pick<Readers, "of"> = { of: () => [] };

  constructor({ contexts }: App, platform: Platform, limits: Limits) {
    const { store, clock } = platform;
    this.#platform = platform;
    this.#reserve = new DiskReserve(platform, limits.diskReserveBytes);
    const delayMs = limits.backlogDelayMs;
    this.#backlogs = new Map(
      contexts.map(({ name: source, backlogBytes: budget = limits.backlogBytes }) => [
        source,
        new Backlog({ source, budget, delayMs, store, clock, readers: () => this.#readers.of(source) }),
      ]),
    );
  }

  /** Contexts whose commands are refused because too much of their log waits. */
  get full(): number {
    return [...this.#backlogs.values()].filter(({ share }) => share >= 1).length;
  }

  get diskLow(): boolean {
    return this.#reserve.low;
  }

  /** Where readers stand, from now on. */
  watch(readers: Readers): void {
    this.#readers = readers;
  }

  appended(entries: Appended): void {
    for (const [context, list] of entries) this.#backlogs.get(context)?.appended(list);
  }

  appendedElsewhere(contexts: readonly string[]): void {
    for (const context of contexts) this.#backlogs.get(context)?.appendedElsewhere();
  }

  /** Resolves when a command of this context may begin; throws a code that says "ask again". */
  async admit(context: string): Promise<void> {
    await this.#asked(context, (backlog) => backlog.admit());
    if (this.#refused.delete(context)) this.#warn(`Commands of "${context}" are taken again.`);
  }

  /** Resolves when one that was admitted may still be done; throws as `admit` does. However many were admitted at once, no more are done than have their turn together. */
  confirm(context: string): Promise<void> {
    return this.#asked(context, (backlog) => backlog.confirm());
  }

  async #asked(context: string, ask: (backlog: Backlog) => Promise<void>): Promise<void> {
    const backlog = this.#backlogs.get(context);
    try {
      await this.#reserve.admit();
      if (backlog !== undefined) await ask(backlog);
    } catch (error) {
      if (!this.#refused.has(context)) this.#warn((error as Error).message);
      this.#refused.add(context);
      throw error;
    }
  }

  #warn(message: string): void {
    this.#platform.telemetry.signal({ name: "warning", message });
  }
}
