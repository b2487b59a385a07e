import { BanyanError } from "../error/index.ts";
import type { Table, TablesHandle } from "../ports/index.ts";

/** Where the rows of one table are read and, in a unit, written. */
export interface RowAccess {
  get(key: string): string | undefined;
  all(): Map<string, string>;
  /** Undefined for those who may only read. */
  readonly put: ((key: string, value: string | undefined) => void) | undefined;
}

/** The handle of one unit or session; dead after `end`. */
export class MemoryHandle implements TablesHandle {
  readonly kind = "tables";
  readonly #name: string;
  readonly #access: (table: string) => RowAccess;
  readonly #check: () => void;
  #asked = 0;
  #alive = true;

  /** `check` throws when the store itself may not be used any more. */
  constructor(name: string, access: (table: string) => RowAccess, check: () => void) {
    this.#name = name;
    this.#access = access;
    this.#check = check;
  }

  get asked(): number {
    return this.#asked;
  }

  table<T>(name: string): Table<T> {
    return {
      get: async (key) => parse<T>(this.#use(name).get(key)),
      set: async (key, value) => this.#put(name, key, this.#text(value, name)),
      delete: async (key) => this.#put(name, key, undefined),
      entries: async () => {
        const rows = Array.from(this.#use(name).all(), ([key, text]) => [key, parse<T>(text) as T] as const);
        return rows.sort(([left], [right]) => (left < right ? -1 : 1));
      },
    };
  }

  end(): void {
    this.#alive = false;
  }

  #use(table: string): RowAccess {
    if (!this.#alive)
      throw new BanyanError("handle-dead", `The tables of "${this.#name}" were used after it had ended.`);
    this.#check();
    this.#asked++;
    return this.#access(table);
  }

  #put(table: string, key: string, text: string | undefined): void {
    const { put } = this.#use(table);
    if (put === undefined)
      throw new BanyanError("not-in-unit", `"${this.#name}" may read the table "${table}", not write it.`);
    put(key, text);
  }

  #text(value: unknown, table: string): string {
    const text = JSON.stringify(value) as string | undefined;
    if (text !== undefined) return text;
    throw new BanyanError(
      "statement-failed",
      `"${this.#name}" put something into the table "${table}" that is not a JSON value.`,
    );
  }
}

function parse<T>(text: string | undefined): T | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as T);
}
