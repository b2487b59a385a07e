import { BanyanError } from "../error/index.ts";
import { utf8Length } from "../hash/index.ts";
import type {
  AuditRecord,
  CommandRecord,
  CommandScope,
  ActExtent,
  ActRecord,
  Entry,
  FetchQuery,
  Fetched,
  LogExtent,
  LogVolume,
  ParkedRow,
  ParkRef,
  ParkRow,
  ReadSession,
  Scheduled,
  ScheduleExtent,
  Store,
  StoreFeatures,
  StorePlan,
  StoreState,
  StoreTransaction,
  VolumeQuery,
} from "../ports/index.ts";
import { MemoryData } from "./memory-data.ts";
import { memoryDisk, type MemoryDisk } from "./memory-disk.ts";
import { MemoryHandle, type RowAccess } from "./memory-tables.ts";
import { commandKey, MemoryTransaction, parkKey } from "./memory-transaction.ts";
import { TenantTables } from "./memory-tenants.ts";
import { joinKey } from "./staged.ts";

/** A look at the log is at most this long, however few of its entries are asked for. */
const SCAN = 1_024;

/** A store in memory, for tests and for trying things out: transactions and sessions as on a disk, gone with the process unless the disk is kept. */
export function memory(disk: MemoryDisk = memoryDisk()): Store {
  return new MemoryStore(disk);
}

class MemoryStore implements Store {
  readonly features: StoreFeatures = { name: "memory", handle: "tables", writers: 1, durable: false, tenants: true };
  readonly #disk: MemoryDisk;
  #data: MemoryData | undefined;
  #now: () => number = () => 0;
  #tenants: TenantTables = new TenantTables({ contexts: [] });
  #transaction: MemoryTransaction | undefined;
  #closed = false;

  constructor(disk: MemoryDisk) {
    this.#disk = disk;
  }

