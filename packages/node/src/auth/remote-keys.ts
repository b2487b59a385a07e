import { BanyanError } from "@banyan/core";
import type { JWTVerifyGetKey } from "jose";

/** Finds the key of a token; throws an error of `jose` where it is not there. */
export type FindKey = JWTVerifyGetKey;

export interface RemoteKeysOptions {
  readonly url: URL;
  readonly now: () => number;
  readonly warn: (message: string) => void;
}

/** After so long they are fetched anew, while those that are known go on being used. */
const FRESH_MS = 10 * 60_000;
/** For so long they are used although the provider does not answer. */
const USABLE_MS = 24 * 3_600_000;
/** A token with an unknown key makes them be fetched, but not more often than this. */
const COOLDOWN_MS = 30_000;
const RETRY_MS = 1_000;
const TIMEOUT_MS = 5_000;
const MOST_BYTES = 256 * 1024;

/**
 * The public keys of an identity provider, by the address where it publishes them.
 * I1 What is not fetched yet, or is too old, accepts nothing: `keys-unavailable`, to be asked again.
 * I2 One fetch at a time, however many ask; after one that failed the next waits a second, after one that succeeded half a minute.
 * I3 A key that is not there is an invalid token only where the provider has just said so.
 */
export class RemoteKeys {
  readonly #options: RemoteKeysOptions;
  #known: { readonly find: FindKey; readonly at: number } | undefined;
  #loading: Promise<void> | undefined;
  #tried = -Infinity;
  #failed = false;

  constructor(options: RemoteKeysOptions) {
    this.#options = options;
  }

  async find(...[header, token]: Parameters<FindKey>): Promise<Awaited<ReturnType<FindKey>>> {
    if (this.#age() >= FRESH_MS) {
      const loading = this.#load();
      if (this.#usable() === undefined) await loading;
    }
    try {
      return await this.#must()(header, token);
    } catch (error) {
      if (!isUnknownKey(error)) throw error;
      await this.#load();
      if (this.#failed) throw unavailable();
      return this.#must()(header, token);
    }
  }

  /** By a clock that was set back nobody knows: then they are old enough to be fetched. */
  #age(): number {
    const age = this.#known === undefined ? Infinity : this.#options.now() - this.#known.at;
    return age < 0 ? FRESH_MS : age;
  }

  #usable(): FindKey | undefined {
    return this.#age() < USABLE_MS ? this.#known?.find : undefined;
  }

  #must(): FindKey {
    const find = this.#usable();
    if (find === undefined) throw unavailable();
    return find;
  }

  /** Never rejects. */
  #load(): Promise<void> {
    const wait = this.#failed ? RETRY_MS : COOLDOWN_MS;
    const since = this.#options.now() - this.#tried;
    if (this.#loading === undefined && since >= 0 && since < wait) return Promise.resolve();
    this.#loading ??= this.#fetch().finally(() => (this.#loading = undefined));
    return this.#loading;
  }

  async #fetch(): Promise<void> {
    const { url, now, warn } = this.#options;
    this.#tried = now();
    try {
      const { createLocalJWKSet } = await import("jose");
      this.#known = { find: createLocalJWKSet(JSON.parse(await textAt(url)) as never), at: now() };
      this.#failed = false;
    } catch (error) {
      if (!this.#failed) warn(`The keys at ${url.origin}${url.pathname} cannot be fetched: ${wordsOf(error)}`);
      this.#failed = true;
    }
  }
}

/** What is at an address, that of nobody it may point to, and not more than fits. */
async function textAt(url: URL): Promise<string> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const response = await fetch(url, { redirect: "error", signal, headers: { accept: "application/json" } });
  if (!response.ok || response.body === null) throw new Error(`status ${response.status}`);
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of response.body) {
    bytes += piece.byteLength;
    if (bytes > MOST_BYTES) throw new Error(`more than ${MOST_BYTES} bytes came`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

function isUnknownKey(error: unknown): boolean {
  return (error as { code?: unknown }).code === "ERR_JWKS_NO_MATCHING_KEY";
}

function unavailable(): BanyanError {
  const words = "The keys by which the token would be judged cannot be fetched.";
  return new BanyanError("keys-unavailable", words, { retryAfterMs: RETRY_MS });
}

function wordsOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message} (${cause.message})` : message;
}
