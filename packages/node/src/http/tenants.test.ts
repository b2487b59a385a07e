import { anyone, app, command, context, type Principal, type Request as Ask } from "@banyan/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { Edge } from "./edge.ts";
import { DEFAULT_HTTP_LIMITS } from "./limits.ts";

const Touch = command("a.touch", { http: "POST /touch", input: z.object({}) });
const a = context("a", { contract: { Touch } });
a.handle(Touch, { allow: anyone() }, () => {});

/** What comes of a request of a principal, and with which tenant it is asked, if at all. */
async function asked(tenants: Principal["tenants"], chosen?: string): Promise<readonly unknown[]> {
  const principal: Principal = { id: "user:1", roles: [], ...(tenants !== undefined && { tenants }) };
  const executed: string[] = [];
  const edge = new Edge({
    app: app({ contexts: [a] }),
    auth: [{ prefix: "user", open: () => {}, authenticate: () => principal }],
    runtime: {
      status: {} as never,
      delivery: {} as never,
      load: { commands: 0, turnMs: 0 },
      execute: async ({ tenant }: Ask) => {
        executed.push(tenant);
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
  const headers = { "content-type": "application/json", ...(chosen !== undefined && { "x-banyan-tenant": chosen }) };
  const answer = await edge.fetch(new Request("http://localhost/touch", { method: "POST", headers, body: "{}" }));
  edge.close();
  const problem = answer.status === 204 ? {} : ((await answer.json()) as { code?: string; remedy?: string });
  return [answer.status, problem.code ?? executed, problem.remedy !== undefined];
}

test.each([
  { tenants: undefined, chosen: undefined, status: 204, what: ["default"] },
  { tenants: ["acme"], chosen: undefined, status: 204, what: ["acme"] },
  { tenants: ["acme", "beta"], chosen: "beta", status: 204, what: ["beta"] },
  { tenants: "*", chosen: "gamma", status: 204, what: ["gamma"] },
  { tenants: "*", chosen: undefined, status: 204, what: ["default"] },
  { tenants: ["acme", "beta"], chosen: undefined, status: 400, what: "tenant-missing" },
  { tenants: ["acme", "beta"], chosen: "gamma", status: 403, what: "tenant-foreign" },
  { tenants: undefined, chosen: "acme", status: 403, what: "tenant-foreign" },
  { tenants: "*", chosen: "a/b", status: 400, what: "tenant-invalid" },
] as const)("a principal of $tenants that names $chosen is answered $status: $what", async (one) => {
  expect(await asked(one.tenants, one.chosen)).toEqual([one.status, one.what, one.status !== 204]);
});
