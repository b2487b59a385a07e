import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mount, serve, type App, type Mounted, type Served } from "banyan";
import { application as shop, HEADERS } from "../authorisation/shop-door.ts";
import type { HttpInput } from "./http-input.ts";
import type { Told } from "./oracle.ts";
import { oddApp } from "./odd-app.ts";

const { auth = [], http = {} } = shop;

/** The applications that are asked, as they run in production, with the same callers. */
export const APPS: Readonly<Record<string, App>> = { shop, odd: { ...oddApp(), auth, http } };

/** Both applications without a server, for the mass; one with a server of its own, for bytes. */
export class Ground implements AsyncDisposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), "banyan-fuzz-"));
  readonly data: string = join(this.folder, "served");
  readonly mounted = new Map<string, Mounted>();
  served!: Served;

  static async opened(apps: Readonly<Record<string, App>> = APPS): Promise<Ground> {
    const ground = new Ground();
    const quiet = { mode: "start", env: {}, write: () => {} } as const;
    for (const [name, app] of Object.entries(apps))
      ground.mounted.set(name, await mount(app, { ...quiet, data: join(ground.folder, name) }));
    // short, so that what never becomes a request ends soon
    const limits = { headersMs: 50, requestMs: 100, keepAliveMs: 50, idleMs: 1_000 };
    const served = apps["odd"] ?? oddApp();
    ground.served = await serve(served, { ...quiet, data: ground.data, port: 0, limits });
    mkdirSync(join(ground.folder, "cli"));
    return ground;
  }

  /** Undefined where the web platform has no such request: it goes out as bytes instead. */
  request({ method, path, headers, body }: HttpInput): Request | undefined {
    const own = body === undefined || typeof body === "string" ? body : new Uint8Array(body);
    try {
      const init = { method, headers: headers.map(([name, value]): [string, string] => [name, value]) };
      return new Request(`http://127.0.0.1${path}`, own === undefined ? init : { ...init, body: own });
    } catch {
      return undefined;
    }
  }

  async ask(app: string, request: Request): Promise<Told> {
    const answer = await this.#of(app).fetch(request);
    return { status: answer.status, type: answer.headers.get("content-type"), text: await answer.text() };
  }

  /** What is wrong with the applications once everything was asked, when what is under way has had its time. */
  async wrongAfterwards(): Promise<readonly string[]> {
    const until = Date.now() + 10_000;
    let wrong = await this.#inconsistent();
    while (wrong.length > 0 && Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 500));
      wrong = await this.#inconsistent();
    }
    return wrong;
  }

  async #inconsistent(): Promise<readonly string[]> {
    const wrong: string[] = [];
    for (const name of this.mounted.keys()) {
      const ready = await this.#read(name, "/_banyan/health/ready");
      if (ready["status"] !== "ready") wrong.push(`${name} is not ready: ${JSON.stringify(ready)}`);
    }
    const { stockConserved, ledgerBalanced, orphanedCharges, dead } = await this.#read("shop", "/shop/audit");
    const shop = { stockConserved, ledgerBalanced, orphanedCharges, dead };
    const fine = { stockConserved: true, ledgerBalanced: true, orphanedCharges: [], dead: 0 };
    if (JSON.stringify(shop) !== JSON.stringify(fine)) wrong.push(`the shop's audit: ${JSON.stringify(shop)}`);
    const { kept, told } = await this.#read("odd", "/odd-audit");
    if (kept !== told || kept === 0) wrong.push(`of ${String(kept)} things ${String(told)} were told`);
    return wrong;
  }

  async #read(app: string, path: string): Promise<Readonly<Record<string, unknown>>> {
    const headers = HEADERS["operator"] ?? {};
    const { text } = await this.ask(app, new Request(`http://127.0.0.1${path}`, { headers }));
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  }

  #of(app: string): Mounted {
    const found = this.mounted.get(app);
    if (found === undefined) throw new Error(`no application ${app}`);
    return found;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const mounted of this.mounted.values()) await mounted.stop();
    await this.served.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
