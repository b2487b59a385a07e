import { BanyanError, EVERY_TENANT, type Principal } from "@banyan/core";

const OPERATOR_ROLE = "operator";

/** Whether a principal operates the process: it has the role, and is of every tenant, since operations see what all of them have. */
export function isOperator({ roles, tenants }: Principal): boolean {
  return roles.includes(OPERATOR_ROLE) && tenants === EVERY_TENANT;
}

/** Throws `not-allowed`, or `tenant-foreign` for an operator of some tenants only. */
export function assertOperator(principal: Principal): void {
  if (isOperator(principal)) return;
  const { id, roles } = principal;
  if (!roles.includes(OPERATOR_ROLE))
    throw new BanyanError("not-allowed", `"${id}" may not operate this process.`, {
      remedy: `Ask with the token of a principal that has the role "${OPERATOR_ROLE}".`,
    });
  throw new BanyanError("tenant-foreign", `"${id}" is not of every tenant, and operations reach across them.`, {
    remedy: 'Ask with the token of an operator whose `tenants` are "*".',
  });
}
