import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import type { Store, StoreTransaction } from "@banyan/core";
import { anyone, runProcess, serve, sqlite, type Middleware } from "banyan";
import { hooksApp } from "./hooks.ts";

export interface HooksPlan {
  readonly data: string;
  /** When it is killed, if at all. */
  readonly dies?: "before the command" | "when the disk has it" | "before the answer";
}

/** A process of its own with webhooks, and with files that come and go as streams. */
const plan = JSON.parse(process.argv[2] ?? "{}") as HooksPlan;

/** Nothing of this process runs after this, and nothing is flushed or closed. */
function die(): void {
  process.kill(process.pid, "SIGKILL");
}

let armed = false;

/** Once it is armed, it dies when the disk has a commit, before anybody is told. */
function dyingAfterCommit(inner: Store): Store {
  const begin = async (): Promise<StoreTransaction> => {
    const transaction = await inner.begin();
    const commit = async (): Promise<void> => {
      await transaction.commit();
      if (armed) die();
    };
    return replaced(transaction, { commit });
  };
  return replaced(inner, { begin });
}

function replaced<T extends object>(inner: T, methods: Partial<T>): T {
  const get = (target: T, name: string | symbol): unknown => {
    const value: unknown = Reflect.get(methods, name) ?? Reflect.get(target, name, target);
    return typeof value === "function" ? value.bind(target) : value;
  };
  return new Proxy(inner, { get });
}

const app = hooksApp();
const sizes = { body: "1GiB", time: "2m" };
app.route("PUT /files/:name", { allow: anyone(), limits: sizes }, async (request, { params, data }) => {
  await request.body?.pipeTo(Writable.toWeb(createWriteStream(join(data, params.name))));
  return new Response(null, { status: 204 });
});
app.route("GET /made/:bytes", { allow: anyone(), limits: sizes }, (_, { params }) => {
  return new Response(Readable.toWeb(Readable.from(made(Number(params.bytes)))) as ReadableStream<Uint8Array>);
});
app.route("GET /peak", { allow: anyone() }, () => Response.json(process.resourceUsage().maxRSS * 1_024));

/** Around every route: the moments in which it may die. */
const watched: Middleware = async (request, _, next) => {
  const isHook = request.url.includes("/hooks/");
  if (isHook && plan.dies === "before the command") die();
  armed = isHook && plan.dies === "when the disk has it";
  const answer = await next(request);
  if (isHook && plan.dies === "before the answer") die();
  return answer;
};

function* made(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= 65_536) yield Buffer.alloc(Math.min(left, 65_536), "x");
}

process.exitCode = await runProcess(async () => {
  const sound = sqlite({ path: plan.data });
  const store = plan.dies === "when the disk has it" ? dyingAfterCommit(sound) : sound;
  const routes = app.routes.map((route) => ({ ...route, around: [watched, ...route.around] }));
  const served = await serve({ ...app, routes }, { mode: "start", data: plan.data, port: 0, env: {}, store });
  process.stdout.write(`serving at ${served.url}\n`);
  return served;
});
