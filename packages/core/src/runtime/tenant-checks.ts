import { prefixOf, type ContextDefinition } from "../context/index.ts";
import { violation, type Violation } from "../error/index.ts";
import { EVERY_TENANT, type StoreFeatures } from "../ports/index.ts";

/** What is wrong with what a context says of tenants. Whether its tables are fit for it the store finds, once it has them. */
export function checkTenants(context: ContextDefinition, store: StoreFeatures): readonly Violation[] {
  return [...checkTables(context, store), ...checkCrossing(context)];
}

function checkTables({ name, at, handle, tenantTables }: ContextDefinition, store: StoreFeatures): Violation[] {
  if (tenantTables.length === 0) return [];
  if (!store.tenants)
    return [
      violation(
        "tenants-unsupported",
        at,
        `"${name}" has tables of tenants; the store "${store.name}" does not keep their rows apart.`,
      ),
    ];
  if (handle.kind === "tables") return [];
  const prefix = prefixOf(name);
  const foreign = tenantTables.filter((table) => !isTableOf(prefix, table));
  return foreign.map((table) =>
    violation(
      "tenant-table-invalid",
      at,
      `"${name}" guards "${table}", which is not a table of its own: "${prefix}…".`,
    ),
  );
}

function isTableOf(prefix: string, table: unknown): boolean {
  return typeof table === "string" && table.length > prefix.length && table.startsWith(prefix) && /^\w+$/.test(table);
}

function checkCrossing(context: ContextDefinition): Violation[] {
  const bodies = [
    ...[...context.commands, ...context.queries].map(({ contract, at, tenants }) => ({
      name: String(contract?.name),
      at,
      tenants,
    })),
    ...context.subscriptions.map(({ name, at, tenants }) => ({ name: `${context.name}.${name}`, at, tenants })),
  ];
  const wrong = bodies.filter(({ tenants }) => tenants !== undefined && tenants !== EVERY_TENANT);
  return wrong.map(({ name, at, tenants }) =>
    violation("tenants-invalid", at, `"${name}" says \`tenants: ${JSON.stringify(tenants)}\`.`),
  );
}
