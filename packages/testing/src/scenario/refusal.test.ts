import { anyone, app, backoff, command, context, event, memory, tables } from "@banyan/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { scenario } from "./scenario.ts";

const Happened = event("source.happened", { version: 1, key: "id", data: z.object({ id: z.string() }) });
const Fill = command("source.fill", { input: z.object({ count: z.int() }) });

test("a command that is refused for a backlog throws that refusal, also while the subscription is paused", async () => {
  const source = context("source", { contract: { Happened, Fill }, tx: tables(), backlog: "64KiB" });
  source.handle(Fill, { allow: anyone() }, ({ count }, { emit }) => {
    for (let n = 0; n < count; n++) emit(Happened, { id: `k${n}` });
  });
  const reader = context("reader", { contract: {}, tx: tables() });
  reader.on(Happened, { name: "read", from: "start", retry: backoff("1s", "5m", 50) }, () => {
    throw new Error("down");
  });
  const it = await scenario(app({ contexts: [source, reader] }), { store: () => memory() });
  await it.when(Fill, { count: 600 });
  await expect(it.when(Fill, { count: 1 })).rejects.toMatchObject({ code: "backlog-full" });
  // warned of as well, and no more stuck than before
  await it.advance("10s");
  it.parked();
  await it.stop();
});
