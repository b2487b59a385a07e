/** One act outside that is done `once`: its intent before it, its outcome after it. */
export interface ActRecord {
  /** The key the outside is given: a SHA-256 of subscription, source, incarnation, position and name. */
  readonly key: string;
  /** The subscription's first name, as in the key: a rename leaves what is known as it is, however much that is. */
  readonly subscription: string;
  readonly source: string;
  readonly position: number;
  readonly name: string;
  /** `intent`: it may have happened; `failed`: it threw, and may be tried again; `done`: `outcome` is its encoded outcome. */
  readonly state: "intent" | "failed" | "done";
  readonly outcome: string;
  /** Wall-clock milliseconds. */
  readonly at: number;
}

/** How many acts of one subscription are known, and the bytes of their outcomes in UTF-8. */
export interface ActExtent {
  /** Its first name. */
  readonly subscription: string;
  readonly source: string;
  readonly records: number;
  readonly bytes: number;
}

/** The acts of one subscription for entries of one log, below a position. */
export interface ActsBelow {
  /** Its first name. */
  readonly subscription: string;
  /** The name it has now: its entries are parked under that. */
  readonly parkedAs: string;
  readonly source: string;
  readonly below: number;
}
