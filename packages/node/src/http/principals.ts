import { timingSafeEqual } from "node:crypto";
import {
  BanyanError,
  CONTEXT_ROLE,
  isBanyanError,
  rolesOf,
  type App,
  type Authenticator,
  type Credentials,
  type Door,
  type Principal,
} from "@banyan/core";
import { bearerOf, invalidToken } from "../auth/bearer.ts";
import { openAll } from "../auth/identity.ts";
import type { Visit } from "./visits.ts";

/** Who asks, by what came with a request. Throws `token-invalid` and its like; with nothing of the kind it is a guest. */
export type Principals = (
  credentials: Credentials,
  visit: Pick<Visit, "judge" | "refused">,
) => Principal | Promise<Principal>;

/** Everybody without a token is the same guest. */
const GUEST: Principal = { id: "guest", roles: [] };

/** The id of whoever has the development token. No authenticator can give it. */
const OPERATOR = "operator";

export interface PrincipalsOptions {
  readonly app: App;
  readonly auth: readonly Authenticator[];
  /** In development one token stands for an operator with every role a policy names, of every tenant. */
  readonly token: string | undefined;
  readonly door: Door;
}

/**
 * The development token, then the application's authenticators in their order, then the guest. Whoever brings a token that nobody knows is
 * told so, and is never taken for a guest. Throws `config-invalid` with all that is wrong with any of them, or where two could give the same id.
 */
export function principalsOf({ app, auth, token, door }: PrincipalsOptions): Principals {
  openAll(auth, door);
  const operator: Principal = { id: OPERATOR, roles: rolesOf(app), tenants: "*" };
  const expected = token === undefined ? undefined : Buffer.from(token);
  return (credentials, visit) => {
    const given = bearerOf(credentials.header("authorization"));
    if (given !== undefined && expected !== undefined && isSame(Buffer.from(given), expected)) return operator;
    return auth.length === 0 ? guestUnlessClaimed(credentials) : counted(auth, credentials, visit);
  };
}

/** Judging a token is work, so that an address whose tokens are refused is not judged for ever. */
async function counted(
  auth: readonly Authenticator[],
  credentials: Credentials,
  visit: Pick<Visit, "judge" | "refused">,
): Promise<Principal> {
  if (credentials.header("authorization") !== undefined) visit.judge();
  try {
    return await authenticated(auth, credentials);
  } catch (error) {
    if (isBanyanError(error) && error.kind === "unauthenticated") visit.refused();
    throw error;
  }
}

async function authenticated(auth: readonly Authenticator[], credentials: Credentials): Promise<Principal> {
  for (const one of auth) {
    const given = one.authenticate(credentials);
    const principal = given === undefined || "id" in given ? given : await inTime(given);
    if (principal !== undefined) return ofItsKind(one, principal);
  }
  return guestUnlessClaimed(credentials);
}

/** More than it takes to fetch the keys of a provider. What hangs must not hold requests until none fit any more. */
const ANSWER_MS = 10_000;

async function inTime<Found>(found: Promise<Found>): Promise<Found> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new BanyanError("authentication-timeout", `It was not found out within ${ANSWER_MS} ms who asks.`));
  }, ANSWER_MS);
  try {
    return await Promise.race([found, late]);
  } finally {
    clearTimeout(timer);
  }
}

function guestUnlessClaimed({ header }: Credentials): Principal {
  if (header("authorization") === undefined) return GUEST;
  throw invalidToken();
}

/** An authenticator gives ids of its own kind only, and nobody from outside the role of contexts, whoever wrote the authenticator. */
function ofItsKind({ prefix }: Authenticator, principal: Principal): Principal {
  const own = principal.id.startsWith(`${prefix}:`) && principal.id.length > prefix.length + 1;
  if (own && !principal.roles.includes(CONTEXT_ROLE)) return principal;
  throw invalidToken();
}

/** Takes the same time for every token of the right length; how long a token is, is no secret. */
function isSame(given: Buffer, expected: Buffer): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}
