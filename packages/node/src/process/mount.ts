import { BanyanError, type App, type Runtime } from "@banyan/core";
import { listener, type Listener } from "../http/listener.ts";
import { isCanonical } from "../http/request-target.ts";
import { AppProcess, type ProcessOptions } from "./app-process.ts";

export interface MountOptions extends ProcessOptions {
  /**
   * The path below which the host has the application, where the host leaves it in front of what it hands over: `/shop` in Fastify, Next or
   * `node:http`, nothing where Express or Nest take it off themselves. Routes of contracts are below it. Default: none.
   */
  readonly base?: string;
}

/** What a host knows of a request and the request does not say. */
export interface RequestFrom {
  /** The address at the other end of the connection: the proxy's where there is one. Without it guests are the host's to limit. */
  readonly address?: string | undefined;
}

/** An application that runs in this process without a server of its own. */
export interface Mounted {
  /** Answers a request of the web platform; never rejects. */
  readonly fetch: (request: Request, from?: RequestFrom) => Promise<Response>;
  /** Answers a request of Node's server, as Express, Nest and Fastify hand it over, with its body unread; never rejects, and calls no `next`. */
  readonly listener: Listener;
  readonly runtime: Runtime;
  /** Resolves with the reason when nothing can be committed any more: the host should end. */
  readonly failed: Promise<string>;
  /** Refuses what comes, finishes what is in flight and closes the store. Call it when the host has stopped listening. Safe to call twice. */
  readonly stop: () => Promise<void>;
}

/**
 * Runs an application inside another server: `const shop = await mount(app, { mode: "start", data: "./data" })`, then `shop.listener` in Express,
 * Nest or Fastify, or `shop.fetch(request)` in Next, Hono or whatever speaks `Request`. Limits on sockets, headers and time are the host's, and so is
 * checking `host`. Throws `config-invalid` for a base that is no path, and whatever keeps an application from starting.
 */
export async function mount(app: App, options: MountOptions): Promise<Mounted> {
  checkBase(options.base);
  const running = new AppProcess(app, { ...options, hosts: "any" });
  await running.start();
  return {
    fetch: (request, { address } = {}) => running.edge.fetch(request, undefined, address),
    listener: listener(running.edge, { own: false }),
    runtime: running.runtime,
    failed: running.failed,
    stop: () => running.stop(),
  };
}

function checkBase(base = ""): void {
  if (base === "" || (base !== "/" && isCanonical(base))) return;
  throw new BanyanError("config-invalid", `The base "${base}" is no path that routes can be below.`, {
    remedy: 'Write it as `base: "/shop"`, with no slash at its end; leave it out where the host takes it off itself.',
  });
}
