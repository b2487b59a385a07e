import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { DatabaseSync } from "node:sqlite";
import { forEachConcurrently } from "../../examples/shop/replay/each.ts";
import type { StockItem } from "../../examples/shop/replay/plan.ts";
import type { Summary } from "../../examples/shop/replay/summary.ts";
import { Banyan } from "../serving/command.ts";

const root = join(import.meta.dirname, "..", "..");

/** What `GET /shop/audit` answers. */
export interface ShopAudit {
  readonly orders: Readonly<Record<string, number>>;
  readonly stockConserved: boolean;
  readonly ledgerBalanced: boolean;
  readonly orphanedCharges: readonly string[];
  readonly parked: number;
  readonly dead: number;
}

/** A running shop as its operator sees it. */
export class LiveShop {
  readonly #url: string;
  readonly #data: string;

  constructor(url: string, data: string) {
    this.#url = url;
    this.#data = data;
  }

  async setStock(items: readonly StockItem[]): Promise<void> {
    await forEachConcurrently(items, 16, async ({ sku, quantity, priceCents }) => {
      const answer = await this.#ask("PUT", `/stock/${encodeURIComponent(sku)}`, { quantity, priceCents });
      if (answer.status !== 204) throw new Error(`PUT /stock/${sku} answered ${answer.status}.`);
    });
  }

  /** Replays the orders of a file and says what became of them. */
  async replay(file: string, limit: number): Promise<Summary> {
    const program = join(root, "examples", "shop", "replay", "main.ts");
    const words = [file, "--url", this.#url, "--data", this.#data, "--json"];
    const limited = Number.isFinite(limit) ? ["--limit", String(limit)] : [];
    const child = spawn(process.execPath, ["--conditions=source", program, ...words, ...limited], {
      cwd: root,
      stdio: ["ignore", "pipe", "ignore"],
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
    if (output === "") throw new Error(`The replay ended with ${code} and without a summary.`);
    return JSON.parse(output) as Summary;
  }

  async audit(): Promise<ShopAudit> {
    const answer = await this.#ask("GET", "/shop/audit");
    if (answer.status !== 200) throw new Error(`GET /shop/audit answered ${answer.status}.`);
    return (await answer.json()) as ShopAudit;
  }

  /** The audit once nothing is in flight any more: nothing unsettled in any subscription and no order on its way. The last one where that does not come. */
  async auditAtRest(withinMs: number): Promise<ShopAudit> {
    for (const deadline = performance.now() + withinMs; ; await pause(100)) {
      const ready = await this.#ask("GET", "/_banyan/health/ready");
      const { lag } = (await ready.json()) as { readonly lag?: number };
      const audit = await this.audit();
      const { processing = 0, confirmed = 0 } = audit.orders;
      if ((lag === 0 && processing + confirmed === 0) || performance.now() > deadline) return audit;
    }
  }

  #ask(method: string, path: string, body?: object): Promise<Response> {
    const token = readFileSync(join(this.#data, "dev-token"), "utf8").trim();
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return fetch(this.#url + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  }
}

/** Resolves when so many orders are there. The file may be read by anybody, and nobody stays in it. */
export async function ordersReach(data: string, count: number): Promise<void> {
  using db = new DatabaseSync(join(data, "banyan.db"), { readOnly: true, timeout: 1_000 });
  const orders = db.prepare("SELECT count(*) AS n FROM orders_order");
  for (const deadline = performance.now() + 120_000; Number(orders.get()?.["n"]) < count; await pause(10))
    if (performance.now() > deadline) throw new Error(`There were not ${count} orders within two minutes.`);
}

/** One command of `banyan`, and what it printed as JSON. */
export async function banyan(...words: readonly string[]): Promise<unknown> {
  await using command = new Banyan(root, [...words, "--json"]);
  const code = await command.ended;
  if (code !== 0) throw new Error(`banyan ${words.join(" ")} ended with ${code}: ${command.err}`);
  return JSON.parse(command.out);
}

/** What a start of the shop is refused with. */
export async function startRefusal(data: string): Promise<string> {
  const config = join(root, "examples", "shop", "banyan.config.ts");
  await using command = new Banyan(root, ["start", "--config", config, "--data", data, "--port", "0"]);
  const code = await Promise.race([command.ended, command.said(/"serving"/).then(() => "it serves")]);
  return code === 2 ? command.err : `not refused: ${code}`;
}
