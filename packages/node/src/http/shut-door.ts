import type { IncomingMessage, ServerResponse } from "node:http";
import type { Admission, Asked } from "./admission.ts";
import { namesThisMachine } from "./host-header.ts";
import type { Problem } from "./problem.ts";

/** Of a body that nobody will read, so much is let come in, so that the connection is good for the next request. */
const UNREAD_BYTES = 64 * 1024;

export interface ShutDoorOptions {
  readonly admission: Admission;
  readonly hosts: "any" | "loopback";
  /** What a request asks for by its route; undefined where it is not a route that is ever shut. */
  readonly askedBy: (method: string, url: string) => Asked | undefined;
  /** The whole answer to whoever is refused with these words. */
  readonly refusal: (words: string) => Problem;
}

/**
 * Refuses as `overloaded` before anything is made of a request: no `Request`, no principal, no error, no body. When most are refused, what each
 * of them costs is what the others lack. What it answers is what the edge itself would; whatever it is not sure of is the edge's.
 */
export class ShutDoor {
  readonly #options: ShutDoorOptions;
  /** By their words, of which there are few. */
  readonly #answers = new Map<string, ReadyAnswer>();

  constructor(options: ShutDoorOptions) {
    this.#options = options;
  }

  /** Undefined: it is let in, or for the edge to judge. */
  answerTo(incoming: IncomingMessage): ReadyAnswer | undefined {
    const { admission, askedBy } = this.#options;
    if (admission.shut("command") === undefined || !this.#isPlain(incoming)) return undefined;
    const asked = askedBy(incoming.method ?? "", incoming.url ?? "");
    const words = asked === undefined ? undefined : admission.shut(asked);
    return words === undefined ? undefined : this.#answerOf(words);
  }

  /** Whether neither its body, nor its origin, nor the name that it calls this machine by makes another answer of it. */
  #isPlain({ headers }: IncomingMessage): boolean {
    if (headers.origin !== undefined || headers["transfer-encoding"] !== undefined) return false;
    if (Number(headers["content-length"] ?? 0) > UNREAD_BYTES) return false;
    return this.#options.hosts === "any" || namesThisMachine(headers.host);
  }

  #answerOf(words: string): ReadyAnswer {
    const made = this.#answers.get(words);
    if (made !== undefined) return made;
    const answer = new ReadyAnswer(this.#options.refusal(words));
    this.#answers.set(words, answer);
    return answer;
  }
}

/** An answer that is made once and given to many, with the least that Node lets it cost. */
export class ReadyAnswer {
  readonly #status: number;
  readonly #headers: string[];
  readonly #body: string;

  constructor({ status, headers, body }: Problem) {
    this.#status = status;
    this.#headers = Object.entries({ ...headers, "content-length": String(Buffer.byteLength(body)) }).flat();
    this.#body = body;
  }

  give(outgoing: ServerResponse): void {
    outgoing.writeHead(this.#status, this.#headers).end(this.#body);
  }
}
