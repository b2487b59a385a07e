import { isBanyanError, type Principal, type Secret, type SignedPolicy } from "@banyan/core";
import { boundedDuration, type BoundedDuration } from "../auth/bounded-duration.ts";
import { areRoles, principalOf, refuseConfiguration, type Tenants } from "../auth/identity.ts";
import { plainText } from "../auth/plain-text.ts";
import type { Scheme, Verify } from "./signature.ts";

export interface SignedOptions<Values> {
  readonly scheme: Scheme;
  /** All are accepted: while one takes the place of another, list both. */
  readonly secrets: (environment: { readonly settings: Values }) => readonly (Secret | string | undefined)[];
  /** What commands may ask for in their `allow`: `roles("payment-provider")`. */
  readonly roles?: readonly string[];
  /** Default: the default tenant only. With `"*"` each call says for which it is. */
  readonly tenants?: Tenants;
  /** How far the time of a signature may be from now, either way. Default "5m"; "1s" to "1h". */
  readonly tolerance?: string;
  /** How long what a delivery did is remembered under its id. Default "30d", which is longer than senders repeat; "1d" at least. */
  readonly keep?: string;
}

/** A policy: open to whoever signs with one of the secrets. */
export interface Signed<Values> extends SignedPolicy {
  readonly scheme: Scheme;
  readonly secrets: SignedOptions<Values>["secrets"];
  readonly principal: Principal | undefined;
  readonly tolerance: BoundedDuration;
  readonly keep: BoundedDuration;
}

/** What stands before `:` in the ids of those who sign. No authenticator has it. */
export const WEBHOOK = "webhook";

/**
 * `allow: signed("payments", { scheme: standardWebhooks(), secrets: ({ settings }) => [settings.hookSecret] })`. The body of the route runs
 * once the bytes are verified, as `webhook:payments`; commands that it calls are executed once per delivery, however often that is repeated.
 */
export function signed<Values = unknown>(by: string, options: SignedOptions<Values>): Signed<Values> {
  const { scheme, secrets, roles = [], tenants, tolerance = "5m", keep = "30d" } = options;
  return {
    policy: "signed",
    by,
    roles,
    scheme,
    secrets,
    principal: principalOf(WEBHOOK, by, { roles, tenants }),
    tolerance: boundedDuration("tolerance", tolerance, { least: "1s", most: "1h" }),
    // longer than a signature is accepted, whatever the tolerance
    keep: boundedDuration("keep", keep, { least: "1d", most: "3650d" }),
  };
}

/** What verifies with the secrets of a start. Throws `config-invalid` with everything that is wrong, with the policy and with its scheme. */
export function openedWith(policy: Signed<unknown>, settings: unknown): Verify {
  const { by, roles, principal, scheme, secrets, tolerance, keep } = policy;
  const { tenants } = principal ?? {};
  const given = secrets({ settings }).filter((secret) => secret !== undefined);
  const found = given.map((secret) => plainText(secret));
  const opened = openedScheme(scheme, found);
  refuseConfiguration(`\`signed("${by}")\``, [
    /^[a-z][a-z0-9-]{0,62}$/.test(by) ? undefined : "Its name is not of lower-case letters, digits and hyphens.",
    areRoles(roles) && principal !== undefined ? undefined : "Its `roles` or `tenants` are not lists of names.",
    found.length > 0 ? undefined : "It has no secret: `secrets` answers an empty list.",
    found.every((secret) => secret.length >= 16) ? undefined : "A secret of it has fewer than 16 characters.",
    tolerance.problem,
    keep.problem,
    !Array.isArray(tenants) || tenants.length === 1 ? undefined : 'Its `tenants` are neither one nor "*".',
    typeof opened === "string" ? opened : undefined,
  ]);
  return opened as Verify;
}

/** What verifies, or why nothing can. */
function openedScheme(scheme: Scheme, secrets: readonly string[]): Verify | string {
  const none = "Its `scheme` is none: write `standardWebhooks()`, for example.";
  if (typeof scheme !== "function") return none;
  try {
    const verify: unknown = scheme(secrets);
    return typeof verify === "function" ? (verify as Verify) : none;
  } catch (error) {
    if (isBanyanError(error) && error.code === "config-invalid") return `${error.message} ${error.remedy}`;
    // never its words: it was given the secrets
    return "Its `scheme` throws when it is given the secrets.";
  }
}
