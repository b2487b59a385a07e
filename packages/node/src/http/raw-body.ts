import { BanyanError, sizeText } from "@banyan/core";
import { MessageSource, StreamSource, type PieceSource } from "./body-source.ts";
import { cutOff, type BodySource } from "./request-body.ts";

/** The body of one request as a stream. Nothing is read ahead, and bytes are counted as they come, whatever `content-length` says. */
export class RawBody {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #source: PieceSource;
  readonly #mostBytes: number;
  #bytes = 0;
  #failure: BanyanError | undefined;
  #whole = false;

  constructor({ request, incoming }: BodySource, mostBytes: number) {
    this.#mostBytes = mostBytes;
    this.#source = incoming === undefined ? new StreamSource(request.body) : new MessageSource(incoming);
    this.stream = new ReadableStream<Uint8Array>(
      { pull: (controller) => this.#pull(controller), cancel: () => this.#source.leave() },
      { highWaterMark: 0 },
    );
  }

  /** Why it could not be read to its end, whatever whoever read it made of that. */
  get failure(): BanyanError | undefined {
    return this.#failure;
  }

  /** Whether all of it has come. */
  get whole(): boolean {
    return this.#whole;
  }

  /** Whoever still reads it is told why there is no more. */
  fail(error: BanyanError): void {
    if (this.#whole) return;
    this.#failure ??= error;
    this.leave();
  }

  /** What still comes is nobody's: the connection may go on without it. */
  leave(): void {
    if (!this.#whole) this.#source.leave();
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    try {
      const piece = this.#failure === undefined ? await this.#source.next() : undefined;
      if (this.#failure !== undefined) throw this.#failure;
      if (piece === undefined) {
        this.#whole = true;
        return controller.close();
      }
      this.#bytes += piece.length;
      if (this.#bytes > this.#mostBytes) throw tooLarge(this.#mostBytes);
      controller.enqueue(piece);
    } catch (thrown) {
      this.#failure ??= thrown instanceof BanyanError ? thrown : cutOff();
      this.#source.leave();
      controller.error(this.#failure);
    }
  }
}

export function tooLarge(mostBytes: number): BanyanError {
  return new BanyanError("body-too-large", `The body is larger than ${sizeText(mostBytes)}.`, {
    remedy: "Send less at once, or raise `limits.body` of the route.",
  });
}
