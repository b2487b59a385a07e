import { mount, type Mounted } from "banyan";
import application from "../banyan.config.ts";

declare global {
  var shopOfThisProcess: Promise<Mounted> | undefined;
}

/** One per process, whatever Next reloads or bundles twice. Not before it is asked for: `next build` loads routes, too. */
export function shop(): Promise<Mounted> {
  const data = process.env["SHOP_DATA"] ?? "./data";
  return (globalThis.shopOfThisProcess ??= mount(application, { mode: "start", data, base: "/shop" }));
}

/** With the server, and to its end; NEXT_MANUAL_SIG_HANDLE=true leaves signals to it. */
export async function start(): Promise<void> {
  const running = await shop();
  const end = (): void => void running.stop().finally(() => process.exit());
  process.once("SIGTERM", end).once("SIGINT", end);
}
