import { command, DEFAULT_TENANT, type Request as Ask } from "@banyan/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { app } from "../raw/app.ts";
import { signedHeaders } from "../raw/sign-standard-fixture.ts";
import { signed, type SignedOptions } from "../raw/signed.ts";
import { standardWebhooks } from "../raw/standard-webhooks.ts";
import { Edge } from "./edge.ts";
import { DEFAULT_HTTP_LIMITS } from "./limits.ts";

const SECRET = `whsec_${Buffer.from("sixteen bytes or more of it").toString("base64")}`;
const Book = command("ledger.book", { input: z.object({}) });
const DAY_MS = 86_400_000;

/** What is asked of the runtime for one delivery of a route that calls one command. */
async function askedFor(
  options: Partial<SignedOptions<unknown>>,
  key?: string,
  id: string = "msg_1",
): Promise<Partial<Ask>> {
  const shop = app({ contexts: [] });
  const allow = signed("payments", {
    scheme: standardWebhooks(),
    secrets: () => [SECRET],
    roles: ["payer"],
    ...options,
  });
  shop.route("POST /hook", { allow }, async (_, { call }) => {
    await call(Book, {}, key === undefined ? {} : { key });
    return new Response();
  });
  const asked: Ask[] = [];
  const edge = new Edge({
    app: shop,
    auth: [],
    runtime: {
      status: {} as never,
      delivery: {} as never,
      load: { commands: 0, turnMs: 0 },
      execute: async (ask: Ask) => {
        asked.push(ask);
        return { answer: "empty", value: undefined, commandId: "c", replayed: false };
      },
    },
    ops: {} as never,
    settings: {},
    data: "",
    token: undefined,
    hosts: "any",
    limits: DEFAULT_HTTP_LIMITS,
    log: {} as never,
    words: false,
  });
  const headers = { ...signedHeaders(SECRET, { id, body: "{}" }), "idempotency-key": "theirs" };
  await edge.fetch(new Request("http://localhost/hook", { method: "POST", headers, body: "{}" }));
  edge.close();
  const [{ principal, tenant, idempotencyKey, keepMs } = {} as Ask] = asked;
  return { principal, tenant, idempotencyKey, keepMs };
}

test("a command of a delivery is asked by who signed, under the id that was signed, and remembered for long", async () => {
  expect(await askedFor({})).toEqual({
    principal: { id: "webhook:payments", roles: ["payer"] },
    tenant: DEFAULT_TENANT,
    idempotencyKey: "msg_1",
    keepMs: 30 * DAY_MS,
  });
  expect(await askedFor({ keep: "90d", tenants: ["acme"] }, "line-1")).toEqual({
    principal: { id: "webhook:payments", roles: ["payer"], tenants: ["acme"] },
    tenant: "acme",
    idempotencyKey: "msg_1/line-1",
    keepMs: 90 * DAY_MS,
  });
});

test("an id with a slash in it is not an execution by key of another delivery", async () => {
  const keys = [await askedFor({}, "b", "a"), await askedFor({}, undefined, "a/b"), await askedFor({}, "c", "a%2Fb")];
  expect(keys.map(({ idempotencyKey }) => idempotencyKey)).toEqual(["a/b", "a%2Fb", "a%252Fb/c"]);
});
