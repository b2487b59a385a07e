/** What was asked and answered; the summary reads it, also in the middle of a replay. */
export class Tally {
  /** Order id to invoice, for every order the shop answered with 202. */
  readonly acknowledged = new Map<string, string>();
  /** Of the answered attempt alone: waiting for a shop that restarts is counted as repeats. */
  readonly latenciesMs: number[] = [];
  readonly refused = new Map<string, number>();
  readonly cancelRefused = new Map<string, number>();
  cancelled = 0;
  unmatched = 0;
  /** Orders that were sent and have no final answer. */
  unanswered = 0;
  stepsDone = 0;
  startedAt = performance.now();
  lastAcknowledgedAt = this.startedAt;

  /** The first order goes out now. */
  start(): void {
    this.startedAt = performance.now();
    this.lastAcknowledgedAt = this.startedAt;
  }

  acknowledge(orderId: string, invoice: string, tookMs: number): void {
    this.acknowledged.set(orderId, invoice);
    this.latenciesMs.push(tookMs);
    this.lastAcknowledgedAt = performance.now();
  }

  acceptedPerSecond(): number {
    const tookMs = this.lastAcknowledgedAt - this.startedAt;
    return tookMs > 0 ? this.acknowledged.size / (tookMs / 1000) : 0;
  }
}

export function addOne(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
