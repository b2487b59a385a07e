import type { ServerResponse } from "node:http";
import { BanyanError } from "@banyan/core";
import { ANSWER_HEADERS } from "./problem.ts";
import { watchedBody, type Watching } from "./watched-body.ts";

/** Of one connection, and not of what an application answers. */
const OF_CONNECTION = ["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];
const WITHOUT_BODY = new Set([204, 205, 304]);

/** Answers whose body is still to come from the application. */
const streaming = new WeakSet<Response>();

export interface Answering extends Omit<Watching, "lengthBytes"> {
  /** Of the request. */
  readonly method: string;
}

/** What a raw route answered, as it is sent: with the headers of every answer, and a body that is watched. Throws for what is no answer. */
export function rawAnswer(given: unknown, { method, ...watching }: Answering): Response {
  const answer = checked(given);
  const { status, body } = answer;
  const headers = new Headers(answer.headers);
  for (const name of OF_CONNECTION) headers.delete(name);
  for (const [name, value] of Object.entries(ANSWER_HEADERS)) if (!headers.has(name)) headers.set(name, value);
  const lengthBytes = announcedBytes(headers);
  if (body === null || method === "HEAD" || WITHOUT_BODY.has(status)) {
    if (method !== "HEAD") headers.delete("content-length");
    void body?.cancel().catch(() => {});
    watching.exchange.end();
    return new Response(null, { status, headers });
  }
  const whole = new Response(watchedBody(body, { ...watching, lengthBytes }), { status, headers });
  streaming.add(whole);
  return whole;
}

export function isStreaming(answer: Response): boolean {
  return streaming.has(answer);
}

/** Sends an answer as fast as the client takes it. One that breaks off is cut: it must not look whole. */
export async function sendStreaming(answer: Response, outgoing: ServerResponse): Promise<void> {
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  outgoing.once("close", () => void reader.cancel().catch(() => {}));
  try {
    outgoing.writeHead(answer.status, headerLists(answer.headers));
    outgoing.flushHeaders();
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      if (!outgoing.write(piece.value)) await drained(outgoing);
    }
    outgoing.end();
  } catch {
    // what went wrong was told where the body is watched
    outgoing.socket?.resetAndDestroy();
    outgoing.destroy();
  }
}

/** Resolves when it takes more, or never will. */
function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      outgoing.off("drain", done).off("close", done);
      resolve();
    };
    if (outgoing.destroyed) resolve();
    else outgoing.on("drain", done).on("close", done);
  });
}

function checked(given: unknown): Response {
  if (!(given instanceof Response)) throw noAnswer("something that is no `Response`");
  if (given.status < 200) throw noAnswer("the failure of a request of its own");
  if (given.bodyUsed || given.body?.locked === true) throw noAnswer("a `Response` whose body was read before");
  return given;
}

function noAnswer(what: string): BanyanError {
  return new BanyanError("output-invalid", `The route answered ${what}.`, {
    remedy: "Answer a new `Response`; pass on the body of another one unread.",
  });
}

function announcedBytes(headers: Headers): number | undefined {
  const text = headers.get("content-length");
  if (text === null) return undefined;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw noAnswer("a `content-length` that is no number");
}

function headerLists(headers: Headers): Record<string, string | string[]> {
  const cookies = headers.getSetCookie();
  const lists: Record<string, string | string[]> = Object.fromEntries(headers);
  return cookies.length === 0 ? lists : { ...lists, "set-cookie": cookies };
}
