import { constants, type DatabaseSync } from "node:sqlite";
import { Refusal, type RefusalCode } from "./refusal.ts";
import { EVERY_TENANT, GUARD_NAMES } from "./tenant-guard.ts";
import type { Guarded } from "./tenant-sql.ts";

/** What the statements of a context may do: a body writes rows, a read nothing, a migration the schema. */
export interface Policy {
  readonly context: string;
  /** `orders_`; every table, view, index and trigger of the context starts with it. */
  readonly prefix: string;
  readonly may: "write" | "read" | "migrate";
  /** What of it holds rows of tenants; migrations have none. */
  readonly guarded?: Guarded | undefined;
}

/** What SQLite asks about: its action code and names, as in https://sqlite.org/c3ref/c_alter_table.html. */
export interface Action {
  readonly code: number;
  readonly first: string | null;
  readonly second: string | null;
  readonly database: string | null;
  /** The innermost view, trigger or part of the statement that asks. */
  readonly within: string | null;
}

export interface Denial {
  readonly code: RefusalCode;
  readonly message: string;
}

const SCHEMA_CHANGES_BY_NAME: ReadonlySet<number> = new Set([
  constants.SQLITE_CREATE_TABLE,
  constants.SQLITE_DROP_TABLE,
  constants.SQLITE_CREATE_VIEW,
  constants.SQLITE_DROP_VIEW,
  constants.SQLITE_CREATE_VTABLE,
  constants.SQLITE_DROP_VTABLE,
  constants.SQLITE_ANALYZE,
  constants.SQLITE_REINDEX,
]);
/** Their second name is the table they are on. */
const SCHEMA_CHANGES_ON_A_TABLE: ReadonlySet<number> = new Set([
  constants.SQLITE_CREATE_INDEX,
  constants.SQLITE_DROP_INDEX,
  constants.SQLITE_CREATE_TRIGGER,
  constants.SQLITE_DROP_TRIGGER,
]);
/** They answer questions about a table, or hold until the end of the transaction only. */
const PRAGMAS: ReadonlySet<string> = new Set([
  "data_version",
  "defer_foreign_keys",
  "foreign_key_list",
  "index_info",
  "index_list",
  "index_xinfo",
  "table_info",
  "table_list",
  "table_xinfo",
]);

/** What some builds of SQLite have that shows rows of any table: pages, and samples of indexes. */
const COPIES: ReadonlySet<string> = new Set(["sqlite_dbpage", "sqlite_stat3", "sqlite_stat4"]);

/** ALTER TABLE … ADD COLUMN asks for it, to see that what is there is allowed in the column. */
const CHECKED_BY_ALTER = "quick_check";

/**
 * Why whoever works for one tenant may not read this: tables of tenants are reached by their guard only, and the runtime's hold what is of
 * all tenants. The statement itself, `direct`, may name the table it writes to, and the database looks at it for foreign keys.
 */
export function judgeTenants(
  { guarded }: Policy,
  { first, database, within }: Action,
  direct: boolean,
): Denial | undefined {
  const table = (first ?? "").toLowerCase();
  if (guarded === undefined || database !== "main") return undefined;
  if (isRuntime(table))
    return { code: "tenant-guarded", message: `reads "${table}", which has what is of all tenants` };
  if (!guarded.tables.has(table) || (direct && within === null)) return undefined;
  if (within !== null && (within.toLowerCase() === table || within.startsWith(GUARD_NAMES))) return undefined;
  return { code: "tenant-guarded", message: `reads "${table}" past the guard of its rows` };
}

/** Why `policy` does not allow this, or undefined. `known` are the tables and views of the database, in lower case. */
export function judge(policy: Policy, known: ReadonlySet<string>, action: Action): Denial | undefined {
  const { code, first, second } = action;
  switch (code) {
    case constants.SQLITE_SELECT:
    case constants.SQLITE_FUNCTION:
    case constants.SQLITE_RECURSIVE:
      return undefined;
    case constants.SQLITE_READ:
      return judgeRead(policy, known, action);
    case constants.SQLITE_INSERT:
    case constants.SQLITE_UPDATE:
    case constants.SQLITE_DELETE:
      return judgeWrite(policy, first ?? "");
    case constants.SQLITE_TRANSACTION:
    case constants.SQLITE_SAVEPOINT:
      return { code: "transaction-statement", message: "begins, commits or rolls back; the body is the transaction" };
    case constants.SQLITE_PRAGMA:
      return PRAGMAS.has(first ?? "") || (policy.may === "migrate" && first === CHECKED_BY_ALTER)
        ? undefined
        : { code: "statement-failed", message: `uses PRAGMA ${first}, which is the runtime's` };
    case constants.SQLITE_ALTER_TABLE:
      return judgeSchema(policy, [second ?? ""]);
    default:
      if (SCHEMA_CHANGES_BY_NAME.has(code)) return judgeSchema(policy, [first ?? ""]);
      if (SCHEMA_CHANGES_ON_A_TABLE.has(code)) return judgeSchema(policy, [first ?? "", second ?? ""]);
      return {
        code: "statement-failed",
        message: "attaches a database or makes something temporary, which no transaction keeps",
      };
  }
}

function judgeRead(policy: Policy, known: ReadonlySet<string>, action: Action): Denial | undefined {
  const table = action.first ?? "";
  // names the schema does not have belong to the statement itself (WITH) or to functions (json_each)
  const name = table.toLowerCase();
  if (COPIES.has(name)) return foreign(policy, "reads", table);
  if (isOwn(policy, name) || isRuntime(name) || isSqlite(name) || !known.has(name)) return undefined;
  return foreign(policy, "reads", table);
}

