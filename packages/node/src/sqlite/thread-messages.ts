import type { Policy } from "./authorizer.ts";
import type { Ask, Caps, Outcome } from "./statements.ts";

/** What a thread is started with. */
export interface ThreadData {
  readonly file: string;
  readonly policies: ReadonlyMap<string, Policy>;
  readonly caps: Caps;
}

/** Requests are answered in the order they came, except `end`, which has no answer. */
export type ThreadRequest =
  | (Ask & {
      readonly op: "read";
      readonly id: number;
      /** Which of the thread's connections; a session keeps its own from its first statement to its end. */
      readonly connection: number;
      readonly context: string;
    })
  | { readonly op: "end"; readonly connection: number }
  | { readonly op: "checkpoint"; readonly id: number }
  /** The database into another file, which is empty. */
  | { readonly op: "copy"; readonly id: number; readonly to: string };

export type ThreadAnswer =
  | { readonly id: number; readonly outcome: Outcome }
  | { readonly id: number; readonly failure: ThreadFailure };

/** `refusal`: by our own rules. `errcode`: by SQLite. */
export interface ThreadFailure {
  readonly message: string;
  readonly refusal: string | undefined;
  readonly errcode: number | undefined;
}
