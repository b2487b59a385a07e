/** Changes to a map that are seen by their transaction only, until `apply` makes them everybody's. */
export class Staged<Value> {
  readonly #base: Map<string, Value>;
  readonly #changes = new Map<string, Value | undefined>();

  constructor(base: Map<string, Value>) {
    this.#base = base;
  }

  get(key: string): Value | undefined {
    return this.#changes.has(key) ? this.#changes.get(key) : this.#base.get(key);
  }

  set(key: string, value: Value): void {
    this.#changes.set(key, value);
  }

  delete(key: string): void {
    this.#changes.set(key, undefined);
  }

  all(): Map<string, Value> {
    const merged = new Map(this.#base);
    this.apply(merged);
    return merged;
  }

  /** Answers how many there were. */
  apply(target: Map<string, Value> = this.#base): number {
    for (const [key, value] of this.#changes) {
      if (value === undefined) target.delete(key);
      else target.set(key, value);
    }
    return this.#changes.size;
  }
}

/** One text for several names, without two lists of names sharing one. */
export function joinKey(...names: readonly (string | number)[]): string {
  return JSON.stringify(names);
}
