import type { Abort, Principal } from "../ports/index.ts";

/** Request headers by lower-case name. Only what the edge lets through. */
export type RequestHeaders = Readonly<Record<string, string>>;

/** What a predicate may look at. `read` is the context's read-only handle. */
export interface Asked<Input, Read, Ports> {
  readonly principal: Principal;
  readonly tenant: string;
  readonly input: Input;
  readonly headers: RequestHeaders;
  readonly read: Read;
  readonly ports: Ports;
  /** Aborted when nobody waits for the answer any more. */
  readonly abort: Abort;
}

export type Predicate<Input, Read, Ports> = (asked: Asked<Input, Read, Ports>) => boolean | Promise<boolean>;

/** A policy as plain data, so that it can be listed. */
export interface Policy {
  readonly policy: "anyone" | "roles";
  readonly roles: readonly string[];
}

/** Who may use an operation; mandatory on every one. Runs before the idempotency lookup. */
export type Allow<Input, Read, Ports> = Policy | Predicate<Input, Read, Ports>;

/** Open to everybody, on purpose. */
export function anyone(): Policy {
  return { policy: "anyone", roles: [] };
}

/** Open to principals with at least one of these roles. Contexts calling each other have the role `context`. */
export function roles(...names: readonly [string, ...string[]]): Policy {
  return { policy: "roles", roles: names };
}
