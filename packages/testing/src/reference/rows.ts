import { prefixOf, type HandleKind, type Migration, type RawHandle } from "@banyan/core";

/** Rows of a context by kind and id: the same handlers run on SQL and on the memory store's tables. */
export interface Rows {
  get<Row>(kind: string, id: string): Promise<Row | undefined>;
  put(kind: string, id: string, row: object): Promise<void>;
  all<Row>(kind: string): Promise<readonly Row[]>;
  clear(kind: string): Promise<void>;
}

export function rows(kind: RawHandle["kind"], context: string): HandleKind<Rows> {
  return {
    kind,
    bind: (raw) => (raw.kind === "sql" ? sqlRows(raw, `${prefixOf(context)}row`) : tableRows(raw, prefixOf(context))),
  };
}

export function rowMigrations(kind: RawHandle["kind"], context: string): readonly Migration[] {
  if (kind === "tables") return [];
  const table = `${prefixOf(context)}row`;
  return [
    {
      name: "001-rows.sql",
      sql: `CREATE TABLE ${table} (kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, PRIMARY KEY (kind, id)) STRICT;`,
    },
  ];
}

function sqlRows(raw: Extract<RawHandle, { kind: "sql" }>, table: string): Rows {
  const parsed = <Row>(row: Record<string, unknown>): Row => JSON.parse(row["body"] as string) as Row;
  return {
    get: async <Row>(kind: string, id: string) => {
      const found = await raw.execute(`SELECT body FROM ${table} WHERE kind = ? AND id = ?`, [kind, id]);
      return found.rows[0] === undefined ? undefined : parsed<Row>(found.rows[0]);
    },
    put: async (kind, id, row) => {
      const sql = `INSERT INTO ${table} (kind, id, body) VALUES (?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body`;
      await raw.execute(sql, [kind, id, JSON.stringify(row)]);
    },
    all: async <Row>(kind: string) =>
      (await raw.execute(`SELECT body FROM ${table} WHERE kind = ? ORDER BY id LIMIT 1000`, [kind])).rows.map(
        parsed<Row>,
      ),
    clear: async (kind) => void (await raw.execute(`DELETE FROM ${table} WHERE kind = ?`, [kind])),
  };
}

function tableRows(raw: Extract<RawHandle, { kind: "tables" }>, prefix: string): Rows {
  return {
    get: (kind, id) => raw.table(`${prefix}${kind}`).get(id) as never,
    put: (kind, id, row) => raw.table(`${prefix}${kind}`).set(id, row),
    all: async (kind) => (await raw.table(`${prefix}${kind}`).entries()).map(([, row]) => row) as never,
    clear: async (kind) => {
      const table = raw.table(`${prefix}${kind}`);
      for (const [id] of await table.entries()) await table.delete(id);
    },
  };
}
