import type { RequestListener, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Mounted } from "banyan";
import * as echo from "./next/app/echo/route.ts";
import * as below from "./next/app/shop/[[...path]]/route.ts";

type Handlers = Readonly<Record<string, unknown>>;

/** The route handlers of the application in `next/`, called as Next calls them; `npm run packed -- --hosts` has them in Next itself. */
export function nextHost(shop: Mounted): RequestListener {
  globalThis.shopOfThisProcess = Promise.resolve(shop);
  return async (incoming, outgoing) => {
    const { pathname } = new URL(incoming.url ?? "", "http://localhost");
    const route: Handlers = /^\/shop(\/|$)/.test(pathname) ? below : pathname === "/echo" ? echo : {};
    const handler = route[incoming.method ?? ""];
    if (typeof handler !== "function") return void outgoing.writeHead(404).end("no page");
    const gone = new AbortController();
    outgoing.once("close", () => gone.abort());
    const body = incoming.method === "GET" ? null : Readable.toWeb(incoming);
    const headers = Object.entries(incoming.headers).map(([name, value]): [string, string] => [name, String(value)]);
    const init = { method: incoming.method, headers, body, duplex: "half", signal: gone.signal };
    const request = new Request(`http://localhost${incoming.url}`, init as RequestInit);
    await send((await handler(request)) as Response, outgoing).catch(() => outgoing.destroy());
  };
}

async function send(answer: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (answer.body === null) outgoing.end();
  else await pipeline(Readable.fromWeb(answer.body as never), outgoing);
}
