import { setTimeout as delay } from "node:timers/promises";
import { codeOf } from "./answers.ts";
import { forEachConcurrently } from "./each.ts";
import { uuidOf } from "./identity.ts";
import { type PersistentShop, Stopped } from "./persistent.ts";
import type { CancelStep, OrderStep, Step } from "./plan.ts";
import { addOne, type Tally } from "./tally.ts";

export interface SendOptions {
  readonly concurrency: number;
  /** Times real time; Infinity sends as fast as concurrency allows. */
  readonly speed: number;
  readonly stop: AbortSignal;
}

/** Sends the steps in their order, `concurrency` at a time; ends early and quietly when stopped. */
export async function sendAll(
  steps: readonly Step[],
  { shop, tally, options }: { shop: PersistentShop; tally: Tally; options: SendOptions },
): Promise<void> {
  const sender = new Sender(shop, tally);
  const started = performance.now();
  const firstAtMs = steps[0]?.atMs ?? 0;
  try {
    await forEachConcurrently(steps, options.concurrency, async (step) => {
      const dueMs = options.speed === Infinity ? 0 : (step.atMs - firstAtMs) / options.speed;
      await until(started + dueMs, options.stop);
      await sender.perform(step);
      tally.stepsDone += 1;
    });
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
  }
}

/** A timer cannot wait longer than about 24 days at once. */
async function until(due: number, stop: AbortSignal): Promise<void> {
  try {
    stop.throwIfAborted();
    for (let left = due - performance.now(); left > 0; left = due - performance.now()) {
      await delay(Math.min(left, 1e9), undefined, { signal: stop });
    }
  } catch {
    throw new Stopped();
  }
}

class Sender {
  readonly #shop: PersistentShop;
  readonly #tally: Tally;
  /** Whether the order was acknowledged; a cancellation waits for it. Steps begin in order, so it is always there. */
  readonly #placed = new Map<OrderStep, Promise<boolean>>();
  /** Orders that are final as far as is known here, or that a cancellation is busy with. */
  readonly #closed = new Set<OrderStep>();

  constructor(shop: PersistentShop, tally: Tally) {
    this.#shop = shop;
    this.#tally = tally;
  }

  async perform(step: Step): Promise<void> {
    if (step.kind === "cancel") return this.#cancel(step);
    const placing = this.#place(step);
    // whoever waits for it only wants to know whether the order exists
    this.#placed.set(
      step,
      placing.catch(() => false),
    );
    await placing;
  }

  async #place(step: OrderStep): Promise<boolean> {
    const { orderId, customerId, lines } = step;
    this.#tally.unanswered += 1;
    const answer = await this.#shop.ask({
      method: "POST",
      path: "/orders",
      key: uuidOf("place", step.invoice),
      body: { orderId, ...(customerId === undefined ? {} : { customerId }), lines },
    });
    this.#tally.unanswered -= 1;
    if (answer.status === 202) this.#tally.acknowledge(orderId, step.invoice, answer.tookMs);
    else addOne(this.#tally.refused, codeOf(answer));
    return answer.status === 202;
  }

  async #cancel(step: CancelStep): Promise<void> {
    for (const candidate of step.candidates) {
      if (!(await this.#placed.get(candidate)) || this.#closed.has(candidate)) continue;
      this.#closed.add(candidate);
      const result = await this.#askToCancel(candidate, step.invoice);
      if (result === "order-closed") continue;
      if (result === "accepted") this.#tally.cancelled += 1;
      else addOne(this.#tally.cancelRefused, result);
      return;
    }
    this.#tally.unmatched += 1;
  }

  async #askToCancel(order: OrderStep, invoice: string): Promise<string> {
    const answer = await this.#shop.ask({
      method: "POST",
      path: `/orders/${order.orderId}/cancel`,
      key: uuidOf("cancel", invoice, order.orderId),
    });
    return answer.status === 202 ? "accepted" : codeOf(answer);
  }
}
