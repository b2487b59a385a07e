/** What an operator did to the data, and why: written in the commit of what was done. */
export interface AuditRecord {
  /** A UUIDv7. */
  readonly id: string;
  /** Wall-clock milliseconds. */
  readonly at: number;
  readonly operator: string;
  readonly why: string;
  readonly action: "skip" | "redrive" | "replay" | "restore";
  /** What it was done to: `{ subscription, source, position, key }`, and of a restore `{ file }`. */
  readonly subject: Readonly<Record<string, string | number>>;
}
