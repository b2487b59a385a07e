import { type } from "arktype";
import { anyone, app, command, context, serve } from "banyan";
import { memory, memoryDisk } from "@banyan/core";
import { expect, test } from "vitest";
import { z } from "zod";

const names = ["zod", "arktype"] as const;
const contract = {
  zod: command("desk.zod", {
    http: "POST /zod",
    input: z.object({ id: z.string() }),
    output: z.object({ id: z.string() }),
  }),
  arktype: command("desk.arktype", {
    http: "POST /arktype",
    input: type({ id: "string" }),
    output: type({ id: "string" }),
  }),
};

test("a field that a contract does not name reaches no handler, and leaves in no answer", async () => {
  const came: unknown[] = [];
  const desk = context("desk", { contract });
  for (const name of names) {
    desk.handle(contract[name], { allow: anyone() }, (input: { readonly id: string }) => {
      came.push(input);
      return { ...input, secret: "of the row" };
    });
  }
  const options = { mode: "start", data: "", store: memory(memoryDisk()), port: 0, env: {}, write: () => {} } as const;
  const served = await serve(app({ contexts: [desk] }), options);
  try {
    for (const name of names) {
      const headers = { "content-type": "application/json" };
      const body = JSON.stringify({ id: name, admin: true, roles: ["operator"] });
      const answer = await fetch(`${served.url}/${name}`, { method: "POST", headers, body });
      expect(await answer.json()).toEqual({ id: name });
    }
    expect(came).toEqual(names.map((id) => ({ id })));
  } finally {
    await served.stop();
  }
});
