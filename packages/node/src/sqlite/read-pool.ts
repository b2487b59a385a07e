import {
  BanyanError,
  type ReadSession,
  type SqlHandle,
  type SqlResult,
  type SqlShape,
  type SqlValue,
} from "@banyan/core";
import type { SessionOf } from "./home.ts";
import type { ReadLimits } from "./options.ts";
import { noInnerPart, statementError } from "./sqlite-error.ts";
import type { Ask, Outcome } from "./statements.ts";
import type { ThreadData } from "./thread-messages.ts";
import { Thread } from "./thread.ts";

/** One connection of one thread, for the time of one session. */
interface Lease {
  readonly thread: Thread;
  readonly connection: number;
}

interface InLine {
  readonly resolve: (lease: Lease) => void;
  readonly reject: (error: BanyanError) => void;
  readonly timer: NodeJS.Timeout;
}

/** For this long a closing store waits for threads that SQLite keeps busy. */
const CLOSE_MS = 1_000;

/**
 * The reads of a folder's database, on one worker thread with a read-only connection per session.
 *
 * I1. A session has its connection from its first statement to its end; its view is that of the first statement.
 * I2. A statement that takes longer than its limit frees its caller and ends the thread, because SQLite cannot be interrupted from
 *     here; sessions on that thread are told to ask again, the next ones find another thread.
 */
export class ReadPool {
  readonly #data: ThreadData;
  readonly #limits: ReadLimits;
  readonly #damaged: (error: BanyanError) => void;
  readonly #line: InLine[] = [];
  readonly #retired: Set<Thread> = new Set();
  #thread: Thread | undefined;
  #free: number[] = [];
  #leased = 0;
  #watch: NodeJS.Timeout | undefined;
  #closed: BanyanError | undefined;

  constructor(data: ThreadData, limits: ReadLimits, damaged: (error: BanyanError) => void) {
    this.#data = data;
    this.#damaged = damaged;
    this.#limits = limits;
    this.#current();
  }

  session(of: SessionOf): ReadSession {
    const session = new PooledSession(this, of);
    return { raw: session, end: async () => session.end() };
  }

  /**
   * A connection, now or when one is given back; nobody waits longer than a statement may take. Who asks within another read does not
   * stand in line behind those who wait for it.
   */
  lease(nested: boolean): Lease | Promise<Lease> {
    if (this.#closed !== undefined) return Promise.reject(this.#closed);
    const thread = this.#current();
    if (nested || this.#leased < this.#limits.readSessions) return this.#give(thread);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#line.splice(this.#line.indexOf(waiting), 1);
        reject(
          new BanyanError(
            "overloaded",
            `${this.#limits.readSessions} reads were open for ${this.#limits.readLimitMs} ms.`,
          ),
        );
      }, this.#limits.readLimitMs);
      const waiting: InLine = { resolve, reject, timer };
      this.#line.push(waiting);
    });
  }

  release({ thread, connection }: Lease): void {
    thread.tell({ op: "end", connection });
    if (thread !== this.#thread) return;
    this.#leased--;
    this.#free.push(connection);
    this.#serve();
  }

  execute({ thread, connection }: Lease, context: string, statement: Ask): Promise<Outcome> {
    const asked = thread.ask((id) => ({ op: "read", id, connection, context, ...statement }));
    this.#watch ??= this.#look(this.#limits.readLimitMs);
    return asked;
  }

  /** Passes the error of a read on, having told whom it concerns. */
  told(error: BanyanError): BanyanError {
    if (error.code === "database-corrupt") this.#damaged(error);
    return error;
  }

  async close(): Promise<void> {
    this.#closed ??= new BanyanError("draining", "The store is closed.");
    clearTimeout(this.#watch);
    for (const { reject, timer } of this.#line.splice(0)) {
      clearTimeout(timer);
      reject(this.#closed);
    }
    if (this.#thread !== undefined) this.#retire(this.#thread, this.#closed);
    const gone = Promise.all([...this.#retired].map((thread) => thread.gone));
    await Promise.race([gone, new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS).unref())]);
  }

  #give(thread: Thread): Lease {
    const connection = this.#free.pop() ?? this.#leased;
    this.#leased++;
    return { thread, connection };
  }

  #serve(): void {
    while (this.#line.length > 0 && this.#leased < this.#limits.readSessions) {
      const next = this.#line.shift();
      clearTimeout(next?.timer);
      next?.resolve(this.#give(this.#current()));
    }
  }

  #current(): Thread {
    if (this.#thread?.ended === undefined && this.#thread !== undefined) return this.#thread;
    this.#thread = new Thread(this.#data);
    this.#free = [];
    this.#leased = 0;
    return this.#thread;
  }

  #look(ms: number): NodeJS.Timeout {
    const look = (): void => {
      // answers that have arrived while this thread was busy itself come first
      setImmediate(() => {
        this.#watch = undefined;
        this.#judge();
      });
    };
    return setTimeout(look, ms).unref();
  }

  #judge(): void {
    const thread = this.#thread;
    const busy = thread?.busyMs(performance.now());
    if (thread === undefined || busy === undefined || this.#closed !== undefined) return;
    const left = this.#limits.readLimitMs - busy;
    if (left > 0) {
      this.#watch = this.#look(left);
      return;
    }
    const limit = `${this.#limits.readLimitMs} ms`;
    const others = new BanyanError(
      "read-timeout",
      `A read had to make way for another one that took longer than ${limit}.`,
    );
    this.#retire(thread, others, new BanyanError("read-timeout", `A read took longer than ${limit}.`));
    this.#serve();
  }

  #retire(thread: Thread, reason: BanyanError, first?: BanyanError): void {
    this.#thread = undefined;
    this.#leased = 0;
    this.#retired.add(thread);
    void thread.gone.then(() => this.#retired.delete(thread));
    thread.end(reason, first);
  }
}

class PooledSession implements SqlHandle {
  readonly kind = "sql";
  readonly dialect = "sqlite";
  readonly #pool: ReadPool;
  readonly #of: SessionOf;
  readonly #context: string;
  #lease: Lease | Promise<Lease> | undefined;
  #ended = false;

  constructor(pool: ReadPool, of: SessionOf) {
    this.#pool = pool;
    this.#of = of;
    this.#context = of.policy.context;
  }

  async execute(sql: string, parameters: readonly SqlValue[] = [], as?: SqlShape): Promise<SqlResult> {
    this.#assertAlive();
    this.#lease ??= this.#pool.lease(this.#of.nested);
    const lease = this.#lease instanceof Promise ? await this.#lease : this.#lease;
    this.#assertAlive();
    const { tenant } = this.#of;
    try {
      return await this.#pool.execute(lease, this.#context, { sql, parameters, as, tenant });
    } catch (error) {
      throw this.#pool.told(statementError(error, `a read of ${this.#context}`));
    }
  }

  async savepoint(): Promise<never> {
    throw noInnerPart(this.#context);
  }

  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#lease === undefined) return;
    const lease = await Promise.resolve(this.#lease).catch(() => undefined);
    if (lease !== undefined) this.#pool.release(lease);
  }

  #assertAlive(): void {
    if (this.#ended) throw new BanyanError("handle-dead", `A read of "${this.#context}" was used after it had ended.`);
  }
}
