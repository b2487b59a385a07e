import type { ParkState, Signal } from "@banyan/core";

/** An entry that a subscription has set aside: it failed, or stands behind one of its key that did. */
export interface ParkedEntry {
  /** `context.name` */
  readonly subscription: string;
  readonly position: number;
  readonly event: string;
  readonly key: string;
  readonly state: ParkState;
  readonly attempts: number;
  /** Of the latest failure; "" for what only waits. */
  readonly code: string;
  readonly message: string;
}

type Told = Omit<ParkedEntry, "event" | "key">;

/** What is parked, by what the runtime says as it happens. */
export class ParkedEntries {
  readonly #told = new Map<string, Told>();
  readonly #seen = new Set<string>();

  hear(signal: Signal): void {
    if (signal.name === "entry.parked") {
      const { name: _, ...told } = signal;
      this.#told.set(refOf(signal), told);
    } else if (signal.name === "key.released" || signal.name === "entry.skipped") {
      this.#told.delete(refOf(signal));
      this.#seen.delete(refOf(signal));
    }
  }

  /** By subscription and position: which of them failed first says nothing. */
  get all(): readonly Told[] {
    return [...this.#told.values()].sort((left, right) => {
      if (left.subscription === right.subscription) return left.position - right.position;
      return left.subscription < right.subscription ? -1 : 1;
    });
  }

  /** The test knows of what is parked now. */
  see(): void {
    for (const ref of this.#told.keys()) this.#seen.add(ref);
  }

  get unseen(): readonly Told[] {
    return this.all.filter((told) => !this.#seen.has(refOf(told)));
  }
}

const refOf = ({ subscription, position }: { readonly subscription: string; readonly position: number }): string =>
  `${subscription} ${position}`;

export function inWords({ subscription, event, key, state, attempts, code, message }: ParkedEntry): string {
  const what = `${subscription}: ${event} of key "${key}" is ${state}`;
  return state === "waiting"
    ? what
    : `${what} after ${attempts} ${attempts === 1 ? "try" : "tries"}: ${code}: ${message}`;
}
