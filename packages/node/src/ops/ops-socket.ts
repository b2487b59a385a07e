import { chmodSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { dirname, join } from "node:path";
import { getRequestListener } from "@hono/node-server";
import { BanyanError } from "@banyan/core";
import type { OpsApi } from "./ops-api.ts";

/** How long a close waits for answers that are on their way. */
const LEAVE_MS = 2_000;

/**
 * The operations API on a unix socket in the data folder, for the owner of the folder only. It says nothing about who owns the
 * data: it is opened by the owner, after the store, and a socket that a killed process left is replaced.
 */
export class OpsSocket {
  readonly #path: string;
  readonly #server: Server;

  constructor(path: string, api: OpsApi) {
    this.#path = path;
    this.#server = createServer(
      { headersTimeout: 5_000, requestTimeout: 10_000 },
      getRequestListener((request, { incoming }) => api.fetch(request, { incoming: incoming as never }), {
        errorHandler: (error) => api.problem(error),
        // a host's globals are left alone
        overrideGlobalObjects: false,
      }),
    );
    this.#server.maxConnections = 64;
  }

  /** Appears under its name only once it listens and is for its owner alone, so that nobody slips in between. */
  async listen(): Promise<void> {
    let place: string | undefined;
    try {
      place = mkdtempSync(join(dirname(this.#path), "s-"));
      const own = join(place, "s");
      await this.#listenOn(own);
      chmodSync(own, 0o600);
      renameSync(own, this.#path);
    } catch (cause) {
      await this.#end();
      const { code, message } = cause as NodeJS.ErrnoException;
      throw new BanyanError(
        "data-unusable",
        `The operations socket ${this.#path} cannot be made: ${code ?? message}.`,
        {
          cause,
        },
      );
    } finally {
      if (place !== undefined) rmSync(place, { recursive: true, force: true });
    }
  }

  /** Takes nothing new and lets answers leave. To be called while the data is still owned: afterwards the name may be another's. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    try {
      rmSync(this.#path, { force: true });
    } catch {
      // no reason to fail a stop: nobody answers there, and the next start replaces it
    }
    await this.#end();
  }

  #listenOn(path: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen({ path }, () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
  }

  /** Also where nothing listened. */
  async #end(): Promise<void> {
    const closed = Promise.withResolvers<void>();
    this.#server.close(() => closed.resolve());
    const timer = setTimeout(() => this.#server.closeAllConnections(), LEAVE_MS);
    await closed.promise;
    clearTimeout(timer);
  }
}
