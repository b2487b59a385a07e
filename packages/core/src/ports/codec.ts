/** What values look like in the log, in results and between contexts. One codec per application. */
export interface Codec {
  readonly name: "json";
  /** The text of a JSON value. Throws on what JSON cannot hold (cycles, bigints); what it drops (functions, undefined) is dropped. */
  encode(value: unknown): string;
  /** The value of a text written by `encode`. Throws on anything else. */
  decode(text: string): unknown;
}
