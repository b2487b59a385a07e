import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mount, type Abort, type Mounted, type MountOptions } from "banyan";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { notebook, type NotebookOptions } from "./notebook.ts";

/** A server that is not ours, with the notebook below `/shop` and a route of its own at `POST /echo`. */
export interface Host {
  readonly url: string;
  /** Accepts nothing new; resolves when every connection is gone. */
  readonly close: () => Promise<void>;
}

export interface HostKind {
  /** What the mounted application has to know of where it is. */
  readonly base?: string;
  readonly start: (shop: Mounted) => Promise<Host>;
  /** The same with a body parser that comes first; undefined where a host has none. */
  readonly startParsing?: (shop: Mounted) => Promise<Host>;
  /** Whether the address of a caller is known without a word of ours. */
  readonly tellsAddress: boolean;
}

interface World {
  readonly shop: Mounted;
  readonly lines: readonly string[];
  readonly post: (path: string, body: unknown, init?: RequestInit) => Promise<Response>;
  readonly get: (path: string) => Promise<Response>;
}

/** Hosts of one kind on one folder, which end with their test. */
class Hosted {
  readonly kind: HostKind;
  folder = "";
  readonly #ends: (() => Promise<unknown>)[] = [];

  constructor(kind: HostKind) {
    this.kind = kind;
    beforeEach(() => {
      this.folder = mkdtempSync(join(tmpdir(), "banyan-host-"));
    });
    afterEach(async () => {
      for (const end of this.#ends.splice(0).toReversed()) await end();
      rmSync(this.folder, { recursive: true });
    });
  }

  async world(options: NotebookOptions = {}, start: HostKind["start"] = this.kind.start): Promise<World> {
    const lines: string[] = [];
    const { base } = this.kind;
    const own: MountOptions = { mode: "start", data: this.folder, env: {}, write: (line) => void lines.push(line) };
    const shop = await mount(notebook(options), base === undefined ? own : { ...own, base });
    this.#ends.push(() => shop.stop());
    const host = await start(shop);
    this.#ends.push(() => host.close());
    const headers = { "content-type": "application/json" };
    return {
      shop,
      lines,
      post: (path, body, init) =>
        fetch(host.url + path, { method: "POST", headers, body: JSON.stringify(body), ...init }),
      get: (path) => fetch(host.url + path),
    };
  }
}

/** What a mounted application does, whatever the host is. */
export function mountedIn(name: string, kind: HostKind): void {
  describe(`mounted in ${name}`, () => {
    const hosted = new Hosted(kind);
    answers(hosted);
    knowsItsCaller(hosted);
    ends(hosted);
  });
}

function answers(hosted: Hosted): void {
  test("commands, queries and deliveries work below its path, and the host's own routes beside it", async () => {
    const globals = [globalThis.Request, globalThis.Response];
    const { post, get } = await hosted.world();
    const text = "ünï ".repeat(20_000);
    expect((await post("/shop/notes", { id: "a b", text })).status).toBe(204);
    await expect
      .poll(async () => (await get("/shop/notes/a%20b")).json(), { timeout: 10_000 })
      .toEqual({ text, indexed: true });
    expect(await (await post("/echo", { n: 1 })).json()).toEqual({ heard: { n: 1 } });
    expect((await get("/shop/_banyan/health/ready")).status).toBe(200);
    const unknown = await get("/shop/none");
    expect([unknown.status, await unknown.json()]).toMatchObject([404, { code: "route-unknown" }]);
    const beside = await get("/shopping/notes/a");
    expect([beside.status, beside.headers.get("content-type")]).toEqual([404, expect.not.stringContaining("problem")]);
    expect([globalThis.Request, globalThis.Response]).toEqual(globals);
  });

  test("bytes come and go as they were sent, piece by piece", async () => {
    const { post } = await hosted.world();
    const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 7) % 256);
    const answer = await post("/shop/raw", undefined, { body: bytes, headers: { "content-type": "text/x-odd" } });
    expect([answer.status, new Uint8Array(await answer.arrayBuffer())]).toEqual([200, bytes]);
  });

  test("what fails is answered here, and the host's own handling of errors hears nothing", async () => {
    const { post, lines } = await hosted.world();
    const broken = await post("/shop/break", {});
    const text = await broken.text();
    expect([broken.status, JSON.parse(text)]).toMatchObject([500, { code: "handler-failed" }]);
    expect(text).not.toContain("secret");
    expect(lines.join()).toContain("a secret of the handler");
    const malformed = await post("/shop/notes", undefined, { body: "{" });
    expect([malformed.status, await malformed.json()]).toMatchObject([400, { code: "body-malformed" }]);
    const large = await post("/shop/notes", { id: "x", text: "x".repeat(2 ** 20) });
    expect([large.status, await large.json()]).toMatchObject([413, { code: "body-too-large" }]);
  });

  test.runIf(hosted.kind.startParsing !== undefined)(
    "a body that the host has read is refused, and the log says why",
    async () => {
      const { post, get, lines } = await hosted.world({}, hosted.kind.startParsing);
      const answer = await post("/shop/notes", { id: "a", text: "" });
      expect([answer.status, await answer.json()]).toMatchObject([500, { code: "body-consumed" }]);
      expect(lines.join()).toContain("above `express.json()`");
      expect((await get("/shop/notes/a")).status).toBe(200);
    },
  );
}

function knowsItsCaller(hosted: Hosted): void {
  test("a client that goes away is told to the handler", async () => {
    const begun = Promise.withResolvers<void>();
    const told = Promise.withResolvers<void>();
    const wait = (abort: Abort): Promise<void> => {
      abort.onAbort(() => told.resolve());
      begun.resolve();
      return told.promise;
    };
    const { post } = await hosted.world({ wait });
    const client = new AbortController();
    const answer = post("/shop/wait", {}, { signal: client.signal });
    await begun.promise;
    client.abort();
    await expect(answer).rejects.toThrow("abort");
    await told.promise;
  });

  test.runIf(hosted.kind.tellsAddress)("guests are limited by the address they come from", async () => {
    const { get } = await hosted.world({ http: { rate: { perSecond: 1, burst: 2 } } });
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) statuses.push((await get("/shop/notes/x")).status);
    expect(statuses).toEqual([200, 200, 429, 429]);
  });
}

function ends(hosted: Hosted): void {
  test("a stop answers what is in flight, refuses what comes and frees the data", async () => {
    const begun = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const wait = (): Promise<void> => {
      begun.resolve();
      return go.promise;
    };
    const { shop, post, get } = await hosted.world({ wait });
    const inFlight = post("/shop/wait", {});
    await begun.promise;
    const stopped = shop.stop();
    const late = await post("/shop/notes", { id: "late", text: "" });
    expect([late.status, await late.json()]).toMatchObject([503, { code: "draining" }]);
    expect((await get("/shop/_banyan/health/ready")).status).toBe(503);
    go.resolve();
    expect((await inFlight).status).toBe(204);
    await stopped;
    const again = await mount(notebook(), { mode: "start", data: hosted.folder, env: {}, write: () => {} });
    await again.stop();
  });
}
