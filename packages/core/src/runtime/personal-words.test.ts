import { setImmediate as drained } from "node:timers/promises";
import { memory, memoryDisk, type Store } from "@banyan/core";
import { type } from "arktype";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { anyone, app, backoff, context, tables, type Context } from "../context/index.ts";
import { command, event } from "../contract/index.ts";
import { ByHand } from "./fixture.ts";
import { RuntimeWorld } from "./runtime-fixture.ts";

const EMAIL = "Canary.Bird@example.org";
const STREET = "Canary Street 5";
const CARD = 4000123412341234;

const Person = z.object({
  id: z.string(),
  email: z.string(),
  home: z.object({ street: z.string() }),
  card: z.number(),
});
const Joined = event("people.joined", {
  version: 1,
  key: "id",
  personal: { subject: "id", fields: ["email", "home", "card"] },
  data: Person,
});
const Join = command("people.join", { input: Person });
const person = { id: "p1", email: EMAIL, home: { street: STREET }, card: CARD };
const words = `mailbox of ${EMAIL} (${STREET}, ${CARD}) is full`;

interface Failing {
  readonly command?: () => never;
  readonly before?: () => never;
  readonly body?: () => never;
}

/** Somebody joins where handlers fail with words that repeat their data. */
async function joined(failing: Failing): Promise<{ it: RuntimeWorld; store: Store }> {
  const people = context("people", { contract: { Joined, Join }, tx: tables() });
  people.handle(Join, { allow: anyone() }, (data, { emit }) => {
    emit(Joined, data);
    failing.command?.();
  });
  const mail = context("mail", { contract: {}, tx: tables() });
  const options = { name: "greet", from: "start", retry: backoff("1s", "1s", 2), before: failing.before } as const;
  mail.on(Joined, options as never, () => failing.body?.());
  const store = memory(memoryDisk());
  const contexts = [people as Context, mail as Context];
  const it = await RuntimeWorld.started(app({ contexts }), { store, hand: new ByHand(drained) });
  return { it, store };
}

const thrown = {
  error: () => {
    throw new Error(words, { cause: new Error(EMAIL) });
  },
  text: () => {
    // oxlint-disable-next-line typescript/only-throw-error -- libraries do
    throw words;
  },
  code: () => {
    throw Object.assign(new Error(words), { code: "EMAIL", address: EMAIL });
  },
} as const;

describe.each(["before", "body"] as const)("what `%s` throws", (where) => {
  test.each(["error", "text", "code"] as const)(
    "is stored and told without the entry's personal data: %s",
    async (how) => {
      const { it, store } = await joined({ [where]: thrown[how] });
      await it.reply("people.join", person);
      await it.hand.pass(5_000);
      expect(it.fates("mail.greet")).toEqual(["1 retrying", "1 dead"]);
      const first = await it.hand.value(it.runtime.delivery.parked({}));
      const row = await store.parkedEntry({ subscription: "mail.greet", source: "people", position: 1 });
      const dry = await it.hand.value(it.runtime.delivery.dryReplay({ subscription: "mail.greet", of: "parked" }));
      const told = JSON.stringify([it.hand.signals, first, row?.errors, dry]);
      expect(told).toContain("mailbox of [personal] ([personal], [personal]) is full");
      for (const canary of [EMAIL, STREET, String(CARD)]) expect(told).not.toContain(canary);
    },
  );
});

test("what goes wrong in a command repeats nothing of the input that is personal in an event of its context", async () => {
  const { it } = await joined({ command: thrown.error });
  const error = await it.refusal("people.join", person);
  const told = [error.message, error.stack, (error.cause as Error).stack].join();
  expect(error.code).toBe("handler-failed");
  expect(told).toContain("mailbox of [personal]");
  for (const canary of [EMAIL, STREET, String(CARD)]) expect(told).not.toContain(canary);
});

test("what a schema library says of a wrong input repeats nothing that is personal in an event of its context", async () => {
  const Tell = command("people.tell", { input: type({ id: "string", email: "string.email < 20", "card?": "string" }) });
  const people = context("people", { contract: { Joined, Tell }, tx: tables() });
  people.handle(Tell, { allow: anyone() }, () => {});
  const application = app({ contexts: [people as Context] });
  const it = await RuntimeWorld.started(application, { store: memory(memoryDisk()), hand: new ByHand(drained) });
  for (const input of [
    { id: "a", email: `${EMAIL} and more` },
    { id: "a", email: EMAIL },
    { id: "a", email: "a@b.de", card: CARD },
  ]) {
    const { code, message, details } = await it.refusal("people.tell", input);
    expect(code).toBe("input-invalid");
    expect(JSON.stringify([message, details])).not.toMatch(/canary|4000123412341234/i);
  }
  expect((await it.refusal("people.tell", { id: "a", email: `${EMAIL} !` })).message).toContain("[personal]");
});
