/** Runs tasks of one key one after the other, of different keys side by side. A task never rejects; what fails inside it is its own affair. */
export class KeyChains {
  readonly #tails = new Map<string, Promise<void>>();

  /** Keys with a task that runs or waits. */
  get size(): number {
    return this.#tails.size;
  }

  push(key: string, task: () => Promise<void>): void {
    const before = this.#tails.get(key);
    const tail = before === undefined ? task() : before.then(task);
    this.#tails.set(key, tail);
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
  }

  async idle(): Promise<void> {
    while (this.#tails.size > 0) await Promise.all(this.#tails.values());
  }
}
