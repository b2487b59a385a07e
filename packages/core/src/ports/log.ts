import type { Entry } from "./entry.ts";

export interface FetchQuery {
  readonly source: string;
  readonly after: number;
  /** At most this many entries, and entries of these types only. */
  readonly limit: number;
  readonly types: readonly string[];
  /** Stops before the entry with which their bodies together would have more bytes (UTF-8) than this; one entry always comes. */
  readonly bytes?: number;
}

/** `through`: every position up to it has been looked at; where nothing is left it is the end of the log. */
export interface Fetched {
  readonly entries: readonly Entry[];
  readonly through: number;
}

export interface LogExtent {
  readonly first: number;
  readonly last: number;
}

/** Of what lies behind a position: of these types, or of all where none are named. */
export interface VolumeQuery {
  readonly source: string;
  readonly after: number;
  readonly types?: readonly string[];
}

/** Entries, and the bytes of their bodies in UTF-8. */
export interface LogVolume {
  readonly entries: number;
  readonly bytes: number;
}

/** How much is deleted at once: what is from before `olderThan` (wall-clock milliseconds), and at most `limit` of it. */
export interface Cut {
  readonly olderThan: number;
  readonly limit: number;
}
