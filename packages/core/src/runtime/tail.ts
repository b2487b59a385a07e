import { contractsOf, type ContextDefinition } from "../context/index.ts";
import { erase, readEvent, type EventContract } from "../contract/index.ts";
import { BanyanError, didYouMean } from "../error/index.ts";
import { utf8Length } from "../hash/index.ts";
import type { Codec, Entry, Platform } from "../ports/index.ts";
import type { KeptLog } from "./retention.ts";

/** A part of one context's log. */
export interface TailQuery {
  readonly source: string;
  /** Entries behind this position; from the first one there is unless said otherwise. */
  readonly after?: number | undefined;
  readonly type?: string | undefined;
  readonly key?: string | undefined;
  /** 100 unless said otherwise. */
  readonly limit?: number | undefined;
}

/** An entry as operators see it. */
export interface TailedEntry {
  readonly source: string;
  readonly position: number;
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly key: string;
  readonly at: number;
  readonly tenant: string;
  readonly principal: string;
  readonly correlation: string;
  readonly causation: string;
  /** As the contract of this code has it, personal fields erased. */
  readonly data?: unknown;
  /** Why there is no data. */
  readonly hidden?: string;
}

export interface TailPage {
  readonly source: string;
  readonly incarnation: string;
  readonly entries: readonly TailedEntry[];
  /** Everything up to here was looked at: the next page is behind it. */
  readonly through: number;
  /** The last position of the log. */
  readonly last: number;
}

/** One page looks at no more positions than that, and ends with the first entry that makes it larger than that. */
const POSITIONS = 1_024;
const STEP = 64;
const BYTES = 1024 * 1024;

/**
 * The logs of all contexts, for operators to read. What is personal is not shown: data is what the contract makes of the entry, without the fields it
 * declares as personal, and an entry of a later version, or that no contract here can read, shows none, since nobody knows what in it is personal.
 */
export class Tail {
  readonly #platform: Pick<Platform, "store" | "codec">;
  readonly #incarnations: ReadonlyMap<string, string>;
  readonly #events: ReadonlyMap<string, EventContract>;

  constructor(
    platform: Pick<Platform, "store" | "codec">,
    logs: readonly Pick<KeptLog, "source" | "incarnation">[],
    contexts: readonly ContextDefinition[],
  ) {
    this.#platform = platform;
    this.#incarnations = new Map(logs.map(({ source, incarnation }) => [source, incarnation]));
    this.#events = new Map(contexts.flatMap((one) => contractsOf(one, "event")).map((event) => [event.name, event]));
  }

  async page({ source, after = 0, type, key, limit = 100 }: TailQuery): Promise<TailPage> {
    const incarnation = this.#incarnations.get(source) ?? this.#unknown(source);
    const { store, codec } = this.#platform;
    if (type !== undefined) await this.#assertEvent(type, source);
    const { first, last } = await store.extent(source);
    const entries: TailedEntry[] = [];
    let through = Math.min(last, Math.max(after, first - 1));
    const end = Math.min(last, through + POSITIONS);
    let bytes = 0;
    while (through < end && entries.length < limit && bytes < BYTES) {
      const positions = Array.from({ length: Math.min(STEP, end - through) }, (_, i) => through + 1 + i);
      const found = await store.entriesAt(source, positions);
      through += positions.length;
      for (const entry of found) {
        if ((type !== undefined && entry.type !== type) || (key !== undefined && entry.key !== key)) continue;
        if (entries.length === limit || bytes >= BYTES) {
          through = entry.position - 1;
          break;
        }
        entries.push(shown(entry, this.#events.get(entry.type), codec));
        bytes += utf8Length(entry.body);
      }
    }
    return { source, incarnation, entries, through, last };
  }

  /** An event that no contract here has may be of code that was there before: then its log has it. */
  async #assertEvent(type: string, source: string): Promise<void> {
    if (this.#events.has(type)) return;
    const owner = type.slice(0, type.indexOf("."));
    if (owner !== source && this.#incarnations.has(owner)) return;
    const { entries } = await this.#platform.store.volume({ source, after: 0, types: [type] });
    if (entries > 0) return;
    const near = didYouMean(type, this.#events.keys());
    throw new BanyanError(
      "event-type-unknown",
      `No contract here has an event "${type}", and the log of "${source}" has none.${near}`,
    );
  }

  #unknown(source: string): never {
    const near = didYouMean(source, this.#incarnations.keys());
    throw new BanyanError("log-unknown", `There is no log of a context "${source}" here.${near}`);
  }
}

function shown(entry: Entry, contract: EventContract | undefined, codec: Codec): TailedEntry {
  const { source, position, id, type, version, at, tenant, principal, correlation, causation, key } = entry;
  const plain = { source, position, id, type, version, key, at, tenant, principal, correlation, causation };
  return { ...plain, ...dataOf(entry, contract, codec) };
}

function dataOf(entry: Entry, contract: EventContract | undefined, codec: Codec): Pick<TailedEntry, "data" | "hidden"> {
  if (contract === undefined) return { hidden: "no contract here has this event" };
  if (entry.version > contract.version) return { hidden: `its version is later than ${contract.version}` };
  if (entry.form !== "json") return { hidden: `its form is ${entry.form}` };
  let stored: unknown;
  try {
    stored = codec.decode(entry.body);
  } catch {
    return { hidden: `it is not ${codec.name}` };
  }
  const read = readEvent(contract, entry.version, stored);
  return read.ok ? { data: erase(read.data, contract.personal?.fields ?? []) } : { hidden: read.why };
}
