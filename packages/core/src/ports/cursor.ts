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
