import { BanyanError } from "../error/index.ts";
import {
  isInstant,
  type AuditRecord,
  type CommandRecord,
  type CommandScope,
  type Cursor,
  type CursorMove,
  type CursorName,
  type Cut,
  type ActRecord,
  type ActsBelow,
  type NewEntry,
  type OwnCursor,
  type ParkRef,
  type ParkRow,
  type Scheduled,
  type StoreTransaction,
  type UnitHandle,
} from "../ports/index.ts";
import type { MemoryData } from "./memory-data.ts";
import { MemoryHandle, type RowAccess } from "./memory-tables.ts";
import type { TenantTables } from "./memory-tenants.ts";
import { joinKey, Staged } from "./staged.ts";

/** How many records a commit looks at to see whether they have expired. */
const SWEEP = 256;

interface TransactionOwner {
  readonly data: MemoryData;
  readonly now: () => number;
  readonly tenants: TenantTables;
  /** Throws when the store may not be used any more. */
  check(): void;
  ended(): void;
}

/** Everything it does is staged beside the data; `commit` puts all of it in at once, without a pause in between. */
export class MemoryTransaction implements StoreTransaction {
  readonly #owner: TransactionOwner;
  readonly #data: MemoryData;
  readonly #cursors: Staged<Cursor>;
  readonly #parked: Staged<ParkRow>;
  readonly #commands: Staged<CommandRecord>;
  readonly #tables = new Map<string, Staged<string>>();
  readonly #appended = new Map<string, NewEntry[]>();
  readonly #acts: Staged<ActRecord>;
  readonly #scheduled: Staged<Scheduled>;
  readonly #audits: AuditRecord[] = [];
  readonly #trims = new Map<string, number>();
  readonly #handles: MemoryHandle[] = [];
  #open = true;

  constructor(owner: TransactionOwner) {
    this.#owner = owner;
    this.#data = owner.data;
    this.#cursors = new Staged(owner.data.cursors);
    this.#parked = new Staged(owner.data.parked);
    this.#commands = new Staged(owner.data.commands);
    this.#acts = new Staged(owner.data.acts);
    this.#scheduled = new Staged(owner.data.scheduled);
  }

