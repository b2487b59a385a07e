import {
  isBanyanError,
  type BanyanError,
  type DeliveryOperations,
  type Operator,
  type ParkedEntry,
} from "@banyan/core";
import { Life } from "./life.ts";
import type { Nemesis } from "./nemesis.ts";
import type { Asked, Operations, Told } from "./operations.ts";
import type { Prng } from "./prng.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Operating } from "./simulation.ts";
import type { Wire } from "./wire.ts";

export interface OperatorSurroundings {
  readonly wire: Wire;
  readonly scheduler: Scheduler;
  readonly nemesis: Nemesis;
  readonly operating: Operating;
}

const LONGEST_REST_MS = 500;
const SEEN_AT_ONCE = 50;
const REPLAYS = 0.3;
const DRY_REPLAYS = 0.1;
const DRY_REPLAYED_AT_ONCE = 5;
/** Nothing was changed. */
const REFUSALS: ReadonlySet<string> = new Set(["parked-unknown", "replay-in-progress"]);
const DONE = { skip: "operator skipped", redrive: "operator redrove", replay: "operator replayed" };

/** At random moments while faults strike it looks at what is parked, and redrives or skips of it what chance says, or it replays, dry or in earnest. Asks once, and never again. */
export class SimulatedOperator {
  readonly #life = new Life("operator");
  readonly #operations = new Map<string, { readonly asked: Asked; told: Told }>();
  readonly #prng: Prng;
  readonly #around: OperatorSurroundings;
  #works = true;

  constructor(prng: Prng, around: OperatorSurroundings) {
    this.#prng = prng;
    this.#around = around;
  }

  get operations(): Operations {
    return this.#operations;
  }

  /** Whether it still does something, or waits for an answer. */
  get works(): boolean {
    return this.#works;
  }

  async work(): Promise<void> {
    try {
      while (this.#around.nemesis.active) await this.#once();
    } finally {
      this.#works = false;
    }
  }

  async #once(): Promise<void> {
    await this.#around.scheduler.sleep(this.#life, this.#around.nemesis.duration(LONGEST_REST_MS));
    if (this.#prng.chance(DRY_REPLAYS)) return this.#dryReplay();
    const seen = await this.#answerOf(
      this.#around.wire.look(this.#life, (delivery) => delivery.parked({ limit: SEEN_AT_ONCE })),
    );
    const asked = seen instanceof Error ? undefined : this.#choose(seen);
    if (asked !== undefined) await this.#operate(asked);
  }

  /** Whatever it is told, nothing may come of it. */
  async #dryReplay(): Promise<void> {
    const subscription = this.#oneOf(this.#around.operating.dryReplays ?? []);
    if (subscription === undefined) return;
    const of = this.#prng.chance(0.5) ? "parked" : "log";
    const query = { subscription, of, from: 1 + this.#prng.below(10), limit: DRY_REPLAYED_AT_ONCE } as const;
    const answer = await this.#answerOf(this.#around.wire.look(this.#life, (delivery) => delivery.dryReplay(query)));
    if (isBanyanError(answer)) return;
    for (const { outcome } of answer.entries) this.#around.nemesis.note(`dry replay, ${outcome}`);
  }

  /** Mostly a skip where there is something to skip, and of that mostly the head of a key. */
  #choose(parked: readonly ParkedEntry[]): Asked | undefined {
    const why = `operation ${this.#operations.size + 1}`;
    const replayed = this.#oneOf(this.#around.operating.replays ?? []);
    if (replayed !== undefined && this.#prng.chance(REPLAYS)) return { why, action: "replay", subscription: replayed };
    const skipped = this.#oneOf(parked.filter((entry) => this.#around.operating.skips.includes(entry.subscription)));
    if (skipped !== undefined && this.#prng.chance(0.6)) {
      const { subscription, key } = skipped;
      const head = parked.find((entry) => entry.subscription === subscription && entry.key === key) ?? skipped;
      return {
        why,
        action: "skip",
        subscription,
        key,
        position: this.#prng.chance(0.8) ? head.position : skipped.position,
      };
    }
    const redriven = this.#oneOf(parked);
    if (redriven === undefined) return undefined;
    const { subscription, key } = redriven;
    return { why, action: "redrive", subscription, ...(this.#prng.chance(0.5) ? { key } : {}) };
  }

  #oneOf<T>(values: readonly T[]): T | undefined {
    return values[this.#prng.below(Math.max(1, values.length))];
  }

  async #operate(asked: Asked): Promise<void> {
    const operation: { readonly asked: Asked; told: Told } = { asked, told: "unknown" };
    this.#operations.set(asked.why, operation);
    const by: Operator = { name: this.#life.name, why: asked.why };
    const rewinds = asked.action === "replay" ? asked.subscription : undefined;
    const answer = await this.#answerOf(
      this.#around.wire.operate(this.#life, (delivery) => carriedOut(delivery, asked, by), { rewinds }),
    );
    operation.told = typeof answer === "number" ? answer : isRefusal(answer, asked) ? "refused" : "unknown";
    const { nemesis } = this.#around;
    if (operation.told === "unknown") nemesis.note("operator heard nothing");
    else if (operation.told === "refused") nemesis.note("operator refused");
    else if (operation.told > 0) nemesis.note(DONE[asked.action]);
  }

  /** The answer, or what was thrown instead. */
  async #answerOf<T>(asked: Promise<T>): Promise<T | BanyanError> {
    try {
      return await asked;
    } catch (error) {
      if (isBanyanError(error)) return error;
      throw error;
    }
  }
}

async function carriedOut(
  delivery: DeliveryOperations,
  { action, subscription, key, position }: Asked,
  by: Operator,
): Promise<number> {
  if (action === "redrive") return (await delivery.redrive({ subscription, key }, by)).keys;
  if (action === "replay") {
    await delivery.replay({ subscription }, by);
    return 1;
  }
  await delivery.skip({ subscription, position: position ?? 0 }, by);
  return 1;
}

/** Of several keys some may have been redriven when one is found to be gone. */
function isRefusal(answer: unknown, { key, action }: Asked): boolean {
  if (!isBanyanError(answer)) return false;
  return (action === "replay" || key !== undefined) && REFUSALS.has(answer.code);
}
