import { asBanyanError } from "../error/index.ts";
import type { Cursor, StoreTransaction } from "../ports/index.ts";
import type { Committer } from "./committer.ts";
import type { Surroundings } from "./host.ts";
import type { Readers } from "./readers.ts";
import { settledThrough, slowestOf, storedThrough } from "./places.ts";

/** Entries or records that go in one commit. */
const AT_ONCE = 1_000;
/** What is known of acts outside is small and kept for days: it is looked at once an hour. */
const ACTS_EVERY_MS = 3_600_000;
/** How long it is kept where the log is kept whole. */
const KEEP_ACTS_MS = 7 * 86_400_000;

export interface KeptLog {
  readonly source: string;
  readonly incarnation: string;
  /** Undefined: the log is kept whole. */
  readonly keepMs: number | undefined;
  /** Bytes of it that may wait for its slowest reader; undefined where nothing is appended. */
  readonly budgetBytes: number | undefined;
}

export interface RetentionOptions {
  readonly around: Surroundings;
  readonly committer: Committer;
  readonly logs: readonly KeptLog[];
  readonly readers: Readers;
  /** Subscriptions that may act outside. */
  readonly acting: ReadonlySet<string>;
}

/**
 * Deletes, now and then, what has been kept long enough: entries that every reader has settled, and what is known of acts outside for such entries.
 *
 * I1. An entry goes only when every reader has settled it in a commit before, whatever the clock says: the bound is read while the unit runs.
 * I2. It goes in small commits of their own, between which everybody else's come.
 */
export class Retention {
  readonly #options: RetentionOptions;
  #cancel: () => void = () => {};
  #running: Promise<void> = Promise.resolve();
  #actsAt = Infinity;
  #planned = false;
  /** Whether any log is not kept whole. */
  readonly #keeps: boolean;
  #stopped = false;

  constructor(options: RetentionOptions) {
    this.#options = options;
    this.#keeps = options.logs.some(({ keepMs }) => keepMs !== undefined);
  }

  /** Nothing is deleted before one interval has passed. Where every log is kept whole there is no timer. */
  start(): void {
    const { acting, around } = this.#options;
    if (acting.size > 0) this.#actsAt = around.platform.clock.mono() + around.limits.retentionEveryMs;
    this.#later();
  }

  /** Something was settled or entered a log: what held entries may hold them no longer. */
  committed(): void {
    this.#later();
  }

  /** Something entered a log. Nothing outside is done without that, so there is nothing to forget in a process that is at rest. */
  appended(): void {
    const now = this.#options.around.platform.clock.mono();
    if (now < this.#actsAt) return;
    this.#actsAt = now + ACTS_EVERY_MS;
    this.#run(() => this.#sweepActs());
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancel();
    await this.#running;
  }

  #run(sweep: () => Promise<void>): void {
    this.#running = this.#running.then(sweep);
  }

  #later(): void {
    if (this.#stopped || this.#planned || !this.#keeps) return;
    this.#planned = true;
    const { platform, limits } = this.#options.around;
    this.#cancel = platform.clock.after(limits.retentionEveryMs, () => {
      this.#planned = false;
      this.#run(() => this.#sweepLogs());
    });
  }

  /** Where time alone holds entries it is looked again; where a reader does, or nothing is left, only after the next commit. */
  async #sweepLogs(): Promise<void> {
    for (const { source, keepMs } of this.#options.logs)
      if (keepMs !== undefined) await this.#guarded(source, () => this.#trim(source, keepMs));
  }

  async #sweepActs(): Promise<void> {
    const { readers, acting } = this.#options;
    const actors = readers.places.filter(({ subscription }) => acting.has(subscription));
    for (const place of actors) await this.#guarded(place.source, () => this.#forgetActs(place));
  }

  /** What fails is tried in the next sweep. */
  async #guarded(source: string, work: () => Promise<void>): Promise<void> {
    if (this.#stopped) return;
    try {
      await work();
    } catch (error) {
      const { message } = asBanyanError(error, "the retention");
      const { telemetry } = this.#options.around.platform;
      this.#later();
      telemetry.signal({ name: "warning", message: `What "${source}" need not keep stays for now: ${message}` });
    }
  }

  async #trim(source: string, keepMs: number): Promise<void> {
    const { store, clock, telemetry, turn } = this.#options.around.platform;
    const { readers } = this.#options;
    while (!this.#stopped) {
      const { first, last } = await store.extent(source);
      const bound = (): number => Math.min(last, storedThrough(source, readers.places));
      const slowest = slowestOf(readers.of(source));
      const [oldest] = await store.entriesAt(source, [first]);
      const olderThan = clock.now() - keepMs;
      // a log with nothing to trim costs no commit
      if (oldest === undefined || (slowest !== undefined && slowest.through < first)) return;
      if (oldest.at >= olderThan) return this.#later();
      await readers.keepPlaces(source);
      const entries = await this.#unit(source, (transaction) =>
        transaction.trim(source, bound(), { olderThan, limit: AT_ONCE }),
      );
      if (entries > 0) telemetry.signal({ name: "log.trimmed", source, entries });
      // nothing although there was something: its time is yet to come
      if (entries === 0) return this.#later();
      await turn.next();
    }
  }

  async #forgetActs(place: Cursor): Promise<void> {
    const { clock, turn } = this.#options.around.platform;
    const { subscription: parkedAs, firstName: subscription, source } = place;
    const { keepMs = KEEP_ACTS_MS } = this.#options.logs.find((log) => log.source === source) ?? {};
    // the place is older than the unit: what was settled since is forgotten in a later sweep
    const below = settledThrough(place) + 1;
    while (!this.#stopped) {
      const cut = { olderThan: clock.now() - keepMs, limit: AT_ONCE };
      const gone = await this.#unit(source, (transaction) =>
        transaction.forgetActs({ subscription, parkedAs, source, below }, cut),
      );
      if (gone < AT_ONCE) return;
      await turn.next();
    }
  }

  #unit(context: string, work: (transaction: StoreTransaction) => Promise<number>): Promise<number> {
    return this.#options.committer.submit({
      name: `the retention of ${context}`,
      context,
      bytes: 0,
      run: async (transaction) => ({ value: await work(transaction), emitted: [] }),
    });
  }
}
