import type { ParkState } from "../ports/index.ts";

/** A parked entry as the lane remembers it; its bytes and what it failed with stay in the store. */
export interface Parked {
  readonly position: number;
  readonly key: string;
  readonly slot: number;
  readonly state: ParkState;
  readonly attempts: number;
  readonly due: number;
  /** Wall-clock milliseconds of its last error; 0 = it has none. */
  readonly failedAt: number;
  /** Of the entry's body. */
  readonly bytes: number;
}

/**
 * The parked entries of one lane, by key, in order of position. The first of a key is its head: `retrying`, `unknown` or `dead`; all behind it
 * are `waiting`. A key with any entry here is not live. Changed only after the commit that changed the store.
 */
export class ParkedKeys {
  readonly #byKey = new Map<string, Parked[]>();
  #rows = 0;
  #bytes = 0;

  constructor(rows: readonly Parked[]) {
    for (const row of rows.toSorted((a, b) => a.position - b.position)) this.add(row);
  }

  get rows(): number {
    return this.#rows;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get heads(): readonly Parked[] {
    return Array.from(this.#byKey.values(), (rows) => rows[0]).filter((row) => row !== undefined);
  }

  get dead(): number {
    return this.heads.filter((head) => head.state === "dead").length;
  }

  head(key: string): Parked | undefined {
    return this.#byKey.get(key)?.[0];
  }

  /** Everything that is parked, in no order. */
  get all(): readonly Parked[] {
    return [...this.#byKey.values()].flat();
  }

  at(position: number): Parked | undefined {
    for (const rows of this.#byKey.values()) {
      const found = rows.find((row) => row.position === position);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The entry that moves up when the head of the key is done. */
  next(key: string): Parked | undefined {
    return this.#byKey.get(key)?.[1];
  }

  add(row: Parked): void {
    const rows = this.#byKey.get(row.key);
    if (rows === undefined) this.#byKey.set(row.key, [row]);
    else rows.push(row);
    this.#rows++;
    this.#bytes += row.bytes;
  }

  replaceHead(row: Parked): void {
    const rows = this.#byKey.get(row.key);
    if (rows !== undefined) rows[0] = row;
  }

  removeHead(key: string): void {
    const head = this.head(key);
    if (head !== undefined) this.remove(key, head.position);
  }

  remove(key: string, position: number): void {
    const rows = this.#byKey.get(key) ?? [];
    const index = rows[0]?.position === position ? 0 : rows.findIndex((row) => row.position === position);
    const [gone] = index === -1 ? [] : rows.splice(index, 1);
    if (gone === undefined) return;
    this.#rows--;
    this.#bytes -= gone.bytes;
    if (rows.length === 0) this.#byKey.delete(key);
  }
}
