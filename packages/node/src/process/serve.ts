import type { App } from "@banyan/core";
import { isLoopbackAddress } from "../http/host-header.ts";
import { HttpServer } from "../http/server.ts";
import { AppProcess, type ProcessOptions } from "./app-process.ts";
import type { Mounted } from "./mount.ts";

export interface ServeOptions extends ProcessOptions {
  /** The address to listen on. Default 127.0.0.1. */
  readonly host?: string;
  /** The port to listen on. Default 3000; 0 takes a free one. */
  readonly port?: number;
  /** The data is opened when this has resolved; requests that come before wait. Default: at once. */
  readonly dataFree?: Promise<void>;
}

/** An application behind a server of its own. */
export interface Served extends Omit<Mounted, "listener"> {
  readonly url: string;
  readonly port: number;
  /** In development, the token of the operator. */
  readonly token: string | undefined;
}

const BEYOND = "Leave out `--host` unless others must reach it: the development token has every role.";

/**
 * Runs an application and listens. The port is taken first, so that a clash is found before anything starts; until the contexts are
 * ready, health says `starting`.
 */
export async function serve(app: App, options: ServeOptions): Promise<Served> {
  const { host = "127.0.0.1", port = 3_000, mode } = options;
  const hosts = mode === "dev" && isLoopbackAddress(host) ? "loopback" : "any";
  const running = new AppProcess(app, { ...options, hosts });
  const server = new HttpServer(running.edge, running.httpLimits);
  const stop = (): Promise<void> => {
    server.refuse();
    return running.stop();
  };
  let closed: Promise<void> | undefined;
  let address: { readonly port: number };
  try {
    address = await server.listen(host, port);
    await started(running, options.dataFree);
  } catch (error) {
    running.edge.close();
    await server.close();
    throw error;
  }
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${address.port}`;
  running.log.info("serving", { url, mode, data: options.data });
  if (mode === "dev" && hosts === "any")
    running.log.warn("development listens beyond this machine", { host, remedy: BEYOND });
  return {
    fetch: (request) => running.edge.fetch(request),
    runtime: running.runtime,
    failed: running.failed,
    url,
    port: address.port,
    token: running.token,
    stop: () => (closed ??= stop().then(() => server.close())),
  };
}

function started(running: AppProcess, dataFree: Promise<void> | undefined): Promise<void> {
  if (dataFree === undefined) return running.start();
  const start = dataFree.then(() => running.start());
  running.edge.holdUntil(start);
  return start;
}
