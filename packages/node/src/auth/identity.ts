import {
  BanyanError,
  CONTEXT_ROLE,
  isBanyanError,
  isTenantName,
  type Authenticator,
  type Door,
  type Principal,
} from "@banyan/core";

/** Ids of the runtime's own begin with these, and no caller's ever does. */
const RESERVED = ["banyan", "context", "guest", "operator", "seed", "webhook"];
const PREFIX = /^[a-z][a-z0-9-]{0,31}$/;
const SUBJECT = /^[^\p{C}\p{Z}]{1,200}$/u;
const ROLE = /^[^\p{C}]{1,64}$/u;

export type Tenants = readonly string[] | "*";

/** What is wrong with a prefix, or undefined. */
export function prefixProblem(prefix: string): string | undefined {
  if (!PREFIX.test(prefix)) return `\`prefix\` is "${prefix}": use lower-case letters, digits and hyphens.`;
  return RESERVED.includes(prefix) ? `\`prefix\` is "${prefix}", which is the runtime's own.` : undefined;
}

/** Who is not to be taken for anybody else; undefined where something of it is not what it has to be. */
export function principalOf(
  prefix: string,
  subject: unknown,
  { roles, tenants }: { readonly roles: readonly string[]; readonly tenants?: Tenants | undefined },
): Principal | undefined {
  if (typeof subject !== "string" || !SUBJECT.test(subject)) return undefined;
  if (!areRoles(roles) || !areTenants(tenants)) return undefined;
  const own = roles.filter((role) => role !== CONTEXT_ROLE);
  return { id: `${prefix}:${subject}`, roles: own, ...(tenants === undefined ? {} : { tenants }) };
}

/** Whether these are names of roles: they may come from a claim, whatever its type says. */
export function areRoles(roles: unknown): roles is readonly string[] {
  return Array.isArray(roles) && roles.length <= 100 && roles.every((one) => typeof one === "string" && ROLE.test(one));
}

export function areTenants(tenants: unknown): tenants is Tenants | undefined {
  if (tenants === undefined || tenants === "*") return true;
  if (!Array.isArray(tenants) || tenants.length > 1_000) return false;
  return tenants.every((one) => typeof one === "string" && isTenantName(one));
}

/** All that is wrong with how somebody is to be recognised, said at once. */
export function refuseConfiguration(what: string, problems: readonly (string | undefined)[]): void {
  const found = problems.filter((problem) => problem !== undefined);
  if (found.length === 0) return;
  const list = found.map((problem) => `\n- ${problem}`).join("");
  throw new BanyanError("config-invalid", `${what} cannot be used as written:${list}`, { remedy: REMEDY });
}

/** Opens all of them, so that everything that is wrong with any is said at once. */
export function openAll(auth: readonly Authenticator[], door: Door): void {
  const problems: string[] = [...sharedPrefixes(auth)];
  for (const one of auth) {
    try {
      one.open(door);
    } catch (error) {
      if (!isBanyanError(error) || error.code !== "config-invalid") throw error;
      problems.push(error.message);
    }
  }
  if (problems.length > 0) throw new BanyanError("config-invalid", problems.join("\n"), { remedy: REMEDY });
}

const REMEDY = "Correct each of them; the how-tos on authentication and on webhooks have examples.";

/** No two authenticators give the same id, and none gives one of the runtime's, whoever wrote it. */
function sharedPrefixes(auth: readonly Authenticator[]): readonly string[] {
  const seen = new Map<string, Authenticator>();
  return auth.flatMap((one) => {
    const { prefix, shared = false } = one;
    const earlier = seen.get(prefix);
    seen.set(prefix, one);
    if (earlier === undefined || shared || earlier.shared === true) {
      const problem = prefixProblem(prefix);
      return problem === undefined ? [] : [`\`auth\`: ${problem}`];
    }
    return [`\`auth\`: two authenticators name their principals \`${prefix}:…\`: give one of them another \`prefix\`.`];
  });
}
