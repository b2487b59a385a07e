import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import {
  BanyanError,
  type Authenticator,
  type Credentials,
  type Door,
  type Principal,
  type Secret,
} from "@banyan/core";
import { boundedDuration, type BoundedDuration } from "./bounded-duration.ts";
import { prefixProblem, principalOf, refuseConfiguration, type Tenants } from "./identity.ts";
import { assertOwnPage } from "./own-page.ts";
import { plainText } from "./plain-text.ts";
import { cookieForm, cookiesOf, ENDED_COOKIES, setCookie } from "./session-cookie.ts";

type Secrets = readonly (string | Secret | undefined)[];

export interface SessionsOptions<Values = never> {
  /**
   * Of 32 characters or more each, or what takes them from the settings when the application starts. The first one signs and all are accepted: a
   * new one is put in front.
   */
  readonly secrets: Secrets | ((environment: { readonly settings: Values }) => Secrets);
  /** From the log-in on, whatever is done meanwhile: `"1m"` to `"30d"`, default `"8h"`. */
  readonly lifetime?: string;
  /** Stands before `:` in their ids. Default `user`. */
  readonly prefix?: string;
  /** The people are those of another authenticator with the same prefix. */
  readonly shared?: boolean;
  /** Asked with each request: whether the session has not been revoked; all but `true` is no. Without it a session ends by time only. */
  readonly stillValid?: (session: Session) => boolean | Promise<boolean>;
}

/** One log-in of one person. */
export interface Session {
  /** Another one for each log-in. */
  readonly id: string;
  readonly subject: string;
  readonly beganAt: number;
  readonly endsAt: number;
}

/** Who has logged in, as the application found out. */
export interface LoggedIn {
  readonly subject: string;
  readonly roles: readonly string[];
  readonly tenants?: Tenants;
}

export interface Sessions extends Authenticator {
  /**
   * A value of `set-cookie` that makes a browser somebody. Throws `config-invalid` for who cannot be, and where the sessions are not in `auth` of
   * an application that runs.
   */
  begin(who: LoggedIn): string;
  /** Values of `set-cookie` that make it a guest again. */
  end(): readonly string[];
}

interface Sealed extends Session, LoggedIn {}

const SECRET = /^.{32,1024}$/s;
/** What browsers keep of one cookie is 4,096 bytes with its name and attributes. */
const MOST_CHARACTERS = 3_800;
const COOKIE = /^([A-Za-z0-9_-]{1,3800})\.([A-Za-z0-9_-]{43})$/;

/**
 * Browsers by a signed cookie: a route of the application logs somebody in and answers with `set-cookie: sessions.begin({ subject, roles })`.
 * What is in it can be read by whoever has the cookie, and changed by nobody.
 */
export function sessions<Values>(options: SessionsOptions<Values>): Sessions {
  return new CookieSessions(options, () => Date.now());
}

export class CookieSessions implements Sessions {
  readonly prefix: string;
  readonly shared: boolean;
  readonly #options: SessionsOptions;
  #secrets: readonly string[] = [];
  readonly #lifetime: BoundedDuration;
  readonly #now: () => number;
  #door: Door | undefined;

  constructor(options: SessionsOptions, now: () => number) {
    const { prefix = "user", shared = false, lifetime = "8h" } = options;
    this.prefix = prefix;
    this.shared = shared;
    this.#lifetime = boundedDuration("lifetime", lifetime, { least: "1m", most: "30d" });
    this.#options = options;
    this.#now = now;
  }

  open(door: Door): void {
    const { secrets } = this.#options;
    const given = typeof secrets === "function" ? secrets({ settings: door.settings as never }) : secrets;
    this.#secrets = given.filter((secret) => secret !== undefined).map(plainText);
    refuseConfiguration("`sessions`", [
      prefixProblem(this.prefix),
      secretsProblem(this.#secrets),
      this.#lifetime.problem,
    ]);
    this.#door = door;
  }

  begin(who: LoggedIn): string {
    const { subject, roles, tenants } = who;
    const { loopback } = this.#opened;
    const [secret = ""] = this.#secrets;
    if (principalOf(this.prefix, subject, who) === undefined) throw notSomebody("is not a subject, roles and tenants");
    const id = randomBytes(16).toString("base64url");
    const beganAt = this.#now();
    const sealed: Sealed = {
      id,
      subject,
      roles,
      ...(tenants && { tenants }),
      beganAt,
      endsAt: beganAt + this.#lifetime.ms,
    };
    const payload = Buffer.from(JSON.stringify(sealed)).toString("base64url");
    if (payload.length > MOST_CHARACTERS) throw notSomebody("has more roles and tenants than fit into a cookie");
    const value = `${payload}.${this.#signature(payload, secret).toString("base64url")}`;
    return setCookie(cookieForm(loopback), value, Math.floor(this.#lifetime.ms / 1_000));
  }

  end(): readonly string[] {
    return ENDED_COOKIES;
  }

  authenticate(credentials: Credentials): Promise<Principal> | undefined {
    // whoever brings a token means it: its refusal is not made up for by a cookie
    if (credentials.header("authorization") !== undefined) return undefined;
    const values = cookiesOf(credentials.header("cookie") ?? "", cookieForm(this.#opened.loopback).name);
    return values.length === 0 ? undefined : this.#principal(values, credentials);
  }

  async #principal([value = "", another]: readonly string[], credentials: Credentials): Promise<Principal> {
    const sealed = another === undefined ? this.#unsealed(value) : undefined;
    const principal = sealed && principalOf(this.prefix, sealed.subject, sealed);
    if (sealed === undefined || principal === undefined) throw ended();
    assertOwnPage(credentials, this.#opened);
    const { id, subject, beganAt, endsAt } = sealed;
    const { stillValid = () => true } = this.#options;
    // whatever its types say: what a database gives for yes and no is not always one of them
    if ((await stillValid({ id, subject, beganAt, endsAt })) !== true) throw ended();
    return principal;
  }

  /** What this application has signed, and whose time has not passed. */
  #unsealed(value: string): Sealed | undefined {
    const [, payload, signature] = COOKIE.exec(value) ?? [];
    if (payload === undefined || signature === undefined) return undefined;
    const given = Buffer.from(signature, "base64url");
    const signed = this.#secrets.some((secret) => timingSafeEqual(this.#signature(payload, secret), given));
    if (!signed) return undefined;
    const sealed = JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as Sealed;
    return this.#now() < sealed.endsAt ? sealed : undefined;
  }

  get #opened(): Door {
    if (this.#door !== undefined) return this.#door;
    throw new BanyanError("config-invalid", "The sessions are not in `auth` of an application that runs.", {
      remedy: "List them there: `app({ auth: [browsers] })`.",
    });
  }

  /** For this use and these people only: the secret may be used elsewhere too. */
  #signature(payload: string, secret: string): Buffer {
    return createHmac("sha256", secret).update(`banyan-session:1:${this.prefix}:${payload}`).digest();
  }
}

function ended(): BanyanError {
  return new BanyanError("session-invalid", "The session has ended.");
}

function notSomebody(words: string): BanyanError {
  return new BanyanError("config-invalid", `Who is to be logged in ${words}.`, {
    remedy: "Give a subject of 1 to 200 characters without spaces, and lists of names for `roles` and `tenants`.",
  });
}

function secretsProblem(secrets: readonly string[]): string | undefined {
  const weak = secrets.length === 0 || secrets.some((secret) => !SECRET.test(secret));
  return weak ? "`secrets` needs one or more of 32 to 1,024 characters each, made at random." : undefined;
}
