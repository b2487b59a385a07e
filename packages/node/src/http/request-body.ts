import type { IncomingMessage } from "node:http";
import { BanyanError } from "@banyan/core";

export interface BodyLimits {
  readonly bodyBytes: number;
  readonly jsonDepth: number;
  /** How long the body may take to come, from when it is read. Without it, as long as the server lets it. */
  readonly bodyMs?: number | undefined;
}

/** What a body comes from: Node's own message where a server of ours reads it, else the request of the web platform. */
export interface BodySource {
  readonly request: Request;
  readonly incoming: IncomingMessage | undefined;
  /** Told of bytes as they come; what it throws ends the reading. */
  readonly hold?: ((bytes: number) => void) | undefined;
}

/** The JSON value of a body, or undefined when there is none. Bytes are counted as they come, whatever `content-length` says. */
export async function readJsonBody(source: BodySource, limits: BodyLimits): Promise<unknown> {
  const { headers } = source.request;
  const type = headers.get("content-type");
  if (type !== null) checkMediaType(type, headers.get("content-encoding"));
  if (Number(headers.get("content-length") ?? 0) > limits.bodyBytes) throw tooLarge(limits);
  assertUnread(source);
  const bytes = await readBytes(source, limits);
  if (bytes.length === 0) return undefined;
  if (type === null) throw unsupported("The body has no `content-type`.");
  return parseJson(bytes, limits);
}

/** Whether a request brings a body at all, by what its headers say. */
export function announcesBody({ headers }: Request): boolean {
  return headers.has("transfer-encoding") || (headers.get("content-length") ?? "0") !== "0";
}

/** Throws where a host that a request went through has read the body already: it does not come again. */
export function assertUnread({ request, incoming }: Pick<BodySource, "request" | "incoming">): void {
  const read =
    incoming === undefined
      ? request.bodyUsed || request.body?.locked === true
      : incoming.readableDidRead && announcesBody(request);
  if (read) throw new BanyanError("body-consumed", "The body had been read before the request came here.");
}

function checkMediaType(type: string, encoding: string | null): void {
  const [essence = "", ...parameters] = type.toLowerCase().split(";");
  if (essence.trim() !== "application/json") throw unsupported("The body is not declared as JSON.");
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith("charset="));
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) throw unsupported("JSON is UTF-8 here.");
  if (encoding !== null && encoding !== "" && encoding !== "identity") throw unsupported("The body is compressed.");
}

function unsupported(words: string): BanyanError {
  return new BanyanError("media-type-unsupported", words);
}

function tooLarge({ bodyBytes }: BodyLimits): BanyanError {
  return new BanyanError("body-too-large", `The body is larger than ${bodyBytes} bytes.`);
}

function readBytes({ request, incoming, hold }: BodySource, limits: BodyLimits): Promise<Buffer> {
  const body = new Pieces(limits, hold);
  return incoming === undefined ? readStream(request.body, body) : readInTime(incoming, body, limits.bodyMs);
}

/** The bytes of a body as they come. */
class Pieces {
  readonly #limits: BodyLimits;
  readonly #hold: ((bytes: number) => void) | undefined;
  readonly #pieces: Uint8Array[] = [];
  #size = 0;

  constructor(limits: BodyLimits, hold: ((bytes: number) => void) | undefined) {
    this.#limits = limits;
    this.#hold = hold;
  }

  /** Throws at the limit. */
  add(piece: Uint8Array): void {
    this.#size += piece.length;
    if (this.#size > this.#limits.bodyBytes) throw tooLarge(this.#limits);
    this.#hold?.(piece.length);
    this.#pieces.push(piece);
  }

  get whole(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}

async function readInTime(incoming: IncomingMessage, body: Pieces, ms: number | undefined): Promise<Buffer> {
  if (ms === undefined) return readIncoming(incoming, body);
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(tooSlow()), ms);
  try {
    return await Promise.race([readIncoming(incoming, body), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Stops reading at the limit; what the client still sends is for the server to drop. */
function readIncoming(incoming: IncomingMessage, body: Pieces): Promise<Buffer> {
  if (incoming.readableEnded) return Promise.resolve(body.whole);
  return new Promise((resolve, reject) => {
    incoming.on("data", (piece: Buffer) => {
      try {
        body.add(piece);
      } catch (error) {
        incoming.pause();
        incoming.removeAllListeners("data");
        reject(error as Error);
      }
    });
    incoming.once("end", () => resolve(body.whole));
    incoming.once("error", () => reject(cutOff()));
    incoming.once("close", () => {
      if (!incoming.complete) reject(cutOff());
    });
  });
}

async function readStream(stream: ReadableStream<Uint8Array> | null, body: Pieces): Promise<Buffer> {
  const reader = stream?.getReader();
  try {
    for (let read = await reader?.read(); read?.done === false; read = await reader?.read()) body.add(read.value);
    return body.whole;
  } catch (error) {
    // not waited for: where the host keeps a copy of the request, that may never end
    void reader?.cancel().catch(() => {});
    throw error;
  }
}

export function tooSlow(): BanyanError {
  return new BanyanError("request-timeout", "The request came too slowly.");
}

export function cutOff(): BanyanError {
  return new BanyanError("request-malformed", "The body ended before it was complete.");
}

const UTF8 = new TextDecoder("utf-8", { fatal: true });

function parseJson(bytes: Buffer, limits: BodyLimits): unknown {
  let text: string;
  try {
    text = UTF8.decode(bytes);
  } catch {
    throw new BanyanError("body-malformed", "The body is not UTF-8.");
  }
  if (isDeeperThan(text, limits.jsonDepth)) {
    throw new BanyanError("body-malformed", `The body is nested deeper than ${limits.jsonDepth} levels.`, {
      remedy: "Send flatter JSON.",
    });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    // V8's words repeat a piece of the body; the place is enough
    const place = /position \d+/.exec((error as Error).message)?.[0];
    throw new BanyanError("body-malformed", `The body is not JSON${place === undefined ? "" : ` (at ${place})`}.`);
  }
}

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN = new Set([91, 123]);
const CLOSE = new Set([93, 125]);

/** Looks at the text, so that nothing deep is ever built. */
function isDeeperThan(text: string, most: number): boolean {
  if (text.length <= most) return false;
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === BACKSLASH) i++;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (OPEN.has(code)) {
      if (++depth > most) return true;
    } else if (CLOSE.has(code)) depth--;
  }
  return false;
}
