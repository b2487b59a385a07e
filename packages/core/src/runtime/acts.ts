import type { Once } from "../context/index.ts";
import { BanyanError } from "../error/index.ts";
import { sha256 } from "../hash/index.ts";
import type { Codec, ActRecord, Entry, StoreTransaction } from "../ports/index.ts";
import type { WorkScope } from "./bounded-work.ts";
import type { Surroundings } from "./host.ts";
import { given, OnceAct, type Stored, type Wish } from "./once-act.ts";

/** The key of one act of a subscription for one entry. */
export function actKey(stableKey: string, name: string): string {
  return sha256(JSON.stringify([stableKey, name]));
}

/** What `once` gives of an act that is done. */
export function outcomeOf(done: ActRecord, codec: Codec): unknown {
  return given(codec.decode(done.outcome) as Stored);
}

export interface ActsOptions {
  readonly subscription: string;
  readonly firstName: string;
  readonly around: Surroundings;
  /** A commit that takes place only while the lane is still this process's. */
  readonly commit: (bytes: number, run: (transaction: StoreTransaction) => Promise<void>) => Promise<void>;
  /** Does it again as long as it is the store that fails. */
  readonly insist: (work: () => Promise<void>) => Promise<void>;
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

/**
 * What the subscription of one lane does outside, each once as far as that can be had.
 *
 * I1. The outside is not asked before the intent is committed, and the body does not run before the outcome is.
 * I2. An outcome is given back as it was decoded, on the first run too, so that every run of a body sees the same.
 * I3. An attempt that was given up begins no act.
 */
export class Acts implements Outside {
  readonly #options: ActsOptions;
  /** Those that are under way, and those whose end the store does not know yet. */
  readonly #acts = new Map<string, OnceAct>();

  constructor(options: ActsOptions) {
    this.#options = options;
  }

  /** `once` for one attempt. */
  toolFor(acting: Acting): Once {
    const names = new Set<string>();
    return async (name, options, act) => {
      if (names.has(name))
        throw new BanyanError("once-repeated", `"${this.#options.subscription}" does "${name}" twice for one entry.`);
      names.add(name);
      const { scope } = acting;
      scope.check("once");
      await acting.rest();
      scope.check("once");
      const perform = (tools: { readonly key: string }): unknown => {
        // its intent may have taken longer than there was time
        scope.check("once");
        return act(tools);
      };
      return given(await this.#settle(acting, name, { options, scope, perform })) as never;
    };
  }

  /** Commits what the store could not commit before, if it can now. */
  async keep(): Promise<void> {
    await Promise.allSettled(Array.from(this.#acts.values(), (act) => act.keep()));
  }

  #settle({ entry, stableKey }: Acting, name: string, wish: Wish): Promise<Stored> {
    const key = actKey(stableKey, name);
    const act = this.#acts.get(key) ?? this.#act(key, name, entry);
    this.#acts.set(key, act);
    return act.settle(wish);
  }

  #act(key: string, name: string, { source, position }: Entry): OnceAct {
    const { subscription, firstName, around, commit, insist } = this.#options;
    const { store, clock, codec, telemetry } = around.platform;
    const begun: OnceAct = new OnceAct({
      key,
      subscription,
      name,
      codec,
      insist,
      known: () => store.actOf(key),
      keep: (state, outcome) => {
        const record = { key, subscription: firstName, source, position, name, state, outcome, at: clock.now() };
        return commit(outcome.length, (transaction) => transaction.recordAct(record));
      },
      over: () => {
        // a newer one may have its place
        if (this.#acts.get(key) === begun) this.#acts.delete(key);
      },
      warn: (message) => telemetry.signal({ name: "warning", message }),
    });
    return begun;
  }
}
