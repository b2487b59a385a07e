/** What came to a signed route: the bytes of its body as they were sent, and its headers. */
export interface SignedRequest {
  readonly bytes: Uint8Array;
  /** By its lower-case name; undefined where it did not come. */
  header(name: string): string | undefined;
}

/** What a signature vouches for. */
export interface Vouched {
  /** The same in each repetition of a delivery, and no other's. It must be part of what is signed; undefined where that has none. */
  readonly id: string | undefined;
  /** Wall-clock milliseconds at which it was signed, where that is part of what is signed. */
  readonly at?: number;
}

/** Undefined where it is not signed with any of the secrets. */
export type Verify = (request: SignedRequest) => Vouched | undefined | Promise<Vouched | undefined>;

/** How deliveries are signed. Called once per start with the secrets; throws `config-invalid` for what can be none. */
export type Scheme = (secrets: readonly string[]) => Verify;
