import type { App, Runtime } from "@banyan/core";
import { AppProcess, type ProcessOptions } from "./app-process.ts";

/** An application that runs in this process without a server of its own. */
export interface Mounted {
  /** Answers a request of the web platform; never rejects. Hand it whole paths: routes are the contracts' own. */
  readonly fetch: (request: Request) => Promise<Response>;
  readonly runtime: Runtime;
  /** Resolves with the reason when nothing can be committed any more: the host should end. */
  readonly failed: Promise<string>;
  /** Finishes what is in flight and closes the store. Safe to call twice. */
  readonly stop: () => Promise<void>;
}

/**
 * Runs an application inside another server: `const shop = await mount(app, { mode: "start", data: "./data" })`, then `shop.fetch(request)` from
 * a route of Hono, Express, Next or whatever listens. Limits on sockets, headers and time are the host's, and so is checking `host`.
 */
export async function mount(app: App, options: ProcessOptions): Promise<Mounted> {
  const running = new AppProcess(app, { ...options, hosts: "any" });
  await running.start();
  return {
    fetch: (request) => running.edge.fetch(request),
    runtime: running.runtime,
    failed: running.failed,
    stop: () => running.stop(),
  };
}
