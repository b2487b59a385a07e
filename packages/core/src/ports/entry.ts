/** Who asks: `user:42`, `context:payments`, `guest`; with the roles policies look at. */
export interface Principal {
  readonly id: string;
  readonly roles: readonly string[];
  /** Whose data it may ask for: `"*"` is every tenant's, for operators; without it the default tenant's. */
  readonly tenants?: readonly string[] | "*";
}

/** What travels with every request and entry, so that one flow can be followed. */
export interface Origin {
  readonly tenant: string;
  readonly principal: string;
  /** The same for everything that one first request set off. */
  readonly correlation: string;
  /** The command or entry that led to this one. */
  readonly causation: string;
  /** W3C trace context, when the first request had one. */
  readonly traceparent: string | undefined;
}

/** An event as it is appended: CloudEvents 1.0 attributes in short names, plus key, slot and `Origin`. */
export interface NewEntry extends Origin {
  /** UUIDv7, unique for ever. */
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly key: string;
  readonly slot: number;
  /** Wall-clock milliseconds at which it was emitted; says when, never in which order. */
  readonly at: number;
  /** How `body` is written. `sealed` is reserved for encrypted bodies; `torn` has only what a store could not read of a parked entry (`TORN`). */
  readonly form: "json" | "sealed" | "torn";
  readonly body: string;
}

/** An event in the log of its owner. `(source, incarnation, position)` is its identity for readers. */
export interface Entry extends NewEntry {
  readonly source: string;
  readonly position: number;
}
