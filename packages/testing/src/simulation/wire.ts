import { BanyanError, jsonCodec, type DeliveryOperations, type Reply, type Request } from "@banyan/core";
import type { Life } from "./life.ts";
import type { Nemesis } from "./nemesis.ts";
import type { Scheduler } from "./scheduler.ts";
import type { SimulatedProcess } from "./simulated-process.ts";

/** How long a client waits for one answer before it asks again. */
const PATIENCE_MS = 15_000;
const LATEST_DUPLICATE_MS = 3_000;

type Reached = NonNullable<ReturnType<SimulatedProcess["reach"]>>;

/** Between clients and the process: what is in flight when the process dies is lost, in either direction. */
export class Wire {
  readonly #process: SimulatedProcess;
  readonly #scheduler: Scheduler;
  readonly #nemesis: Nemesis;

  constructor(process: SimulatedProcess, scheduler: Scheduler, nemesis: Nemesis) {
    this.#process = process;
    this.#scheduler = scheduler;
    this.#nemesis = nemesis;
  }

  /** `gaveUp`: whoever takes an internal error for the end of it counts on nothing being executed afterwards. */
  async ask(client: Life, request: Request, gaveUp: () => boolean = () => false): Promise<Reply> {
    await this.#scheduler.point(client, "request");
    if (request.idempotencyKey !== undefined && this.#nemesis.strikes("duplicate")) {
      const lateMs = this.#nemesis.duration(LATEST_DUPLICATE_MS);
      this.#scheduler.after(client, lateMs, () => {
        if (!gaveUp()) this.#arrivesAgain(request);
      });
    }
    const reached = this.#process.reach();
    if (reached === undefined) throw lost("nobody listens");
    return this.#patiently(client, reached.life, this.#answered(reached.life, this.#execute(reached, request)));
  }

  #execute(reached: Reached, request: Request): Promise<Reply> {
    const input = request.input === undefined ? undefined : copy(request.input);
    const execution = reached.runtime.execute({ ...request, input });
    execution.catch((error: unknown) => this.#process.refused(reached, request.operation, error));
    return execution;
  }

  /** Nobody waits for what is answered. */
  #arrivesAgain(request: Request): void {
    const reached = this.#process.reach();
    if (reached === undefined) return;
    this.#nemesis.note("command duplicated");
    void this.#execute(reached, request).catch(() => {});
  }

  /** What an operator asks of the process. The answer is lost with the process, and the caller cannot tell what became of it. */
  async operate<T>(
    operator: Life,
    what: (delivery: DeliveryOperations) => Promise<T>,
    { rewinds }: { readonly rewinds?: string | undefined } = {},
  ): Promise<T> {
    const reaching = (process: Life): void => this.#process.operated(process);
    return this.#operate(operator, what, { reaching, rewinds });
  }

  /** As `operate`, for what changes nothing. */
  async look<T>(operator: Life, what: (delivery: DeliveryOperations) => Promise<T>): Promise<T> {
    return this.#operate(operator, what, { reaching: () => {} });
  }

  async #operate<T>(
    operator: Life,
    what: (delivery: DeliveryOperations) => Promise<T>,
    { reaching, rewinds }: { readonly reaching: (process: Life) => void; readonly rewinds?: string | undefined },
  ): Promise<T> {
    await this.#scheduler.point(operator, "operation");
    const reached = this.#process.reach();
    if (reached === undefined) throw lost("nobody listens");
    const { life, runtime, backlog } = reached;
    reaching(life);
    const done = what(runtime.delivery);
    const seen = rewinds === undefined ? done : backlog.rewinds(rewinds, done);
    return this.#patiently(operator, life, this.#arriving(life, seen));
  }

  #answered(life: Life, execution: Promise<Reply>): Promise<Reply> {
    const copied = (reply: Reply): Reply => ({
      ...reply,
      value: reply.value === undefined ? undefined : copy(reply.value),
    });
    return this.#arriving(life, execution.then(copied));
  }

  async #arriving<T>(life: Life, answer: Promise<T>): Promise<T> {
    const outcome = await answer.then(
      (value) => () => value,
      (error: unknown) => (): never => {
        throw error;
      },
    );
    await this.#scheduler.point(life, "answer");
    return outcome();
  }

  #patiently<T>(client: Life, server: Life, answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const ends = [
        server.onEnd(() => reject(lost("the process ended"))),
        this.#scheduler.after(client, PATIENCE_MS, () => reject(lost("no answer came"))),
      ];
      const done = (): void => ends.forEach((end) => end());
      answer.finally(done).then(resolve, reject);
    });
  }
}

function lost(why: string): BanyanError {
  return new BanyanError("call-failed", `The answer was lost: ${why}.`);
}

/** As a wire would carry it. */
const copy = (value: unknown): unknown => jsonCodec.decode(jsonCodec.encode(value));
