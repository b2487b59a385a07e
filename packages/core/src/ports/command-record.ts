export interface CommandScope {
  readonly tenant: string;
  readonly principal: string;
  readonly operation: string;
  readonly key: string;
}

/** The answer of a command that was executed under an idempotency key: a result or a terminal error, kept until `expires`. */
export interface CommandRecord extends CommandScope {
  /** SHA-256 of the canonical JSON of the input. */
  readonly digest: string;
  readonly commandId: string;
  readonly outcome: "result" | "error";
  readonly body: string;
  /** Wall-clock milliseconds. */
  readonly at: number;
  readonly expires: number;
}
