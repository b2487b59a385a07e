import assert from "node:assert/strict";
import { setImmediate as drained } from "node:timers/promises";
import { memory, memoryDisk, type MemoryDisk } from "@banyan/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { z } from "zod";
import { anyone, app, context, tables, type App } from "../context/index.ts";
import { command } from "../contract/index.ts";
import { BanyanError, isBanyanError, refuse } from "../error/index.ts";
import { canonicalJson, sha256 } from "../hash/index.ts";
import { ByHand } from "./fixture.ts";
import type { Reply } from "./request.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

/** What becomes of a command is in its input: it succeeds, is refused for good, or fails so that it may be asked again. */
type Fate = "does" | "refuses" | "fails";

interface Ask {
  readonly tenant: string;
  readonly who: string;
  readonly idempotencyKey: string;
  readonly fate: Fate;
}

type Step =
  | { readonly step: "ask"; readonly asks: readonly Ask[] }
  /** The process dies after so many turns, with these under way. */
  | { readonly step: "crash"; readonly asks: readonly Ask[]; readonly turns: number }
  | { readonly step: "expire" };

const Do = command("orders.do", { input: z.object({ fate: z.string() }), output: z.object({ run: z.string() }) });

/** Each execution leaves one row, named by its command: what is there twice was done twice. */
function application(): App {
  const orders = context("orders", { contract: { Do }, tx: tables() });
  orders.handle(
    Do,
    { allow: anyone(), before: async () => {} },
    async ({ fate }, { tx, commandId, principal, tenant }) => {
      await tx.table("run").set(commandId, `${tenant} ${principal.id} ${fate}`);
      if (fate === "refuses") throw refuse(fate, "For good.");
      if (fate === "fails") throw new BanyanError(fate, "For now.", { kind: "unavailable" });
      return { run: commandId };
    },
  );
  return app({ contexts: [orders] });
}

const DAY = 24 * 3_600_000;
const scopeOf = ({ tenant, who, idempotencyKey }: Ask): string => `${tenant} ${who} ${idempotencyKey}`;

/** What is known of one scope until it expires. */
interface Known {
  readonly fate: Fate;
  readonly commandId: string | undefined;
}

/** The model: what each scope has recorded. Runs real processes, one after the other, on one disk. */
class Checked {
  readonly #disk: MemoryDisk = memoryDisk();
  readonly #hand = new ByHand(drained);
  readonly #known = new Map<string, Known>();
  /** How many commands have been done, by all who asked. */
  #done = 0;
  #world: RuntimeWorld | undefined;

  async start(): Promise<void> {
    this.#world = await RuntimeWorld.started(application(), { store: memory(this.#disk), hand: this.#hand });
  }

  async take(step: Step): Promise<void> {
    if (step.step === "ask") await this.#ask(step.asks);
    else if (step.step === "crash") await this.#crash(step.asks, step.turns);
    else {
      await this.#hand.pass(DAY);
      this.#known.clear();
    }
  }

  get #running(): RuntimeWorld {
    if (this.#world === undefined) throw new Error("not started");
    return this.#world;
  }

  #send({ fate, ...by }: Ask): Promise<Reply> {
    return this.#running.ask("orders.do", { fate }, by);
  }

  /** All at once: of one scope the first runs, and what has another input is refused as long as it does. */
  async #ask(asks: readonly Ask[]): Promise<void> {
    const replies = asks.map((ask) => this.#send(ask));
    await this.#hand.settle();
    const answers = await Promise.allSettled(replies);
    const first = new Map<string, Fate>();
    for (const [i, ask] of asks.entries()) {
      const scope = scopeOf(ask);
      const running = this.#known.get(scope)?.fate ?? first.get(scope);
      if (running === undefined) first.set(scope, ask.fate);
      const answer = answers[i];
      if (running !== undefined && running !== ask.fate) assert.equal(codeOf(answer), "idempotency-key-reused");
      else this.#judge(ask, answer);
    }
    await this.#count();
  }

  #judge(ask: Ask, answer: PromiseSettledResult<Reply> | undefined): void {
    const known = this.#known.get(scopeOf(ask));
    if (ask.fate !== "does") {
      assert.equal(codeOf(answer), ask.fate);
      if (ask.fate === "refuses") this.#known.set(scopeOf(ask), { fate: ask.fate, commandId: undefined });
      return;
    }
    assert.equal(answer?.status, "fulfilled");
    const { commandId, replayed, value } = answer.value;
    assert.deepEqual(value, { run: commandId });
    assert.equal(replayed, known !== undefined);
    if (known !== undefined) assert.equal(commandId, known.commandId);
    else this.#done++;
    this.#known.set(scopeOf(ask), { fate: "does", commandId });
  }

  /** What was under way is on the disk whole, effect and record, or not at all; nobody was told of it. */
  async #crash(asks: readonly Ask[], turns: number): Promise<void> {
    for (const ask of asks) void this.#send(ask);
    for (let i = 0; i < turns; i++) await this.#hand.oneTurn();
    await this.start();
    const store = memory(this.#disk);
    const plan = { contexts: [], now: this.#hand.clock.now, newId: () => "" };
    await store.open(plan);
    for (const ask of asks) {
      if (this.#known.has(scopeOf(ask))) continue;
      const { tenant, who, idempotencyKey } = ask;
      const record = await store.recall({ tenant, principal: who, operation: "orders.do", key: idempotencyKey });
      if (record === undefined) continue;
      const fate = FATES.find((one) => record.digest === sha256(canonicalJson({ fate: one }))) ?? "fails";
      assert.equal(record.outcome, fate === "does" ? "result" : "error");
      if (fate === "does") this.#done++;
      this.#known.set(scopeOf(ask), { fate, commandId: fate === "does" ? record.commandId : undefined });
    }
    await this.start();
    await this.#count();
  }

  async #count(): Promise<void> {
    const runs = await this.#running.rows("orders", "run");
    assert.equal(Object.keys(runs).length, this.#done);
  }
}

function codeOf(answer: PromiseSettledResult<unknown> | undefined): string | undefined {
  return answer?.status === "rejected" && isBanyanError(answer.reason) ? answer.reason.code : undefined;
}

const FATES: readonly Fate[] = ["does", "refuses", "fails"];
const ask: fc.Arbitrary<Ask> = fc.record({
  tenant: fc.constantFrom("a", "b"),
  who: fc.constantFrom("guest", "user:1"),
  idempotencyKey: fc.constantFrom("1", "2"),
  fate: fc.constantFrom(...FATES),
});
const asks = fc.array(ask, { minLength: 1, maxLength: 6 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ step: fc.constant("ask" as const), asks }) },
  { weight: 3, arbitrary: fc.record({ step: fc.constant("crash" as const), asks, turns: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.constant({ step: "expire" as const }) },
);

test("whatever is repeated, contradicted, crashed and expired: one execution per key in its scope, and its answer", async () => {
  const holds = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
    const checked = new Checked();
    await checked.start();
    for (const one of steps) await checked.take(one);
  });
  await expect(fc.assert(holds, { numRuns: 150 })).resolves.toBeUndefined();
});
