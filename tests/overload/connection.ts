import { connect, type Socket } from "node:net";

export interface Answer {
  readonly status: number;
  /** Of a problem. */
  readonly code: string | undefined;
  readonly retryAfter: boolean;
}

/** What there was instead of an answer. */
export type Lost = "refused" | "reset" | "gave-up";

export interface ConnectionOptions {
  readonly port: number;
  /** It has its answer, and takes the next request. */
  readonly free: (connection: Connection) => void;
  readonly ended: (connection: Connection) => void;
}

const HEAD_END = "\r\n\r\n";

/** One kept connection, one request at a time. Bytes by hand: whoever measures a server beside it must cost little. */
export class Connection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  #told: ((answer: Answer | Lost) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #text = "";
  #state: "opening" | "open" | "ended" = "opening";

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#socket = connect({ host: "127.0.0.1", port: options.port, noDelay: true });
    this.#socket.setEncoding("latin1");
    this.#socket.on("connect", () => (this.#state = "open"));
    this.#socket.on("data", (piece: string) => this.#read(piece));
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => this.#lose(this.#state === "opening" ? "refused" : "reset"));
  }

  /** `told` is called once. Who asks goes away after `patienceMs`. */
  ask(request: string, patienceMs: number, told: (answer: Answer | Lost) => void): void {
    this.#told = told;
    this.#timer = setTimeout(() => this.#lose("gave-up"), patienceMs);
    this.#socket.write(request, "latin1");
  }

  end(): void {
    this.#lose("reset");
  }

  #read(piece: string): void {
    this.#text += piece;
    const headEnd = this.#text.indexOf(HEAD_END);
    if (headEnd < 0) return;
    const head = this.#text.slice(0, headEnd).toLowerCase();
    const length = Number(/\r\ncontent-length: *(\d+)/.exec(head)?.[1] ?? 0);
    const end = headEnd + HEAD_END.length + length;
    if (this.#text.length < end) return;
    const body = this.#text.slice(headEnd + HEAD_END.length, end);
    this.#text = this.#text.slice(end);
    const status = Number(head.slice(9, 12));
    const code = status < 400 ? undefined : /"code":"([^"]+)"/.exec(body)?.[1];
    this.#tell({ status, code, retryAfter: head.includes("\r\nretry-after: ") });
    if (head.includes("\r\nconnection: close")) this.end();
    else this.#options.free(this);
  }

  #lose(how: Lost): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#socket.destroy();
    this.#tell(how);
    this.#options.ended(this);
  }

  #tell(answer: Answer | Lost): void {
    clearTimeout(this.#timer);
    const told = this.#told;
    this.#told = undefined;
    told?.(answer);
  }
}
