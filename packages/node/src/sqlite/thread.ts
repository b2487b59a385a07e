import { BanyanError } from "@banyan/core";
import { Worker } from "node:worker_threads";
import { Refusal, type RefusalCode } from "./refusal.ts";
import type { Outcome } from "./statements.ts";
import type { ThreadAnswer, ThreadData, ThreadFailure, ThreadRequest } from "./thread-messages.ts";

interface Pending {
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: unknown) => void;
  readonly asked: number;
}

/** The same file in the sources and in the built package. */
const ENTRY = new URL(import.meta.url.endsWith(".ts") ? "./sql-thread.ts" : "./sql-thread.js", import.meta.url);

/** A worker thread with SQLite connections of its own. It keeps the process alive only while somebody waits for it. */
export class Thread {
  readonly #worker: Worker;
  readonly #pending: Map<number, Pending> = new Map();
  #ids = 0;
  /** When it answered last: what it works on now it has worked on since then, at most. */
  #answered = 0;
  #ended: BanyanError | undefined;
  /** Resolves when the thread is gone. A statement that SQLite is in the middle of goes on until it ends by itself. */
  readonly gone: Promise<void>;

  constructor(data: ThreadData) {
    this.#worker = new Worker(ENTRY, { workerData: data, execArgv: [], env: {} });
    this.#worker.unref();
    this.#worker.on("message", (answer: ThreadAnswer) => this.#settle(answer));
    this.#worker.on("error", (error) => this.end(threadFailed(error)));
    this.gone = new Promise((resolve) => {
      this.#worker.on("exit", () => {
        this.end(threadFailed(undefined));
        resolve();
      });
    });
  }

  get ended(): BanyanError | undefined {
    return this.#ended;
  }

  /** For how long the thread has been at what it does now; undefined = it does nothing. */
  busyMs(now: number): number | undefined {
    const head = this.#pending.values().next();
    return head.done === true ? undefined : now - Math.max(head.value.asked, this.#answered);
  }

  ask(request: (id: number) => ThreadRequest): Promise<Outcome> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const id = ++this.#ids;
    return new Promise((resolve, reject) => {
      this.#worker.postMessage(request(id));
      if (this.#pending.size === 0) this.#worker.ref();
      this.#pending.set(id, { resolve, reject, asked: performance.now() });
    });
  }

  tell(request: ThreadRequest): void {
    if (this.#ended === undefined) this.#worker.postMessage(request);
  }

  /** Frees everybody who waits, with `first` for the one it is at work for and `reason` for the others, and lets the thread go. */
  end(reason: BanyanError, first: BanyanError = reason): void {
    if (this.#ended !== undefined) return;
    this.#ended = reason;
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    waiting.forEach(({ reject }, i) => reject(i === 0 ? first : reason));
    this.#worker.unref();
    void this.#worker.terminate();
  }

  async stop(reason: BanyanError): Promise<void> {
    this.end(reason);
    await this.gone;
  }

  #settle(answer: ThreadAnswer): void {
    const pending = this.#pending.get(answer.id);
    if (pending === undefined) return;
    this.#pending.delete(answer.id);
    this.#answered = performance.now();
    if (this.#pending.size === 0) this.#worker.unref();
    if ("outcome" in answer) pending.resolve(answer.outcome);
    else pending.reject(fromFailure(answer.failure));
  }
}

function fromFailure({ message, refusal, errcode }: ThreadFailure): Error {
  if (refusal !== undefined) return new Refusal(refusal as RefusalCode, message);
  return Object.assign(new Error(message), { errcode });
}

function threadFailed(cause: unknown): BanyanError {
  const words = cause instanceof Error ? `: ${cause.message}` : "";
  return new BanyanError("internal", `A thread of the database has ended${words}.`, { cause, retry: "later" });
}
