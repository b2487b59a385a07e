import type { Principal } from "./entry.ts";

/** What came with a request over HTTP, as far as it can say who asks. */
export interface Credentials {
  readonly method: string;
  /** By its lower-case name; undefined where it did not come. */
  header(name: string): string | undefined;
}

/** What an authenticator is told of the door it stands at. */
export interface Door {
  /** Development that is reached from this machine only, without TLS. */
  readonly loopback: boolean;
  /** Origins besides its own whose pages may act with the cookies of their visitors. */
  readonly origins: readonly string[];
  /** What `settings` of the application declares, checked. */
  readonly settings: unknown;
  /** For the operator's eyes: what is wrong around authentication. Never a secret. */
  warn(message: string): void;
}

/** One way in which callers over HTTP show who they are. */
export interface Authenticator {
  /** Stands before `:` in every id it gives. No two of an application share it, so that nobody can be taken for somebody else. */
  readonly prefix: string;
  /** On purpose its ids are those of another one with the same prefix: the same people by another way. */
  readonly shared?: boolean;
  /** Called once, before the first request. */
  open(door: Door): void;
  /**
   * Undefined where nothing of its kind came. Throws `token-invalid` or `session-invalid` for what is of its kind and not accepted,
   * and something that is retried later where it cannot say. What it throws never contains what came.
   */
  authenticate(credentials: Credentials): Principal | undefined | Promise<Principal | undefined>;
}
