import { mkdtempSync, rmSync } from "node:fs";
import { request as send, type IncomingHttpHeaders, type RequestOptions } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve, type App, type Served, type ServeOptions } from "banyan";
import { notesApp } from "./notes/index.ts";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The JSON object of the body, empty where there is none. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Asking extends RequestOptions {
  readonly json?: unknown;
  readonly raw?: string | Buffer;
  readonly token?: string;
}

/** The notes behind a server on a port of its own, in a folder of their own. */
export class ServedNotes implements AsyncDisposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "banyan-serving-"));
  readonly lines: string[] = [];
  /** Delivered notes, with what their flow is called. */
  readonly added = new Map<string, string>();
  readonly #holding = new Map<string, PromiseWithResolvers<void>>();
  readonly #waiting = new Map<string, PromiseWithResolvers<void>>();
  #served: Served | undefined;

  async start(options: Partial<ServeOptions> = {}, door: Pick<App, "auth" | "http"> = {}): Promise<this> {
    const app = notesApp({
      held: (noteId) => this.#hold(noteId),
      added: (noteId, correlation) => void this.added.set(noteId, correlation),
    });
    const own = {
      mode: "dev",
      data: this.folder,
      faults: false,
      port: 0,
      env: {},
      write: (line: string) => void this.lines.push(line),
    } as const;
    this.#served = await serve({ ...app, ...door }, { ...own, ...options });
    return this;
  }

  get served(): Served {
    if (this.#served === undefined) throw new Error("not started");
    return this.#served;
  }

  /** Resolves when the note's command has reached the point where it is held. */
  async reached(noteId: string): Promise<void> {
    await entryOf(this.#waiting, noteId).promise;
  }

  release(noteId: string): void {
    entryOf(this.#holding, noteId).resolve();
  }

  /** One request over a connection of its own. Path and headers go out as they are. */
  async ask(method: string, path: string, { json, raw, token, headers, ...rest }: Asking = {}): Promise<Answer> {
    const body = json === undefined ? raw : JSON.stringify(json);
    const all = {
      ...(json === undefined ? {} : { "content-type": "application/json" }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(headers as Record<string, string> | undefined),
    };
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const request = send(
      { host: "127.0.0.1", port: this.served.port, method, path, headers: all, agent: false, ...rest },
      (response) => {
        response.setEncoding("utf8");
        let text = "";
        response.on("data", (piece: string) => (text += piece));
        response.on("error", reject);
        response.on("end", () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, body: jsonOf(text) }),
        );
      },
    );
    request.on("error", reject);
    request.end(body);
    return promise;
  }

  /** Sends bytes as they are and answers all that comes until the server closes. */
  async bytes(text: string): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const socket = connect(this.served.port, "127.0.0.1", () => socket.write(text));
    let received = "";
    socket.setEncoding("utf8").on("data", (piece: string) => (received += piece));
    socket.on("error", () => {});
    socket.on("close", () => resolve(received));
    return promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { resolve } of this.#holding.values()) resolve();
    await this.#served?.stop();
    rmSync(this.folder, { recursive: true });
  }

  #hold(noteId: string): Promise<void> {
    entryOf(this.#waiting, noteId).resolve();
    return entryOf(this.#holding, noteId).promise;
  }
}

function entryOf(map: Map<string, PromiseWithResolvers<void>>, name: string): PromiseWithResolvers<void> {
  const entry = map.get(name) ?? Promise.withResolvers<void>();
  map.set(name, entry);
  return entry;
}

function jsonOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    return {};
  }
}
