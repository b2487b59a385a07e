import { setImmediate as drained } from "node:timers/promises";
import { memory } from "@banyan/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { app, context, tables } from "../context/index.ts";
import { command, event } from "../contract/index.ts";
import type { Entry } from "../ports/index.ts";
import { ByHand } from "./fixture.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

const Input = z.object({ id: z.string() });
const Place = command("orders.place", { input: Input });
const Placed = event("orders.placed", { version: 1, key: "id", data: Input });

type Changeable = Record<string, any>;

interface Tampering {
  readonly allow?: (tools: Changeable) => void;
  readonly before?: (tools: Changeable) => void;
  readonly body?: (tools: Changeable) => void;
}

/** The entries of an order that a member of "acme" placed with code that meddles with its tools. */
async function placedWith({ allow, before, body }: Tampering): Promise<readonly Entry[]> {
  const orders = context("orders", { contract: { Place, Placed }, tx: tables() });
  const options = {
    allow: (tools: Changeable) => (allow?.(tools), true),
    before: (_: unknown, tools: Changeable) => before?.(tools),
  };
  const handle = ({ id }: { id: string }, tools: Changeable): void => {
    tools["emit"](Placed, { id });
    body?.(tools);
  };
  orders.handle(Place, options as never, handle as never);
  const it = await RuntimeWorld.started(app({ contexts: [orders] }), { store: memory(), hand: new ByHand(drained) });
  const by = { who: "user:1", tenants: ["acme"], tenant: "acme" };
  const outcome = await it.hand.outcome(it.ask("orders.place", { id: "a" }, by));
  if (outcome !== "pending" && "error" in outcome) throw outcome.error;
  return it.log("orders", "orders.placed", "other.done");
}

/** Everything that can be reached from tools without calling anything. */
function reachable(from: unknown, found = new Set<object>()): Set<object> {
  if ((typeof from !== "object" && typeof from !== "function") || from === null || found.has(from)) return found;
  if (from === Object.prototype || from === Array.prototype || from === Function.prototype) return found;
  found.add(from);
  for (const key of Reflect.ownKeys(from)) reachable(Reflect.getOwnPropertyDescriptor(from, key)?.value, found);
  return reachable(Object.getPrototypeOf(from), found);
}

test("nothing but `emit` reaches what a body has emitted", async () => {
  const lists: unknown[][] = [];
  const entries = await placedWith({
    body: (tools) => {
      for (const one of reachable(tools)) {
        if (Array.isArray(one) && !Object.isFrozen(one)) lists.push(one);
        expect((one as Changeable)["correlation"]).toBeUndefined();
      }
    },
  });
  expect(lists).toEqual([]);
  expect(entries).toMatchObject([{ tenant: "acme", principal: "user:1", key: "a" }]);
});

test.each(["emit", "now", "tenant", "principal", "newId", "emitted"])(
  "a body cannot replace its `%s`",
  async (name) => {
    const replace = (tools: Changeable): void => void (tools[name] = "mine");
    await expect(placedWith({ body: replace })).rejects.toMatchObject({
      message: expect.stringContaining("TypeError"),
    });
  },
);

test.each(["allow", "before", "body"] as const)("who asks cannot be changed by `%s`", async (where) => {
  const refused: unknown[] = [];
  const attempt = (change: () => void): void => {
    try {
      change();
    } catch (error) {
      refused.push(error instanceof TypeError);
    }
  };
  const entries = await placedWith({
    [where]: ({ principal }: Changeable) => {
      attempt(() => (principal.id = "operator:x"));
      attempt(() => principal.roles.push("operator"));
      attempt(() => principal.tenants.push("beta"));
      attempt(() => (principal.tenants = "*"));
    },
  });
  expect(refused).toEqual([true, true, true, true]);
  expect(entries).toMatchObject([{ tenant: "acme", principal: "user:1" }]);
});
