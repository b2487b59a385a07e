import { setTimeout as delay } from "node:timers/promises";
import { type Approve, type Audit, faultsOf, openOrders, readAudit } from "./audit.ts";
import { type PersistentShop, Stopped } from "./persistent.ts";

export interface DrainOptions {
  readonly approve: Approve;
  /** How long nothing may change before waiting is given up. */
  readonly patienceMs: number;
  readonly stop: AbortSignal;
  readonly onProgress: (open: number) => void;
}

export interface Drained {
  readonly audit: Audit;
  /** Until no order was open any more. */
  readonly drainMs: number;
}

/**
 * Waits until no order is open and the audit is clean, as long as something still changes: refunds and stock of
 * cancelled orders settle a moment after the orders themselves. Returns the last audit, whatever it says.
 */
export async function drain(shop: PersistentShop, options: DrainOptions): Promise<Drained> {
  const started = performance.now();
  let drainMs: number | undefined;
  let changedAt = started;
  let before = "";
  for (;;) {
    const askedAt = performance.now();
    const audit = await readAudit(shop);
    const now = performance.now();
    const open = openOrders(audit, options.approve);
    if (open === 0) drainMs ??= now - started;
    options.onProgress(open);
    const clean = faultsOf(audit, options.approve).length === 0;
    const seen = JSON.stringify(audit);
    if (seen !== before) changedAt = now;
    before = seen;
    if (clean || now - changedAt > options.patienceMs) return { audit, drainMs: drainMs ?? now - started };
    // an audit reads every order; asking takes at most a third of the time
    await pause(Math.max(200, 2 * (now - askedAt)), options.stop);
  }
}

async function pause(ms: number, stop: AbortSignal): Promise<void> {
  try {
    await delay(ms, undefined, { signal: stop });
  } catch {
    throw new Stopped();
  }
}