  async open(plan: StorePlan): Promise<StoreState> {
    if (this.#data !== undefined) throw new BanyanError("internal", "A store is opened once.");
    const data = this.#disk.take(this, "memory", () => new MemoryData());
    data.tables = { rows: data.tables.rows, viewers: 0 };
    this.#data = data;
    this.#now = plan.now;
    this.#tenants = new TenantTables(plan);
    for (const { name } of plan.contexts) {
      if (data.logs.has(name)) continue;
      data.logs.set(name, []);
      data.incarnations.set(name, plan.newId());
    }
    return {
      incarnations: new Map(data.incarnations),
      eras: new Map(Array.from(data.incarnations, ([name, incarnation]) => [name, [{ incarnation, after: 0 }]])),
      cursors: [...data.cursors.values()],
      parked: await this.parkedRows(),
      warnings: [],
    };
  }

  async begin(): Promise<StoreTransaction> {
    const data = this.#use();
    if (this.#transaction !== undefined)
      throw new BanyanError("internal", "A transaction is open; this store has one writer.");
    const owner = {
      data,
      now: this.#now,
      tenants: this.#tenants,
      check: () => void this.#use(),
      ended: () => (this.#transaction = undefined),
    };
    this.#transaction = new MemoryTransaction(owner);
    return this.#transaction;
  }

  async fetch(query: FetchQuery): Promise<Fetched> {
    const data = this.#use();
    const log = data.log(query.source);
    const trimmed = data.trimmed.get(query.source) ?? 0;
    const from = Math.max(query.after, trimmed);
    const types = new Set(query.types);
    const entries: Entry[] = [];
    let left = query.bytes ?? Infinity;
    const end = Math.max(query.after, Math.min(trimmed + log.length, from + SCAN));
    for (const entry of log.slice(from - trimmed, Math.max(0, end - trimmed))) {
      if (!types.has(entry.type)) continue;
      left -= utf8Length(entry.body);
      const before = entries.at(-1);
      if (left < 0 && before !== undefined) return { entries, through: before.position };
      entries.push(entry);
      if (entries.length === query.limit) return { entries, through: entry.position };
    }
    return { entries, through: end };
  }

  async entriesAt(source: string, positions: readonly number[]): Promise<readonly Entry[]> {
    const data = this.#use();
    const log = data.log(source);
    const trimmed = data.trimmed.get(source) ?? 0;
    const sorted = [...new Set(positions)].sort((left, right) => left - right);
    return sorted.flatMap((position) => log[position - 1 - trimmed] ?? []);
  }

  async parkedRows(): Promise<readonly ParkedRow[]> {
    return [...this.#use().parked.values()].sort(byRef).map(withoutEntry);
  }

  async parkedEntry(ref: ParkRef): Promise<ParkRow | undefined> {
    return this.#use().parked.get(parkKey(ref));
  }

  async extent(source: string): Promise<LogExtent> {
    const data = this.#use();
    const last = data.end(source);
    return { first: last === 0 ? 0 : (data.trimmed.get(source) ?? 0) + 1, last };
  }

  async volume({ source, after, types }: VolumeQuery): Promise<LogVolume> {
    const data = this.#use();
    const behind = data.log(source).slice(Math.max(0, after - (data.trimmed.get(source) ?? 0)));
    const wanted = types === undefined ? behind : behind.filter(({ type }) => types.includes(type));
    return { entries: wanted.length, bytes: wanted.reduce((sum, { body }) => sum + utf8Length(body), 0) };
  }

  async actOf(key: string): Promise<ActRecord | undefined> {
    return this.#use().acts.get(key);
  }

  async acts(): Promise<readonly ActExtent[]> {
    const byReader = new Map<string, ActExtent>();
    for (const { subscription, source, outcome } of this.#use().acts.values()) {
      const reader = joinKey(subscription, source);
      const { records, bytes } = byReader.get(reader) ?? { records: 0, bytes: 0 };
      byReader.set(reader, { subscription, source, records: records + 1, bytes: bytes + utf8Length(outcome) });
    }
    const extents = [...byReader.values()];
    return extents.sort((a, b) => compare(a.subscription, b.subscription) || compare(a.source, b.source));
  }

  async scheduled(context: string, limit: number): Promise<readonly Scheduled[]> {
    const all = [...this.#use().scheduled.values()].filter((one) => one.context === context);
    return all.sort((a, b) => a.due - b.due || compare(a.entry.id, b.entry.id)).slice(0, limit);
  }

  async schedules(now: number): Promise<readonly ScheduleExtent[]> {
    const byContext = Map.groupBy(this.#use().scheduled.values(), ({ context }) => context);
    const extents = Array.from(byContext, ([context, all]) => ({
      context,
      entries: all.length,
      overdue: all.filter(({ due }) => due <= now).length,
      first: Math.min(...all.map(({ due }) => due)),
    }));
    return extents.sort((a, b) => compare(a.context, b.context));
  }

  async audits(limit: number): Promise<readonly AuditRecord[]> {
    return this.#use().audits.slice(-limit).toReversed();
  }

  async recall(scope: CommandScope): Promise<CommandRecord | undefined> {
    const record = this.#use().commands.get(commandKey(scope));
    return record !== undefined && record.expires > this.#now() ? record : undefined;
  }

  async session(context: string, tenant?: string): Promise<ReadSession> {
    const data = this.#use();
    data.log(context);
    const view = data.tables;
    view.viewers++;
    const access = (table: string): RowAccess => {
      const rows = view.rows.get(joinKey(context, table)) ?? new Map<string, string>();
      const whole = { get: (key: string) => rows.get(key), all: () => rows, put: undefined };
      return this.#tenants.narrowed({ context, table }, whole, tenant);
    };
    const handle = new MemoryHandle(`a read of ${context}`, access, () => void this.#use());
    let open = true;
    const end = async (): Promise<void> => {
      handle.end();
      if (open) view.viewers--;
      open = false;
    };
    return { raw: handle, end };
  }

  async space(): Promise<undefined> {
    return undefined;
  }

  async close(): Promise<void> {
    await this.#transaction?.rollback();
    this.#closed = true;
  }

  #use(): MemoryData {
    if (this.#data === undefined) throw new BanyanError("internal", "The store is not open.");
    if (this.#closed) throw new BanyanError("draining", "The store is closed.");
    this.#disk.check(this);
    return this.#data;
  }
}

function byRef(left: ParkRef, right: ParkRef): number {
  return (
    compare(left.subscription, right.subscription) ||
    compare(left.source, right.source) ||
    left.position - right.position
  );
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function withoutEntry(row: ParkRow): ParkedRow {
  const { entry, errors, ...rest } = row;
  return { ...rest, bytes: utf8Length(entry.body), failedAt: errors.at(-1)?.at ?? 0 };
}
