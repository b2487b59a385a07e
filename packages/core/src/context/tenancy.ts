import { BanyanError } from "../error/index.ts";
import { DEFAULT_TENANT, EVERY_TENANT, type Principal } from "../ports/index.ts";

/** The request header by which a caller that is of several tenants says for which it asks. */
export const TENANT_HEADER = "x-banyan-tenant";

/** Which tables of a context hold rows of tenants. */
export interface TenantOptions {
  /**
   * Tables with a column `tenant`. A body or a read reaches the rows of its own tenant in them and no others, whatever it asks for; the
   * store sees to it.
   */
  readonly tables: readonly string[];
}

/** Whether a body and its reads reach the rows of every tenant instead of those of the request or event. */
export interface Crossing {
  /** On purpose, and listed in the manifest: of operations it needs a principal of every tenant. */
  readonly tenants?: "*" | undefined;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** 1 to 64 letters, digits, `.`, `_` and `-`, the first a letter or digit. Upper and lower case are different tenants. */
export function isTenantName(name: string): boolean {
  return NAME.test(name);
}

/** Whether a principal may ask for this tenant. One that says nothing of tenants is of the default one only. */
export function isOfTenant({ tenants = [DEFAULT_TENANT] }: Principal, tenant: string): boolean {
  return tenants === EVERY_TENANT || tenants.includes(tenant);
}

/**
 * For which tenant a request is made: the one it chooses, or the only one of its principal. A principal of every tenant that chooses none
 * asks for the default one. Doors call it before anything else looks at the request.
 */
export function tenantOf(principal: Principal, chosen?: string): string {
  const tenant = chosen ?? onlyTenantOf(principal);
  assertTenant(principal, tenant);
  return tenant;
}

/** Throws where the name is none, or the principal is not of that tenant. */
export function assertTenant(principal: Principal, tenant: string): void {
  if (!isTenantName(tenant)) throw new BanyanError("tenant-invalid", "The name of the tenant is not valid.");
  if (isOfTenant(principal, tenant)) return;
  throw new BanyanError("tenant-foreign", `"${principal.id}" is not of the tenant "${tenant}".`);
}

/** Whose rows a body reaches that works for this tenant. */
export function rowsOf({ tenants }: Crossing, tenant: string): string {
  return tenants === EVERY_TENANT ? EVERY_TENANT : tenant;
}

/** Throws where an operation reaches across tenants and the principal does not. */
export function assertMayCross({ tenants }: Crossing, principal: Principal): void {
  if (tenants !== EVERY_TENANT || principal.tenants === EVERY_TENANT) return;
  throw new BanyanError("tenant-foreign", `"${principal.id}" is not of every tenant, and this reaches across them.`);
}

function onlyTenantOf({ id, tenants = [DEFAULT_TENANT] }: Principal): string {
  if (tenants === EVERY_TENANT) return DEFAULT_TENANT;
  const [only, another] = tenants;
  if (only !== undefined && another === undefined) return only;
  if (only === undefined) throw new BanyanError("tenant-foreign", `"${id}" is of no tenant.`);
  throw new BanyanError("tenant-missing", `"${id}" is of several tenants, and the request chooses none.`);
}
