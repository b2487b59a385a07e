import { BanyanError } from "@banyan/core";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { ThreadData } from "./thread-messages.ts";
import { Thread } from "./thread.ts";

/** Pages are 4 KiB. Beyond the first the log is copied into the database by a thread, beyond the second it is started over. */
const COPY_PAGES = 1_024;
const RESTART_PAGES = 10_240;
/** Beyond this (256 MiB), and whenever it has doubled since, somebody is told. */
const WARN_PAGES = 65_536;
/** Commits between two looks at the log; a look costs about 2 µs. */
const LOOK_EVERY = 8;

export interface LogWarning {
  readonly warn?: ((message: string) => void) | undefined;
  readonly warnPages?: number;
}

/**
 * Keeps the write-ahead log short without stalling the event loop. A thread copies it into the database while commits go on; because
 * they do, it never gets to the end, and the log would grow without bound. So now and then, right after such a copy, the writer
 * itself copies the little that is left between two transactions and starts the log over.
 */
export class Checkpointer {
  readonly #data: ThreadData;
  readonly #sizes: StatementSync;
  readonly #restart: StatementSync;
  #thread: Thread | undefined;
  #commits = 0;
  #copying = false;
  #restartDue = false;
  #restartFrom = RESTART_PAGES;
  readonly #warn: (message: string) => void;
  readonly #warnPages: number;
  #warnFrom: number;

  constructor(db: DatabaseSync, data: ThreadData, { warn = () => {}, warnPages = WARN_PAGES }: LogWarning = {}) {
    this.#warn = warn;
    this.#warnPages = warnPages;
    this.#warnFrom = warnPages;
    this.#data = data;
    this.#sizes = db.prepare("PRAGMA wal_checkpoint(NOOP)");
    this.#restart = db.prepare("PRAGMA wal_checkpoint(RESTART)");
  }

  committed(): void {
    if (++this.#commits % LOOK_EVERY !== 0) return;
    const { log, checkpointed } = this.#sizes.get() as { readonly log: number; readonly checkpointed: number };
    this.#judgeSize(log);
    const left = log - checkpointed;
    if (left >= COPY_PAGES && !this.#copying) this.#copy();
    // what is left is copied on the event loop, so it must be little
    else if (log >= this.#restartFrom && left < COPY_PAGES) this.#restartDue = true;
  }

  /** Between two transactions of the writer. Where a reader is in the way it does nothing and is due again later. */
  between(): void {
    if (!this.#restartDue || this.#copying) return;
    this.#restartDue = false;
    const { busy, log } = this.#restart.get() as { readonly busy: number; readonly log: number };
    // a try costs milliseconds, so with a reader in the way the next one waits for the log to have grown
    this.#restartFrom = busy === 0 ? RESTART_PAGES : log + COPY_PAGES / 4;
  }

  /** Nothing can start the log over before who reads it has ended, and only they can be told to. */
  #judgeSize(pages: number): void {
    if (pages < this.#warnPages) this.#warnFrom = this.#warnPages;
    if (pages < this.#warnFrom) return;
    this.#warnFrom = pages * 2;
    const size = `${Math.round(pages / 256)} MiB`;
    this.#warn(
      `The write-ahead log of the database has ${size}, because something has been reading the database for long: a backup, or a shell that is open on it. It takes room on the disk until that ends.`,
    );
  }

  async close(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    await thread?.stop(new BanyanError("draining", "The store is closed."));
  }

  #copy(): void {
    if (this.#thread?.ended !== undefined) this.#thread = undefined;
    this.#thread ??= new Thread(this.#data);
    this.#copying = true;
    const thread = this.#thread;
    // a copy that failed is tried again when the log is looked at next
    void Promise.allSettled([thread.ask((id) => ({ op: "checkpoint", id }))]).then(() => (this.#copying = false));
  }
}
