import type { OnceOptions } from "../context/index.ts";
import { asBanyanError, BanyanError, isBanyanError } from "../error/index.ts";
import type { Codec, ActRecord } from "../ports/index.ts";
import type { WorkScope } from "./bounded-work.ts";
import { revivedError, storedError } from "./command-records.ts";
import { isStoreTrouble } from "./store-trouble.ts";
import { unencodableAt } from "./unencodable.ts";

/** An outcome as it is stored: a value, a refusal that was returned, or why there is a value that cannot be stored. */
export type Stored = { readonly value: unknown } | { readonly refusal: unknown } | { readonly invalid: unknown };

/** What `once` gives of a stored outcome. */
export function given(stored: Stored): unknown {
  if ("invalid" in stored) throw revivedError(stored.invalid);
  return "refusal" in stored ? revivedError(stored.refusal) : stored.value;
}

/** One attempt's wish for the act. */
export interface Wish {
  readonly options: OnceOptions<unknown>;
  /** Of the attempt. */
  readonly scope: WorkScope;
  readonly perform: (tools: { readonly key: string }) => unknown;
}

export interface ActOptions {
  readonly key: string;
  /** For errors: `"billing.note" … "charge"`. */
  readonly subscription: string;
  readonly name: string;
  readonly codec: Codec;
  readonly known: () => Promise<ActRecord | undefined>;
  readonly keep: (state: ActRecord["state"], outcome: string) => Promise<void>;
  /** Does it again as long as it is the store that fails. */
  readonly insist: (work: () => Promise<void>) => Promise<void>;
  readonly warn: (message: string) => void;
  /** Nothing is under way any more, and the store knows all there is to know. */
  readonly over: () => void;
}

type Ended = { readonly state: "done"; readonly text: string } | { readonly state: "failed"; readonly error: unknown };

/**
 * One act outside, as this process knows it from its beginning until the store has its end.
 *
 * I1. What it came to is kept here until it is committed, however often the store fails: only the end of the process leaves doubt.
 * I2. Who wishes it while it is under way joins it. Where it may be asked about or repeated, an attempt that follows one that was given up does not wait
 *     for it any more.
 * I3. The first outcome stands, whichever run has it. A run that failed says nothing while another may still succeed.
 */
export class OnceAct {
  readonly #options: ActOptions;
  #running: { readonly wish: Wish; readonly outcome: Promise<Stored> } | undefined;
  /** Runs that have not ended: the latest, and those that were given up before it. */
  #runs = 0;
  #ended: Ended | undefined;
  #kept = false;
  #keeping: Promise<void> | undefined;
  #insisting = false;

  constructor(options: ActOptions) {
    this.#options = options;
  }

  settle(wish: Wish): Promise<Stored> {
    if (this.#ended !== undefined) return this.#conclude();
    if (this.#running === undefined) return this.#begin(wish);
    const { wish: begun, outcome } = this.#running;
    if (!begun.scope.aborted) return outcome;
    const { idempotent, reconcile } = wish.options;
    if (idempotent === true || reconcile !== undefined) return this.#begin(wish);
    const { subscription, name, warn } = this.#options;
    warn(
      `"${subscription}" waits for "${name}", which an attempt began that was given up: without \`idempotent\` or \`reconcile\` it is in doubt and is not done again.`,
    );
    return outcome;
  }

  /** Commits what is not committed yet, if the store can. */
  async keep(): Promise<void> {
    const ended = this.#ended;
    if (ended === undefined || this.#kept) return;
    const text = ended.state === "done" ? ended.text : "";
    this.#keeping ??= this.#options.keep(ended.state, text).finally(() => (this.#keeping = undefined));
    await this.#keeping;
    this.#kept = ended.state === "done";
    if (ended.state === "failed") this.#ended = undefined;
    this.#tellWhenOver();
  }

  #begin(wish: Wish): Promise<Stored> {
    this.#runs++;
    const outcome = this.#run(wish).finally(() => {
      this.#runs--;
      if (this.#running?.wish === wish) this.#running = undefined;
      this.#tellWhenOver();
    });
    outcome.catch(() => {});
    this.#running = { wish, outcome };
    return outcome;
  }

  async #run(wish: Wish): Promise<Stored> {
    const { known, keep, codec } = this.#options;
    const record = await known();
    const recorded = record?.state === "done" ? (codec.decode(record.outcome) as Stored) : undefined;
    if (recorded !== undefined && !("invalid" in recorded && wish.options.reconcile)) return recorded;
    if (record === undefined || record.state === "failed") await keep("intent", "");
    else {
      const found = await this.#inDoubt(wish.options);
      if (found !== undefined) return this.#end(this.#done(found.outcome));
      if (recorded !== undefined) return recorded;
    }
    return this.#end(await this.#perform(wish));
  }

  /** It was begun, and nobody knows how it ended: ask, repeat with the key where that is harmless, or leave it to a person. */
  async #inDoubt({ idempotent, reconcile }: Wish["options"]): Promise<{ readonly outcome: unknown } | undefined> {
    const { key, name, subscription } = this.#options;
    if (reconcile !== undefined) return reconcile({ key });
    if (idempotent === true) return undefined;
    throw new BanyanError("outcome-unknown", `"${subscription}" began "${name}", and nobody knows how it ended.`, {
      details: { key },
    });
  }

  async #perform(wish: Wish): Promise<Ended> {
    try {
      return this.#done(await wish.perform({ key: this.#options.key }));
    } catch (error) {
      return { state: "failed", error };
    }
  }

  #done(value: unknown): Ended {
    const { codec, subscription, name } = this.#options;
    const stored: Stored = isBanyanError(value) ? { refusal: storedError(value) } : { value };
    try {
      return { state: "done", text: codec.encode(stored) };
    } catch {
      const at = ["outcome", ...unencodableAt(value, codec)].join(".");
      const error = new BanyanError(
        "outcome-invalid",
        `"${subscription}" did "${name}", whose outcome is not JSON at \`${at}\`.`,
      );
      return { state: "done", text: codec.encode({ invalid: storedError(error) }) };
    }
  }

  #end(ended: Ended): Promise<Stored> {
    if (ended.state === "failed" && this.#ended === undefined && this.#runs > 1) throw ended.error;
    this.#ended ??= ended;
    return this.#conclude();
  }

  async #conclude(): Promise<Stored> {
    const ended = this.#ended as Ended;
    try {
      await this.keep();
    } catch (error) {
      if (isStoreTrouble(asBanyanError(error, "once"))) void this.#insist();
      throw error;
    }
    if (ended.state === "failed") throw ended.error;
    return this.#options.codec.decode(ended.text) as Stored;
  }

  /** Whoever wished it may not come again. */
  async #insist(): Promise<void> {
    if (this.#insisting) return;
    this.#insisting = true;
    await this.#options.insist(() => this.keep());
    this.#insisting = false;
  }

  #tellWhenOver(): void {
    if (this.#runs === 0 && (this.#ended === undefined || this.#kept)) this.#options.over();
  }
}
