import { timingSafeEqual } from "node:crypto";
import { BanyanError, rolesOf, type App, type Principal } from "@banyan/core";

/** Who asks, by the `authorization` header. Throws `token-invalid`; without the header it is a guest. */
export type Principals = (authorization: string | null) => Principal;

/** Everybody without a token is the same guest. */
const GUEST: Principal = { id: "guest", roles: [] };

/** There is no authentication yet: whoever brings a token is told that it is not accepted, and is never taken for a guest. */
export function guestsOnly(): Principals {
  return (authorization) => {
    if (authorization === null) return GUEST;
    throw invalidToken();
  };
}

/** In development one token stands for an operator with every role a policy names, of every tenant. */
export function withDevelopmentToken(token: string, app: App): Principals {
  const operator: Principal = { id: "operator", roles: rolesOf(app), tenants: "*" };
  const expected = Buffer.from(token);
  return (authorization) => {
    if (authorization === null) return GUEST;
    const [, given] = /^bearer +(\S+) *$/i.exec(authorization) ?? [];
    if (given !== undefined && isSame(Buffer.from(given), expected)) return operator;
    throw invalidToken();
  };
}

/** Takes the same time for every token of the right length; how long a token is, is no secret. */
function isSame(given: Buffer, expected: Buffer): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function invalidToken(): BanyanError {
  return new BanyanError("token-invalid", "The token in `authorization` is not accepted here.");
}
