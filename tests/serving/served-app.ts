import { mkdtempSync, rmSync } from "node:fs";
import { request as send, type ClientRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve, type App, type Served, type ServeOptions } from "banyan";

/** Any application behind a server on a port of its own, in a folder of its own. */
export class ServedApp implements AsyncDisposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "banyan-served-"));
  readonly lines: string[] = [];
  #served: Served | undefined;

  async start(app: App, options: Partial<ServeOptions> = {}): Promise<this> {
    const write = (line: string): void => void this.lines.push(line);
    const own = { mode: "dev", data: this.folder, faults: false, port: 0, env: {}, write } as const;
    this.#served = await serve(app, { ...own, ...options });
    return this;
  }

  get served(): Served {
    if (this.#served === undefined) throw new Error("not started");
    return this.#served;
  }

  fetch(path: string, init: RequestInit & { readonly duplex?: "half" } = {}): Promise<Response> {
    return fetch(`${this.served.url}${path}`, init);
  }

  /** A request over a connection of its own whose body the test writes. */
  open(method: string, path: string, options: RequestOptions = {}): ClientRequest {
    return send({ host: "127.0.0.1", port: this.served.port, method, path, agent: false, ...options });
  }

  socket(): Socket {
    return connect(this.served.port, "127.0.0.1");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#served?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The answer to a request, as soon as its head is there. */
export function headOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => request.once("response", resolve).once("error", reject));
}

/** All that comes of an answer, and whether it came whole. */
export async function bodyOf(answer: IncomingMessage): Promise<{ readonly text: string; readonly whole: boolean }> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of answer) pieces.push(piece as Buffer);
  } catch {
    // what had come counts
  }
  return { text: Buffer.concat(pieces).toString("utf8"), whole: answer.complete };
}
