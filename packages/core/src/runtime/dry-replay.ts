import { BanyanError } from "../error/index.ts";
import type { Entry } from "../ports/index.ts";
import { attemptFailure } from "./attempt-failure.ts";
import type { Committer } from "./committer.ts";
import { attemptEntry } from "./deliver.ts";
import type { Surroundings } from "./host.ts";
import type { Lane } from "./lane.ts";
import { DryReplayOutside } from "./dry-replay-outside.ts";
import { copied, isStoreTrouble } from "./store-trouble.ts";

/** Which entries are delivered to a subscription in a dry replay. Without `of`, `from` or `since` all of the log. */
export interface DryReplayQuery {
  readonly subscription: string;
  /** Its parked entries, or entries of the log. */
  readonly of?: "log" | "parked" | undefined;
  /** From this position on. */
  readonly from?: number | undefined;
  /** From the first entry on that was emitted at this time (wall-clock milliseconds) or later. */
  readonly since?: number | undefined;
  /** Entries of this key only. */
  readonly key?: string | undefined;
  /** 1,000 unless said otherwise. */
  readonly limit?: number | undefined;
}

/** What would become of one entry. */
export interface DryReplayedEntry {
  readonly position: number;
  readonly key: string;
  readonly type: string;
  readonly outcome: "ok" | "failed" | "skipped";
  /** Why it failed. */
  readonly code?: string;
  readonly message?: string;
  /** Why nothing can be said of it. */
  readonly reason?: string;
  /** Events it would emit. */
  readonly emitted: number;
}

export interface DryReplay {
  readonly subscription: string;
  readonly source: string;
  readonly entries: readonly DryReplayedEntry[];
  readonly summary: {
    readonly ok: number;
    readonly failed: number;
    readonly skipped: number;
    readonly emitted: number;
  };
  /** Everything asked for up to this position was looked at. */
  readonly through: number;
  /** It ended at its limit, of entries or of time: there may be more behind `through`. */
  readonly more: boolean;
}

export interface DryReplayParts {
  readonly around: Surroundings;
  readonly committer: Committer;
  /** Whether the process goes on. */
  readonly running: () => boolean;
}

const ENTRIES = 1_000;
/** Whoever asks waits for the answer. */
const AT_MOST_MS = 15_000;
const MESSAGE = 500;

/**
 * Delivers entries to a subscription and keeps nothing: a dry replay.
 *
 * I1. Each entry is alone in a transaction of its own that is rolled back, so it sees nothing of those before it, and no batch of others runs again for it.
 * I2. Nothing is done outside: `once` gives what is recorded, and an entry that asks for more is reported as skipped.
 * I3. Between two entries everybody who waits to commit goes first.
 */
export class DryReplays {
  readonly #parts: DryReplayParts;

  constructor(parts: DryReplayParts) {
    this.#parts = parts;
  }

  async dryReplay(lane: Lane, query: DryReplayQuery): Promise<DryReplay> {
    const { clock, turn, store } = this.#parts.around.platform;
    const { limit = ENTRIES } = query;
    const last = query.of === "parked" ? 0 : (await store.extent(lane.source)).last;
    const found = query.of === "parked" ? this.#parked(lane, query) : this.#logged(lane, query, last);
    const entries: DryReplayedEntry[] = [];
    const ends = clock.mono() + AT_MOST_MS;
    let through = 0;
    let more = false;
    for await (const entry of found) {
      more = entries.length === limit || clock.mono() >= ends;
      if (more) break;
      if (typeof entry === "number") through = entry;
      else {
        entries.push(await this.#tryOut(lane, entry));
        through = entry.position;
      }
      await turn.next();
      this.#assertRunning();
    }
    if (!more) through = Math.max(through, last);
    return {
      subscription: lane.subscription,
      source: lane.source,
      entries,
      summary: summaryOf(entries),
      through,
      more,
    };
  }

  #assertRunning(): void {
    if (this.#parts.running()) return;
    throw new BanyanError("draining", "The process is stopping; nothing is delivered by it any more.");
  }

  /** The entries that are read up to position `last`, and, as a number, how far was looked while there is more. */
  async *#logged(lane: Lane, query: DryReplayQuery, last: number): AsyncGenerator<Entry | number> {
    const { store } = this.#parts.around.platform;
    const { from = 1, since = -Infinity, key } = query;
    const types = lane.delivery.definition.contracts.map((contract) => contract.name);
    let begun = false;
    for (let after = Math.max(0, from - 1); after < last;) {
      const fetched = await store.fetch({ source: lane.source, after, limit: 128, types });
      for (const entry of fetched.entries) {
        begun ||= entry.at >= since;
        if (begun && entry.position <= last && (key === undefined || entry.key === key)) yield entry;
      }
      after = fetched.through;
      if (after < last) yield after;
    }
  }

  async *#parked(lane: Lane, { from = 1, since = -Infinity, key }: DryReplayQuery): AsyncGenerator<Entry> {
    const { store } = this.#parts.around.platform;
    const { subscription, source } = lane;
    const wanted = lane.parked.all
      .filter((row) => row.position >= from && (key === undefined || row.key === key))
      .toSorted((left, right) => left.position - right.position);
    for (const { position } of wanted) {
      const row = await store.parkedEntry({ subscription, source, position });
      if (row !== undefined && row.entry.at >= since) yield row.entry;
    }
  }

  /** What becomes of the entry; throws only where it is the store that fails. */
  async #tryOut(lane: Lane, entry: Entry): Promise<DryReplayedEntry> {
    const { position, key, type } = entry;
    const { around, committer } = this.#parts;
    const outside = new DryReplayOutside(around.platform);
    const of = { position, key, type };
    try {
      const unit = await attemptEntry(lane.delivery, entry, { attempt: 1, around, outside });
      if (outside.refused !== undefined) return { ...of, outcome: "skipped", reason: outside.refused, emitted: 0 };
      const { emitted } = await committer.tryOut(unit);
      return { ...of, outcome: "ok", emitted: emitted.length };
    } catch (thrown) {
      if (outside.refused !== undefined) return { ...of, outcome: "skipped", reason: outside.refused, emitted: 0 };
      const failure = attemptFailure(thrown, lane.delivery, { entries: [entry], codec: around.platform.codec });
      const error = copied(failure, thrown);
      if (isStoreTrouble(error)) throw error;
      return { ...of, outcome: "failed", code: error.code, message: error.message.slice(0, MESSAGE), emitted: 0 };
    }
  }
}

function summaryOf(entries: readonly DryReplayedEntry[]): DryReplay["summary"] {
  const count = (outcome: DryReplayedEntry["outcome"]): number =>
    entries.filter((one) => one.outcome === outcome).length;
  const emitted = entries.reduce((sum, one) => sum + one.emitted, 0);
  return { ok: count("ok"), failed: count("failed"), skipped: count("skipped"), emitted };
}
