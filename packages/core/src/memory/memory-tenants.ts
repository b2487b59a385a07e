import { BanyanError } from "../error/index.ts";
import { EVERY_TENANT, type StorePlan } from "../ports/index.ts";
import type { RowAccess } from "./memory-tables.ts";

/** Which tables of which context hold rows of tenants. Their rows are kept under `tenant/key`; no tenant's name has a slash. */
export class TenantTables {
  readonly #of: ReadonlyMap<string, ReadonlySet<string>>;

  constructor({ contexts }: Pick<StorePlan, "contexts">) {
    this.#of = new Map(contexts.map(({ name, tenantTables = [] }) => [name, new Set(tenantTables)]));
  }

  /** What of the rows of a table somebody may reach who works for this tenant. */
  narrowed(where: { readonly context: string; readonly table: string }, rows: RowAccess, tenant?: string): RowAccess {
    const { context, table } = where;
    if (tenant === EVERY_TENANT || this.#of.get(context)?.has(table) !== true) return rows;
    if (tenant !== undefined) return rowsOfTenant(rows, `${tenant}/`);
    throw new BanyanError("tenant-guarded", `The table "${table}" of "${context}" was used for no tenant.`);
  }
}

function rowsOfTenant(rows: RowAccess, prefix: string): RowAccess {
  const { put } = rows;
  const own = ([key]: readonly [string, string]): boolean => key.startsWith(prefix);
  return {
    get: (key) => rows.get(prefix + key),
    all: () => new Map([...rows.all()].filter(own).map(([key, value]) => [key.slice(prefix.length), value])),
    put: put && ((key, value) => put(prefix + key, value)),
  };
}
