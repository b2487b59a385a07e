import { setImmediate as drained } from "node:timers/promises";
import { memory } from "@banyan/core";
import { describe, expect, test } from "vitest";
import { backoff } from "../context/index.ts";
import { event } from "../contract/index.ts";
import { BanyanError } from "../error/index.ts";
import type { Store } from "../ports/index.ts";
import { application, billing, numbered, orders, Placed, type Item } from "./delivery-fixture.ts";
import { ByHand } from "./fixture.ts";
import { over } from "./over.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

const retry = backoff("1s", "1s", 3);
const CODES = ["commit-failed", "disk-full", "store-failed", "database-corrupt", "fenced", "fault-injected"] as const;
const TROUBLE = new BanyanError("disk-full", "The disk is full.");

interface Parts {
  readonly before?: (data: Item, read: any) => unknown;
  readonly body?: (data: Item) => unknown;
  readonly store?: Store;
  readonly personal?: boolean;
}

function started({ before, body, store = memory(), personal = false }: Parts): Promise<RuntimeWorld> {
  const reads =
    before === undefined
      ? {}
      : { before: async ({ data }: { data: Item }, { read }: { read: any }) => before(data, read) };
  const options = { version: 1, key: "id", data: Placed.schema } as const;
  const What = personal
    ? (event("orders.placed", { ...options, personal: { subject: "id", fields: ["n"] } } as never) as typeof Placed)
    : Placed;
  const app = application(orders({ Placed: What }), billing(body, { retry, ...reads } as never, What));
  return RuntimeWorld.started(app, { store, hand: new ByHand(drained) });
}

const place = (it: RuntimeWorld, ...keys: string[]): Promise<unknown> => it.reply("orders.place", numbered(...keys));
const seen = async (it: RuntimeWorld): Promise<unknown[]> => Object.values(await it.rows("billing", "seen"));

/** What becomes of an entry whose handler throws, and how often it was tried. */
async function fate(parts: Parts): Promise<string> {
  let asked = 0;
  const counted = (fails: ((...given: any) => unknown) | undefined) =>
    fails && ((...given: unknown[]): unknown => (asked++, fails(...given)));
  const [before, body] = [counted(parts.before), counted(parts.body)];
  const it = await started({ ...(before && { before }), ...(body && { body }) });
  await place(it, "a");
  await it.hand.pass(20_000);
  const { state, lag, dead } = it.runtime.status;
  return `${state}, lag ${lag}, dead ${dead}, tried ${asked} times`;
}

const DEAD = "ready, lag 0, dead 1, tried 3 times";

describe("a handler that throws an error with a code of the store is counted, and dead after its tries:", () => {
  test.each(CODES)("its own %s", async (code) => {
    const fails = (): never => {
      throw new BanyanError(code, "I say so.", { retry: "later" });
    };
    expect(await fate({ before: fails })).toBe(DEAD);
    expect(await fate({ body: fails })).toBe(DEAD);
  });

  test.each(CODES)("a plain object, or another error, that says %s", async (code) => {
    const another = Object.assign(new Error("x"), { code, name: "BanyanError", retry: "later" });
    for (const thrown of [{ code }, another]) {
      const body = (): never => {
        throw thrown as Error;
      };
      expect(await fate({ body })).toBe(DEAD);
    }
  });

  test("its own statement-failed that asks for another try", async () => {
    const fails = (): never => {
      throw new BanyanError("statement-failed", "I say so.", { retry: "later" });
    };
    expect(await fate({ before: fails })).toBe(DEAD);
    expect(await fate({ body: fails })).toBe(DEAD);
  });
});

/** Statements of units or reads fail while `down`. */
function shaky(of: "units" | "reads"): { store: Store; state: { down: boolean } } {
  const store = memory();
  const state = { down: true };
  const broken = (raw: any): any => ({
    kind: "tables",
    table: (name: string) => {
      const fails = async (): Promise<never> => {
        throw new BanyanError(TROUBLE.code, TROUBLE.message);
      };
      return state.down ? { get: fails, set: fails, delete: fails, entries: fails } : raw.table(name);
    },
  });
  const begin: Store["begin"] = async () => {
    const transaction = await store.begin();
    const unit: typeof transaction.unit = (...asked) => {
      const handle = transaction.unit(...asked);
      return asked[0] === "billing" ? over(handle, { raw: broken(handle.raw) }) : handle;
    };
    return over(transaction, { unit });
  };
  const session: Store["session"] = async (...asked) => {
    const found = await store.session(...asked);
    return over(found, { raw: broken(found.raw) });
  };
  return { store: over(store, of === "units" ? { begin } : { session }), state };
}

describe("trouble that comes from the store is not counted:", () => {
  test.each([false, true])("in a statement of a body (personal data: %s)", async (personal) => {
    const { store, state } = shaky("units");
    const it = await started({ store, personal });
    await place(it, "a", "b");
    await it.hand.pass(60_000);
    expect(it.runtime.status).toMatchObject({ parked: 0, dead: 0, lag: 2 });
    state.down = false;
    await it.hand.pass(10_000);
    expect(await seen(it)).toEqual(["a0", "b1"]);
  });

  test("in a read of `before`", async () => {
    const { store, state } = shaky("reads");
    const it = await started({ store, before: (_data, read) => read.table("seen").get("x") });
    await place(it, "a");
    await it.hand.pass(60_000);
    expect(it.runtime.status).toMatchObject({ parked: 0, dead: 0, lag: 1 });
    state.down = false;
    await it.hand.pass(10_000);
    expect(await seen(it)).toEqual(["a0"]);
  });
});
