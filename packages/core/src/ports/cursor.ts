import type { Entry } from "./entry.ts";

/** `subscription` is `context.name`; `lane` a range of slots, written `0-255`. */
export interface CursorName {
  readonly subscription: string;
  readonly source: string;
  readonly lane: string;
}

/** The durable place of a reader: everything up to `pos` is settled, except what `open` lists. */
export interface CursorPlace {
  readonly pos: number;
  readonly open: readonly number[];
}

export interface Cursor extends CursorName, CursorPlace {
  /** The subscription's first name, whatever it was renamed to since: stable keys are made of it. */
  readonly firstName: string;
  readonly incarnation: string;
  readonly fence: number;
}

/** A cursor in the hands of whoever claimed it under this fence. */
export interface OwnCursor extends CursorName {
  readonly fence: number;
}

export interface CursorMove extends OwnCursor, CursorPlace {}

export interface FetchQuery {
  readonly source: string;
  readonly after: number;
  /** At most this many entries, and entries of these types only. */
  readonly limit: number;
  readonly types: readonly string[];
  /** Stops before the entry with which their bodies together would have more characters than this; one entry always comes. */
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
