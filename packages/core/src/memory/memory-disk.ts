import { BanyanError } from "../error/index.ts";

/** What a store in memory keeps its data on. It outlives the store, as a disk outlives a process: that is how a crash is tried out. */
export class MemoryDisk implements Disposable {
  #owner: object | undefined;
  #kind: string | undefined;
  #content: unknown;

  /** Makes `owner` the only store that may use the disk, and gives it what a store of its kind left there. */
  take<Content>(owner: object, kind: string, create: () => Content): Content {
    if (this.#kind !== undefined && this.#kind !== kind) {
      throw new BanyanError(
        "data-unusable",
        `This disk in memory has the data of a ${this.#kind} store, not of a ${kind} store.`,
      );
    }
    this.#content ??= create();
    this.#kind = kind;
    this.#owner = owner;
    return this.#content as Content;
  }

  owns(owner: object): boolean {
    return this.#owner === owner;
  }

  /** Throws `fenced` when another store has taken the disk since. */
  check(owner: object): void {
    if (this.#owner !== owner)
      throw new BanyanError("fenced", "Another store was opened on this disk in memory; this one counts as crashed.");
  }

  /** Ends what the disk holds, where that must be ended: nobody uses the disk any more. */
  [Symbol.dispose](): void {
    (this.#content as Partial<Disposable> | undefined)?.[Symbol.dispose]?.();
  }
}

export function memoryDisk(): MemoryDisk {
  return new MemoryDisk();
}