  unit(context: string, name: string, tenant?: string): UnitHandle {
    this.#check();
    this.#data.log(context);
    const { tenants } = this.#owner;
    const handle = new MemoryHandle(
      name,
      (table) => tenants.narrowed({ context, table }, this.#rows(joinKey(context, table)), tenant),
      () => this.#check(),
    );
    this.#handles.push(handle);
    return { raw: handle, activity: () => ({ asked: handle.asked, running: 0 }), end: () => handle.end() };
  }

  async append(context: string, entries: readonly NewEntry[]): Promise<void> {
    this.#check();
    this.#data.log(context);
    this.#appended.set(context, [...(this.#appended.get(context) ?? []), ...entries]);
  }

  async claim(name: CursorName, from: "start" | "now"): Promise<Cursor> {
    this.#check();
    const { subscription, source, lane } = name;
    const key = cursorKey(name);
    const found = this.#cursors.get(key);
    const pos = from === "start" ? 0 : this.#data.end(source) + (this.#appended.get(source)?.length ?? 0);
    const cursor = found ?? {
      subscription,
      firstName: subscription,
      source,
      lane,
      pos,
      open: [],
      incarnation: this.#data.incarnation(source),
      fence: 0,
    };
    const claimed = { ...cursor, fence: cursor.fence + 1 };
    this.#cursors.set(key, claimed);
    return claimed;
  }

  async settle(move: CursorMove): Promise<boolean> {
    this.#check();
    const key = cursorKey(move);
    const cursor = this.#cursors.get(key);
    if (cursor?.fence !== move.fence) return false;
    this.#cursors.set(key, { ...cursor, pos: move.pos, open: [...move.open] });
    return true;
  }

  async rewind(of: OwnCursor): Promise<Cursor | undefined> {
    this.#check();
    const { subscription, source, fence } = of;
    const key = cursorKey(of);
    const cursor = this.#cursors.get(key);
    if (cursor?.fence !== fence) return undefined;
    if ((this.#data.trimmed.get(source) ?? 0) + (this.#trims.get(source) ?? 0) > 0)
      throw new BanyanError("log-trimmed", `The log of "${source}" does not begin with its first entry any more.`);
    for (const row of this.#parkedOf(subscription)) if (row.source === source) this.#parked.delete(parkKey(row));
    const rewound = { ...cursor, pos: 0, open: [], fence: fence + 1 };
    this.#cursors.set(key, rewound);
    return rewound;
  }

  async rename(subscription: string, to: string): Promise<void> {
    this.#check();
    const cursors = [...this.#cursors.all().values()];
    const moved = cursors.filter((one) => one.subscription === subscription);
    if (moved.length > 0 && cursors.some((one) => one.subscription === to))
      throw new BanyanError("statement-failed", `"${subscription}" cannot become "${to}", which has a cursor.`);
    for (const cursor of moved) {
      this.#cursors.delete(cursorKey(cursor));
      this.#cursors.set(cursorKey({ ...cursor, subscription: to }), { ...cursor, subscription: to });
    }
    for (const row of this.#parkedOf(subscription)) {
      this.#parked.delete(parkKey(row));
      this.#parked.set(parkKey({ ...row, subscription: to }), { ...row, subscription: to });
    }
  }

  async forget(subscription: string): Promise<number> {
    this.#check();
    const cursors = [...this.#cursors.all().values()].filter((cursor) => cursor.subscription === subscription);
    const firstNames = new Set(cursors.map(({ firstName }) => firstName));
    for (const act of this.#acts.all().values()) if (firstNames.has(act.subscription)) this.#acts.delete(act.key);
    for (const cursor of cursors) this.#cursors.delete(cursorKey(cursor));
    const rows = this.#parkedOf(subscription);
    for (const row of rows) this.#parked.delete(parkKey(row));
    return rows.length;
  }

  #parkedOf(subscription: string): readonly ParkRow[] {
    return [...this.#parked.all().values()].filter((row) => row.subscription === subscription);
  }

  async park(row: ParkRow): Promise<void> {
    this.#check();
    assertInstant(row.due);
    this.#parked.set(parkKey(row), row);
  }

  async unpark(ref: ParkRef): Promise<void> {
    this.#check();
    this.#parked.delete(parkKey(ref));
  }

  async remember(record: CommandRecord): Promise<boolean> {
    this.#check();
    const key = commandKey(record);
    const found = this.#commands.get(key);
    if (found !== undefined && found.expires > this.#owner.now()) return false;
    this.#commands.set(key, record);
    return true;
  }

  async forgetRefusal(scope: CommandScope): Promise<void> {
    this.#check();
    const key = commandKey(scope);
    if (this.#commands.get(key)?.outcome === "error") this.#commands.delete(key);
  }

  async schedule(one: Scheduled): Promise<void> {
    this.#check();
    this.#data.log(one.context);
    assertInstant(one.due);
    this.#scheduled.set(joinKey(one.context, one.entry.id), one);
  }

  async unschedule({ context, entry }: Scheduled): Promise<boolean> {
    this.#check();
    const key = joinKey(context, entry.id);
    const found = this.#scheduled.get(key) !== undefined;
    this.#scheduled.delete(key);
    return found;
  }

  async recordAct(record: ActRecord): Promise<void> {
    this.#check();
    this.#acts.set(record.key, record);
  }

  async forgetActs(of: ActsBelow, { olderThan, limit }: Cut): Promise<number> {
    this.#check();
    const { subscription, parkedAs, source, below } = of;
    const isParked = (one: ActRecord): boolean =>
      this.#parked.get(parkKey({ ...one, subscription: parkedAs })) !== undefined;
    const gone = [...this.#acts.all().values()]
      .filter((one) => one.subscription === subscription && one.source === source && one.position < below)
      .filter((one) => one.at < olderThan && !isParked(one))
      .toSorted((left, right) => left.position - right.position)
      .slice(0, limit);
    for (const { key } of gone) this.#acts.delete(key);
    return gone.length;
  }

  async trim(source: string, through: number, { olderThan, limit }: Cut): Promise<number> {
    this.#check();
    const from = this.#trims.get(source) ?? 0;
    const rest = this.#data.log(source).slice(from, from + limit);
    const kept = rest.findIndex(({ position, at }) => position > through || at >= olderThan);
    const count = kept === -1 ? rest.length : kept;
    this.#trims.set(source, from + count);
    return count;
  }

  async audit(record: AuditRecord): Promise<void> {
    this.#check();
    this.#audits.push(record);
  }

  async commit(): Promise<void> {
    this.#check();
    this.#cursors.apply();
    this.#parked.apply();
    if (this.#commands.apply() > 0) this.#sweepCommands();
    this.#acts.apply();
    this.#scheduled.apply();
    this.#data.audits.push(...this.#audits);
    this.#applyTables();
    for (const [context, count] of this.#trims) {
      this.#data.log(context).splice(0, count);
      this.#data.trimmed.set(context, (this.#data.trimmed.get(context) ?? 0) + count);
    }
    for (const [context, entries] of this.#appended) {
      const log = this.#data.log(context);
      for (const entry of entries) log.push({ ...entry, source: context, position: this.#data.end(context) + 1 });
    }
    this.#end();
  }

  async rollback(): Promise<void> {
    this.#end();
  }

  /** They lie in the order in which they came; more are looked at than came in. */
  #sweepCommands(): void {
    const { commands } = this.#data;
    for (const [key, { expires }] of commands.entries().take(SWEEP))
      if (expires <= this.#owner.now()) commands.delete(key);
  }

  #applyTables(): void {
    if (this.#tables.size === 0) return;
    const rows = this.#data.tablesToChange(this.#tables.keys());
    for (const [name, staged] of this.#tables) staged.apply(rows.get(name));
  }

  #rows(name: string): RowAccess {
    const staged = this.#tables.get(name);
    const committed = this.#data.tables.rows.get(name) ?? new Map<string, string>();
    return {
      get: (key) => (staged === undefined ? committed.get(key) : staged.get(key)),
      all: () => (staged === undefined ? new Map(committed) : staged.all()),
      put: (key, value) => this.#put(name, key, value),
    };
  }

  #put(name: string, key: string, value: string | undefined): void {
    const staged = this.#tables.get(name) ?? new Staged(this.#data.tables.rows.get(name) ?? new Map());
    this.#tables.set(name, staged);
    if (value === undefined) staged.delete(key);
    else staged.set(key, value);
  }

  #check(): void {
    this.#owner.check();
    if (!this.#open) throw new BanyanError("handle-dead", "A transaction was used after it had ended.");
  }

  #end(): void {
    if (!this.#open) return;
    this.#open = false;
    for (const handle of this.#handles) handle.end();
    this.#owner.ended();
  }
}

function cursorKey({ subscription, source, lane }: CursorName): string {
  return joinKey(subscription, source, lane);
}

export function parkKey({ subscription, source, position }: ParkRef): string {
  return joinKey(subscription, source, position);
}

export function commandKey({ tenant, principal, operation, key }: CommandScope): string {
  return joinKey(tenant, principal, operation, key);
}

function assertInstant(due: number): void {
  if (!isInstant(due)) throw new BanyanError("internal", `${String(due)} is no time that a row can hold.`);
}
