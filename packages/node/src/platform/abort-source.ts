import type { Abort } from "@banyan/core";

/** An abort that somebody here brings about. It has room for as many as want to be told, where an emitter of Node warns of ten. */
export class AbortSource implements Abort {
  readonly #waiting = new Set<() => void>();
  #reason: Error | undefined;

  get aborted(): boolean {
    return this.#reason !== undefined;
  }

  get reason(): Error | undefined {
    return this.#reason;
  }

  onAbort(fire: () => void): () => void {
    const once = (): void => fire();
    if (this.aborted) once();
    else this.#waiting.add(once);
    return () => void this.#waiting.delete(once);
  }

  abort(reason: Error): void {
    if (this.aborted) return;
    this.#reason = reason;
    for (const fire of this.#waiting) fire();
    this.#waiting.clear();
  }
}
