import { type Approve, readAudit } from "./audit.ts";
import { drain, type Drained } from "./drain.ts";
import { ReplayFailure } from "./failure.ts";
import { httpTransport, type Transport } from "./http.ts";
import { PersistentShop, Stopped } from "./persistent.ts";
import { planFile } from "./plan-file.ts";
import type { Plan } from "./plan.ts";
import type { Moment } from "./progress.ts";
import { sendAll } from "./send.ts";
import { ProcessSampler } from "./shop-process.ts";
import { setMissingStock, type StockResult } from "./stock.ts";
import { summarize, type Summary } from "./summary.ts";
import { Tally } from "./tally.ts";
import { type Verification, verifyOrders } from "./verify.ts";

export interface ReplayOptions {
  readonly file: string;
  readonly url: URL;
  readonly token: string;
  readonly speed: number;
  readonly limit: number;
  readonly concurrency: number;
  readonly approve: Approve;
}

/** How long the replay is willing to wait, in milliseconds. */
export interface Patience {
  /** For the first answer. */
  readonly startMs: number;
  /** For one success when everything fails. */
  readonly goneMs: number;
  /** For anything to change while draining. */
  readonly drainMs: number;
}

const usualPatience: Patience = { startMs: 30_000, goneMs: 120_000, drainMs: 60_000 };

/** One replay from file to summary. `moment` can be looked at any time; `stop` ends it early with what is known. */
export class Replay {
  readonly #options: ReplayOptions;
  readonly #patience: Patience;
  readonly #stop = new AbortController();
  readonly #transport: Transport;
  readonly #watch: Transport;
  readonly #tally = new Tally();
  #moment: () => Moment = () => ({ phase: "reading", done: 0, total: 0, note: this.#options.file });

  constructor(options: ReplayOptions, patience: Partial<Patience> = {}) {
    this.#options = options;
    this.#patience = { ...usualPatience, ...patience };
    const { url, token } = options;
    this.#transport = httpTransport({ url, token, connections: options.concurrency });
    // not behind the orders in their queue, so that the shop's own figures arrive in time
    this.#watch = httpTransport({ url, token, connections: 1 });
  }

  get moment(): Moment {
    return this.#moment();
  }

  /** Sends nothing new; requests under way get five seconds. Safe to call twice. */
  stop(): void {
    if (this.#stop.signal.aborted) return;
    this.#stop.abort();
    setTimeout(() => this.#transport.close(), 5_000).unref();
  }

  async run(): Promise<Summary> {
    const plan = await planFile(this.#options);
    const sampler = new ProcessSampler(this.#watch);
    try {
      await this.#reach();
      await sampler.sample();
      return await this.#replay(plan, sampler);
    } finally {
      sampler.stop();
      this.#watch.close();
      this.#transport.close();
    }
  }

  /** The shop answers and accepts the token, or there is no point in going on. */
  async #reach(): Promise<void> {
    this.#moment = () => ({ phase: "waiting for the shop", done: 0, total: 1, note: this.#options.url.origin });
    try {
      await readAudit(this.#shop(this.#patience.startMs));
    } catch (error) {
      if (!(error instanceof ReplayFailure) || error.code !== "shop-gone") throw error;
      throw new ReplayFailure("shop-unreachable", `${this.#options.url.origin}: ${error.message}`, { cause: error });
    }
  }

  async #replay(plan: Plan, sampler: ProcessSampler): Promise<Summary> {
    const shop = this.#shop(this.#patience.goneMs);
    let stock: StockResult | undefined;
    let drained: Drained | undefined;
    let verification: Verification | undefined;
    let cut: ReplayFailure | undefined;
    try {
      stock = await this.#setStock(shop, plan);
      await this.#send(shop, plan);
      drained = await this.#drain(shop);
      verification = await this.#verify(shop);
    } catch (error) {
      if (error instanceof ReplayFailure) cut = error;
      else if (!(error instanceof Stopped)) throw error;
    }
    const { file, approve } = this.#options;
    const known = { stock, drained, verification, cut, repeats: shop.repeats, samples: sampler.samples };
    return summarize({ file, approve, plan, tally: this.#tally, ...known, endedAt: performance.now() });
  }

  async #setStock(shop: PersistentShop, plan: Plan): Promise<StockResult> {
    let [done, total] = [0, plan.stock.length];
    this.#moment = () => ({ phase: "setting stock", done, total, note: "" });
    const onProgress = (now: number, of: number): void => void ([done, total] = [now, of]);
    return setMissingStock(shop, plan.stock, { concurrency: this.#options.concurrency, onProgress });
  }

  async #send(shop: PersistentShop, plan: Plan): Promise<void> {
    const tally = this.#tally;
    tally.start();
    this.#moment = () => ({
      phase: "replaying",
      done: tally.stepsDone,
      total: plan.steps.length,
      note: `${tally.acknowledged.size} accepted, ${Math.round(tally.acceptedPerSecond())}/s`,
    });
    const { concurrency, speed } = this.#options;
    await sendAll(plan.steps, { shop, tally, options: { concurrency, speed, stop: this.#stop.signal } });
    if (this.#stop.signal.aborted) throw new Stopped();
  }

  async #drain(shop: PersistentShop): Promise<Drained> {
    let [open, most] = [0, 0];
    this.#moment = () => ({ phase: "draining", done: most - open, total: most, note: `${open} orders open` });
    const onProgress = (now: number): void => void ([open, most] = [now, Math.max(most, now)]);
    const { approve } = this.#options;
    return drain(shop, { approve, patienceMs: this.#patience.drainMs, stop: this.#stop.signal, onProgress });
  }

  async #verify(shop: PersistentShop): Promise<Verification> {
    const total = this.#tally.acknowledged.size;
    this.#moment = () => ({ phase: "checking acknowledged orders", done: 0, total, note: "" });
    return verifyOrders(shop, this.#tally.acknowledged, this.#options.approve);
  }

  #shop(giveUpMs: number): PersistentShop {
    return new PersistentShop({ transport: this.#transport, giveUpMs, stop: this.#stop.signal });
  }
}
