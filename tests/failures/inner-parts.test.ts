import { anyone, app, command, context, event, memoryDisk, mount, none, sql, sqlite } from "banyan";
import { expect, test } from "vitest";
import { z } from "zod";

const Said = event("talk.said", { version: 1, key: none, data: z.object({ word: z.string() }) });
const Talk = command("talk.talk", { http: "POST /talk", input: z.object({}) });

test("what is emitted while an inner part is open is taken back with it, also by who emits beside it", async () => {
  const talk = context("talk", { contract: { Said, Talk }, tx: sql() });
  talk.handle(Talk, { allow: anyone() }, async (_input, { tx, emit }) => {
    const say = (word: string): void => emit(Said, { word });
    const beside = Promise.withResolvers<void>();
    say("before");
    const inner = tx.savepoint(async () => {
      say("inside");
      await beside.promise;
      throw new Error("undone");
    });
    say("beside");
    beside.resolve();
    await inner.catch(() => {});
    say("after");
  });
  const store = sqlite({ memory: memoryDisk() });
  const options = { mode: "dev", data: "", env: {}, faults: false, store, write: () => {} } as const;
  const mounted = await mount(app({ contexts: [talk] }), options);
  try {
    const headers = { "content-type": "application/json" };
    const asked = new Request("http://localhost/talk", { method: "POST", headers, body: "{}" });
    expect((await mounted.fetch(asked)).status).toBe(204);
    const { entries } = await store.fetch({ source: "talk", after: 0, types: ["talk.said"], limit: 10 });
    expect(entries.map(({ body }) => JSON.parse(body))).toMatchObject([{ word: "before" }, { word: "after" }]);
  } finally {
    await mounted.stop();
  }
});
