import type { IncomingMessage } from "node:http";
import type { BanyanError } from "@banyan/core";
import { cutOff } from "./request-body.ts";

/** What a body is read from, piece by piece, as fast as it is read and no faster. */
export interface PieceSource {
  /** Undefined at its end. Rejects where the client does not send the rest. */
  next(): Promise<Uint8Array | undefined>;
  /** What comes from now on is nobody's; who waits for a piece gets none. */
  leave(): void;
}

/** Of Node's own message: it is paused whenever nobody waits for a piece, and the client's connection with it. */
export class MessageSource implements PieceSource {
  readonly #incoming: IncomingMessage;
  readonly #pieces: Uint8Array[] = [];
  #waiting: PromiseWithResolvers<Uint8Array | undefined> | undefined;
  #ended = false;
  #failure: BanyanError | undefined;

  constructor(incoming: IncomingMessage) {
    this.#incoming = incoming;
    incoming.pause();
    if (incoming.destroyed) this.#cut();
    incoming.on("data", this.#take);
    incoming.once("end", () => {
      this.#ended = true;
      this.#waiting?.resolve(undefined);
    });
    incoming.once("error", this.#cut);
    incoming.once("close", this.#cut);
  }

  next(): Promise<Uint8Array | undefined> {
    const piece = this.#pieces.shift();
    if (piece !== undefined || this.#ended) return Promise.resolve(piece);
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#waiting = Promise.withResolvers();
    this.#incoming.resume();
    return this.#waiting.promise;
  }

  leave(): void {
    this.#incoming.off("data", this.#take);
    this.#pieces.length = 0;
    this.#cut();
  }

  readonly #take = (piece: Uint8Array): void => {
    this.#incoming.pause();
    if (this.#waiting === undefined) this.#pieces.push(piece);
    else this.#waiting.resolve(piece);
    this.#waiting = undefined;
  };

  readonly #cut = (): void => {
    if (this.#ended) return;
    this.#failure ??= cutOff();
    this.#waiting?.reject(this.#failure);
    this.#waiting = undefined;
  };
}

/** Of a request of the web platform, where another server received it. */
export class StreamSource implements PieceSource {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;

  constructor(stream: ReadableStream<Uint8Array> | null) {
    this.#reader = stream?.getReader();
  }

  async next(): Promise<Uint8Array | undefined> {
    return (await this.#reader?.read())?.value;
  }

  leave(): void {
    // not waited for: where the host keeps a copy of the request, that may never end
    void this.#reader?.cancel().catch(() => {});
  }
}
