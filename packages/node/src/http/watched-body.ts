import { BanyanError } from "@banyan/core";
import type { RawExchange } from "./raw-exchange.ts";

export interface Watching {
  readonly exchange: RawExchange;
  /** Told why an answer that had begun could not be ended. */
  readonly failed: (error: unknown) => void;
  /** As announced. */
  readonly lengthBytes: number | undefined;
}

/**
 * The body of an answer as its route gives it, no byte read before it is wanted. It ends with an error, and the route is told, when the client is
 * gone, the time is over, or it is not as long as announced.
 */
export function watchedBody(source: ReadableStream<Uint8Array>, watching: Watching): ReadableStream<Uint8Array> {
  return new ReadableStream(new WatchedBody(source, watching), { highWaterMark: 0 });
}

type Controller = ReadableStreamDefaultController<Uint8Array>;

class WatchedBody {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #watching: Watching;
  #bytes = 0;
  #over = false;

  constructor(source: ReadableStream<Uint8Array>, watching: Watching) {
    this.#reader = source.getReader();
    this.#watching = watching;
  }

  start(controller: Controller): void {
    const { signal } = this.#watching.exchange;
    const fail = (): void => this.#fail(controller, signal.reason);
    if (signal.aborted) fail();
    else signal.addEventListener("abort", fail, { once: true });
  }

  async pull(controller: Controller): Promise<void> {
    try {
      await this.#pass(controller);
    } catch (error) {
      this.#fail(controller, error);
    }
  }

  cancel(reason: unknown): void {
    if (this.#end()) this.#leave(reason);
  }

  async #pass(controller: Controller): Promise<void> {
    const { done, value } = await this.#reader.read();
    if (this.#over) return;
    const { lengthBytes } = this.#watching;
    if (!done) this.#bytes += lengthOf(value);
    if (lengthBytes !== undefined && (done ? this.#bytes !== lengthBytes : this.#bytes > lengthBytes))
      throw notAsAnnounced(lengthBytes);
    if (!done) return controller.enqueue(value);
    this.#end();
    controller.close();
  }

  #fail(controller: Controller, error: unknown): void {
    if (!this.#end()) return;
    this.#leave(error);
    this.#watching.failed(error);
    controller.error(error);
  }

  /** Whether it was not over before. */
  #end(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#watching.exchange.end();
    return true;
  }

  #leave(reason: unknown): void {
    void this.#reader.cancel(reason).catch(() => {});
  }
}

function lengthOf(piece: unknown): number {
  if (piece instanceof Uint8Array) return piece.length;
  throw new BanyanError("output-invalid", "The body of the answer has something in it that is no bytes.", {
    remedy: "Let its stream give `Uint8Array`: pipe text through a `TextEncoderStream`.",
  });
}

function notAsAnnounced(lengthBytes: number): BanyanError {
  return new BanyanError("output-invalid", `The answer is not the ${lengthBytes} bytes that its header says.`, {
    remedy: "Leave out `content-length`, or take it from where the bytes come from.",
  });
}
