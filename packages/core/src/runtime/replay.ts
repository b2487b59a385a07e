import { contextId } from "../context/index.ts";
import { BanyanError } from "../error/index.ts";
import { EVERY_TENANT, type Cursor, type StoreTransaction } from "../ports/index.ts";
import type { Committer } from "./committer.ts";
import type { Surroundings } from "./host.ts";
import type { Lane } from "./lane.ts";

export interface ReplayParts {
  readonly around: Surroundings;
  readonly committer: Committer;
  /** The one list of lanes that everybody reads: a lane that follows another takes its place there. */
  readonly lanes: Lane[];
  /** Whether lanes may be started. */
  readonly running: () => boolean;
}

/** What is made anew. */
export interface Replayed {
  readonly subscription: string;
  readonly source: string;
  /** How many entries the log had, of whatever type. */
  readonly entries: number;
  /** How many parked entries went; they are delivered again in their turn. */
  readonly parked: number;
}

/**
 * Has the effects of a subscription cleared and made anew from its log.
 *
 * I1. One commit clears the effects, deletes what is parked, puts the cursor back under a continued fence, and says who did it: a crash leaves all of it or nothing.
 * I2. The old lane has ended before: no commit under its fence comes beside that one or after it.
 * I3. From before that commit on the lane says that it stands at the start, so that retention takes nothing it is about to read.
 * I4. Whatever happens another lane follows: at the start, or where the old one stood.
 */
export class Replays {
  readonly #parts: ReplayParts;

  constructor(parts: ReplayParts) {
    this.#parts = parts;
  }

  /** Resolves once it is certain that it is made anew; rejects when nothing was changed. `beside` is committed with it. */
  async replay(lane: Lane, beside: (transaction: StoreTransaction) => Promise<void>): Promise<Replayed> {
    const { subscription, source } = lane;
    if (lane.delivery.definition.rebuild === undefined)
      throw new BanyanError("replay-undeclared", `"${subscription}" does not declare \`rebuild\`.`);
    const { first, last } = await this.#parts.around.platform.store.extent(source);
    if (first > 1) throw new BanyanError("log-trimmed", `The log of "${source}" begins with its entry ${first} now.`);
    if (!this.#parts.lanes.includes(lane) || lane.rewinding)
      throw new BanyanError("replay-in-progress", `"${subscription}" is being replayed already.`);
    const parked = await this.#inPlaceOf(lane, beside);
    return { subscription, source, entries: last, parked };
  }

  async #inPlaceOf(lane: Lane, beside: (transaction: StoreTransaction) => Promise<void>): Promise<number> {
    let next: Lane | undefined;
    try {
      await lane.prepareRewind();
      this.#assertRunning();
      const { rows } = lane.parked;
      const cursor = await this.#rewind(lane, beside);
      next = lane.successor(cursor);
      this.#parts.around.platform.telemetry.signal({
        name: "subscription.rewound",
        subscription: lane.subscription,
        fence: cursor.fence,
      });
      return rows;
    } finally {
      this.#follow(lane, next ?? lane.successor());
    }
  }

  #assertRunning(): void {
    if (!this.#parts.running())
      throw new BanyanError("draining", "The process is stopping; nothing is replayed by it any more.");
  }

  #rewind(lane: Lane, beside: (transaction: StoreTransaction) => Promise<void>): Promise<Cursor> {
    const { host, definition, subscription } = lane.delivery;
    const name = `rebuild of ${subscription}`;
    const principal = contextId(host.name);
    const origin = { tenant: "", principal, correlation: "", causation: "", traceparent: undefined };
    const body = ({ tx }: { readonly tx?: unknown }): unknown => definition.rebuild?.clear(tx);
    return this.#parts.committer.submit<Cursor>({
      name,
      context: host.name,
      bytes: 0,
      run: async (transaction, watch) => {
        const cursor = await transaction.rewind(lane.delivery.cursor.place);
        if (cursor === undefined) throw new BanyanError("fenced", `"${subscription}" has another owner.`);
        await host.runBody({ name, origin, tools: {}, emits: false, body, rows: EVERY_TENANT }, transaction, watch);
        await beside(transaction);
        return { value: cursor, emitted: [] };
      },
    });
  }

  #follow(lane: Lane, next: Lane): void {
    const { lanes, running } = this.#parts;
    lanes.splice(lanes.indexOf(lane), 1, next);
    if (running()) void next.resume();
  }
}