function judgeWrite(policy: Policy, table: string): Denial | undefined {
  if (policy.may === "read") return { code: "not-in-unit", message: `writes "${table}"; a read writes nothing` };
  if (isOwn(policy, table)) return undefined;
  // the schema itself is written by CREATE, ALTER and DROP; writing it by hand is refused by SQLite (`defensive`)
  if (!isSqlite(table)) return foreign(policy, "writes", table);
  return policy.may === "migrate" ? undefined : schemaDenial();
}

function judgeSchema(policy: Policy, names: readonly string[]): Denial | undefined {
  if (policy.may !== "migrate") return schemaDenial();
  const other = names.find(
    (name) => !isOwn(policy, name) && !name.startsWith("sqlite_autoindex_") && name !== "sqlite_stat1",
  );
  return other === undefined ? undefined : foreign(policy, "changes", other);
}

function schemaDenial(): Denial {
  return { code: "statement-failed", message: "changes the schema; that belongs in a migration" };
}

function foreign({ context, prefix }: Policy, verb: string, name: string): Denial {
  const whose = isRuntime(name) ? "which belongs to the runtime" : `which does not start with "${prefix}"`;
  return { code: "table-foreign", message: `${verb} "${name}", ${whose}; tables of "${context}" do` };
}

function isOwn({ prefix }: Policy, name: string): boolean {
  return name.toLowerCase().startsWith(prefix);
}

function isSqlite(name: string): boolean {
  return name.toLowerCase().startsWith("sqlite_");
}

function isRuntime(name: string): boolean {
  return name.toLowerCase().startsWith("banyan_");
}

/**
 * The one authorizer of a connection. Setting another would make SQLite prepare every statement again, so it is set once and asks
 * who is at work; with nobody set, the runtime itself is.
 */
export class Guard {
  /** Whose rows statements reach; `*` for all. */
  tenant: string | undefined;
  /** Whether the statement may reach tables of tenants itself. */
  direct = true;
  #policy: Policy | undefined;
  #denial: Denial | undefined;
  #known: ReadonlySet<string> = new Set();
  /** What the statement prepared last does to rows of its context. */
  #inserts = false;
  #writes = false;

  constructor(db: DatabaseSync) {
    db.setAuthorizer((code, ...[first, second, database, within]) =>
      this.#ask({ code, first, second, database, within }),
    );
    db.function("banyan_tenant", { deterministic: true }, () => this.#one());
    db.function("banyan_foreign", (tenant) => (this.tenant === EVERY_TENANT || this.#isOwn(tenant) ? 0 : 1));
  }

  /** Looks again which tables there are: after the schema has changed. */
  learn(db: DatabaseSync): void {
    const rows = db.prepare("SELECT lower(name) AS name FROM sqlite_schema WHERE type IN ('table', 'view')").all();
    this.#known = new Set(rows.map(({ name }) => String(name)));
  }

  /** Runs `work` with the rights of `policy`; what is denied is thrown as a refusal. */
  under<T>(policy: Policy, work: () => T): T {
    this.#policy = policy;
    this.#denial = undefined;
    try {
      return work();
    } catch (error) {
      const denial = this.#denial as Denial | undefined;
      throw denial === undefined ? error : new Refusal(denial.code, denial.message);
    } finally {
      this.#policy = undefined;
    }
  }

  /** Prepares something and says whether it writes rows, and inserts them. */
  watch<T>(prepare: () => T): { readonly prepared: T; readonly writes: boolean; readonly inserts: boolean } {
    this.#writes = this.#inserts = false;
    const prepared = prepare();
    return { prepared, writes: this.#writes, inserts: this.#inserts };
  }

  /** The tenant at work. Asked by the guard of tables, and by `DEFAULT (banyan_tenant())`. */
  #one(): string {
    if (this.tenant !== undefined && this.tenant !== EVERY_TENANT) return this.tenant;
    const whom = this.tenant === undefined ? "for no tenant" : "across tenants, and does not say which one it means";
    throw this.#deny({ code: "tenant-guarded", message: `works ${whom}` });
  }

  #isOwn(tenant: unknown): boolean {
    if (tenant === this.#one()) return true;
    this.#deny({ code: "tenant-guarded", message: `writes a row of another tenant than "${this.tenant}"` });
    return false;
  }

  #deny(denial: Denial): Refusal {
    this.#denial = denial;
    return new Refusal(denial.code, denial.message);
  }

  #ask(action: Action): number {
    if (this.#policy === undefined) return constants.SQLITE_OK;
    const denial = judge(this.#policy, this.#known, action) ?? this.#judgeTenants(this.#policy, action);
    if (denial !== undefined) {
      this.#denial = denial;
      return constants.SQLITE_DENY;
    }
    const { code } = action;
    const { SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE } = constants;
    if (code === SQLITE_INSERT) this.#inserts = true;
    if (code === SQLITE_INSERT || code === SQLITE_UPDATE || code === SQLITE_DELETE) this.#writes = true;
    return constants.SQLITE_OK;
  }

  #judgeTenants(policy: Policy, action: Action): Denial | undefined {
    if (action.code !== constants.SQLITE_READ || this.tenant === EVERY_TENANT) return undefined;
    return judgeTenants(policy, action, this.direct);
  }
}
