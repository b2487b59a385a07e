import type { Once, OnceOptions } from "../context/index.ts";
import { BanyanError, isBanyanError } from "../error/index.ts";
import { sha256 } from "../hash/index.ts";
import type { Codec, EffectRecord, Entry, StoreTransaction } from "../ports/index.ts";
import type { WorkScope } from "./bounded-work.ts";
import { revivedError, storedError } from "./command-records.ts";
import type { Surroundings } from "./host.ts";

/** The key of one act of a subscription for one entry. */
export function effectKey(stableKey: string, name: string): string {
  return sha256(JSON.stringify([stableKey, name]));
}

/** What `once` gives of an act that is done. */
export function outcomeOf(done: EffectRecord, codec: Codec): unknown {
  return given(codec.decode(done.outcome) as Stored);
}

function given(stored: Stored): unknown {
  return "refusal" in stored ? revivedError(stored.refusal) : stored.value;
}

export interface EffectsOptions {
  readonly subscription: string;
  readonly firstName: string;
  readonly around: Surroundings;
  /** A commit that takes place only while the lane is still this process's. */
  readonly commit: (bytes: number, run: (transaction: StoreTransaction) => Promise<void>) => Promise<void>;
}

/** The attempt at one entry that acts outside. */
export interface Acting {
  readonly entry: Entry;
  readonly stableKey: string;
  /** Of the attempt: once it has ended or been given up, nothing new is done for it. */
  readonly scope: WorkScope;
  /** Gives up the view of the tables: whoever reads on must not make the commit wait. */
  readonly rest: () => Promise<void>;
}

/** What an attempt may do that is not its transaction. */
export interface Outside {
  /** `once` for one attempt. */
  toolFor(acting: Acting): Once;
  /** Before a command is called; throws where none may be. */
  command?(name: string): void;
  /** The ports as `before` gets them. */
  ports?(ports: unknown): unknown;
}

interface Act {
  readonly key: string;
  readonly name: string;
  readonly options: OnceOptions<unknown>;
  readonly perform: (tools: { readonly key: string }) => unknown;
}

type Stored = { readonly value: unknown } | { readonly refusal: unknown };

/**
 * What the subscription of one lane does outside, each once as far as that can be had.
 *
 * I1. The outside is not asked before the intent is committed, and the body does not run before the outcome is.
 * I2. An outcome is given back as it was decoded, on the first run too, so that every run of a body sees the same.
 * I3. An attempt that was given up begins no act. An act that is still under way when its attempt has been given up is joined by the next attempt, not repeated.
 */
export class Effects implements Outside {
  readonly #options: EffectsOptions;
  readonly #running = new Map<string, Promise<Stored>>();

  constructor(options: EffectsOptions) {
    this.#options = options;
  }

  /** `once` for one attempt. */
  toolFor(acting: Acting): Once {
    const names = new Set<string>();
    return async (name, options, act) => {
      if (names.has(name))
        throw new BanyanError("once-repeated", `"${this.#options.subscription}" does "${name}" twice for one entry.`);
      names.add(name);
      acting.scope.check("once");
      await acting.rest();
      acting.scope.check("once");
      const key = effectKey(acting.stableKey, name);
      const perform = (tools: { readonly key: string }): unknown => {
        // its intent may have taken longer than there was time
        acting.scope.check("once");
        return act(tools);
      };
      const work = (): Promise<Stored> => this.#settle(acting.entry, { key, name, options, perform });
      const stored = await (this.#running.get(key) ?? this.#run(key, work));
      return given(stored) as never;
    };
  }

  #run(key: string, work: () => Promise<Stored>): Promise<Stored> {
    const running = work().finally(() => this.#running.delete(key));
    this.#running.set(key, running);
    return running;
  }

  async #settle(entry: Entry, act: Act): Promise<Stored> {
    const { key, name } = act;
    const { platform } = this.#options.around;
    const known = await platform.store.effectOf(key);
    if (known?.state === "done") return platform.codec.decode(known.outcome) as Stored;
    const keep = (state: EffectRecord["state"], outcome: string): Promise<void> => {
      const { firstName: subscription } = this.#options;
      const { source, position } = entry;
      const record = { key, subscription, source, position, name, state, outcome, at: platform.clock.now() };
      return this.#options.commit(outcome.length, (transaction) => transaction.effect(record));
    };
    if (known?.state === "intent") {
      const found = await this.#inDoubt(act);
      if (found !== undefined) return this.#keepOutcome(found.outcome, keep);
    } else await keep("intent", "");
    let value: unknown;
    try {
      value = await act.perform({ key });
    } catch (error) {
      await keep("failed", "");
      throw error;
    }
    return this.#keepOutcome(value, keep);
  }

  /** It was begun, and nobody knows how it ended: ask, repeat with the key where that is harmless, or leave it to a person. */
  async #inDoubt({ name, key, options }: Act): Promise<{ readonly outcome: unknown } | undefined> {
    const { idempotent, reconcile } = options;
    if (reconcile !== undefined) return reconcile({ key });
    if (idempotent === true) return undefined;
    throw new BanyanError(
      "effect-unknown",
      `"${this.#options.subscription}" began "${name}", and nobody knows how it ended.`,
      { details: { key } },
    );
  }

  async #keepOutcome(value: unknown, keep: (state: "done", outcome: string) => Promise<void>): Promise<Stored> {
    const { codec } = this.#options.around.platform;
    const text = codec.encode(isBanyanError(value) ? { refusal: storedError(value) } : { value });
    await keep("done", text);
    return codec.decode(text) as Stored;
  }
}
