import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ShopProcess } from "../crash/shop-process.ts";
import { judge, type Check } from "./judge.ts";
import { banyan, LiveShop, ordersReach, startRefusal } from "./live-shop.ts";
import { writeOrders, type OrdersOptions } from "./orders-file.ts";

export interface DrillOptions extends OrdersOptions {
  readonly port: number;
  /** The share of the orders after which the backup is taken. */
  readonly at: number;
}

export interface DrillReport {
  readonly passed: boolean;
  readonly checks: readonly Check[];
  readonly orders: number;
  readonly backupMs: number;
  /** From the start of the restored shop until nothing was in flight. */
  readonly settleMs: number;
}

/**
 * A backup taken while orders come in, put into another folder beside what the payment provider knows by the end, and gone on with from there.
 * What the second shop makes of it is judged by its audit and by the files. Throws where it could not be carried out.
 */
export async function drill(options: DrillOptions, say: (line: string) => void): Promise<DrillReport> {
  const folder = mkdtempSync(join(tmpdir(), "banyan-drill-"));
  try {
    const at = placesIn(folder);
    const { orders, backupMs } = await runAndBackUp(options, at, say);
    await banyan("restore", at.backup, "--data", at.restored, "--why", "a drill");
    // as it is after everything, and what the shop keeps beside its database
    for (const name of ["provider", "order-secret"])
      cpSync(join(at.live, name), join(at.restored, name), { recursive: true });
    say("restored; the restored shop goes on");
    const { audit, settleMs } = await goOn(options, at);
    const oldPlace = await refusedWithOldPlace(at);
    const checks = judge({ ...at, audit, oldPlace, log: readFileSync(at.log, "utf8") });
    return { passed: checks.every(({ passed }) => passed), checks, orders, backupMs, settleMs };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Places {
  readonly folder: string;
  readonly live: string;
  readonly restored: string;
  readonly backup: string;
  /** Output of the restored shop. */
  readonly log: string;
}

function placesIn(folder: string): Places {
  const place = (name: string): string => join(folder, name);
  const [live, restored] = [place("live"), place("restored")];
  return { folder, live, restored, backup: place("backup.db"), log: place("restored.log") };
}

async function runAndBackUp(
  options: DrillOptions,
  { folder, live: data, backup }: Places,
  say: (line: string) => void,
): Promise<{ readonly orders: number; readonly backupMs: number }> {
  const orders = await writeOrders(folder, options);
  const process = new ShopProcess({ data, port: options.port, faults: true, log: join(folder, "live.log") });
  try {
    await process.start();
    const shop = new LiveShop(process.url, data);
    await shop.setStock(orders.stock);
    say(`replaying ${orders.planned} orders`);
    const replaying = shop.replay(orders.file, options.file === undefined ? Infinity : options.limit);
    replaying.catch(() => {});
    await ordersReach(data, Math.ceil(orders.planned * options.at));
    const began = performance.now();
    await banyan("backup", backup, "--data", data);
    const backupMs = Math.round(performance.now() - began);
    say(`backed up within ${backupMs} ms; the replay goes on`);
    const { verdict, faults, orders: replayed } = await replaying;
    if (verdict !== "fine") throw new Error(`The replay says ${verdict}: ${faults.join("; ")}`);
    const code = await process.stop();
    if (code !== 0) throw new Error(`The shop ended with ${code}.`);
    return { orders: replayed.acknowledged, backupMs };
  } finally {
    await process.kill();
  }
}

async function goOn({ port }: DrillOptions, { restored: data, log }: Places) {
  const process = new ShopProcess({ data, port, faults: true, log });
  try {
    const began = performance.now();
    await process.start();
    const audit = await new LiveShop(process.url, data).auditAtRest(60_000);
    const settleMs = Math.round(performance.now() - began);
    const code = await process.stop();
    if (code !== 0) throw new Error(`The restored shop ended with ${code}.`);
    return { audit, settleMs };
  } finally {
    await process.kill();
  }
}

/** Starts on a copy in which one subscription has the place it had, by the end, in the log that was lost. */
async function refusedWithOldPlace({ folder, live, restored }: Places): Promise<string> {
  const data = join(folder, "mixed");
  cpSync(restored, data, { recursive: true, filter: (path) => !path.endsWith("banyan.sock") });
  const one = "subscription = 'payments.charge'";
  using from = new DatabaseSync(join(live, "banyan.db"), { readOnly: true });
  const old = from.prepare(`SELECT incarnation, pos FROM banyan_cursor WHERE ${one}`).get();
  {
    using to = new DatabaseSync(join(data, "banyan.db"));
    const set = to.prepare(`UPDATE banyan_cursor SET incarnation = ?, pos = ? WHERE ${one}`);
    set.run(String(old?.["incarnation"]), Number(old?.["pos"]));
  }
  return await startRefusal(data);
}
