import { expect, test } from "vitest";
import { z } from "zod";
import { anyone, app, context, roles, routeLimits, type App, type RouteDefinition } from "../context/index.ts";
import { query } from "../contract/index.ts";
import { manifestOf } from "./manifest.ts";
import { checkRegistration } from "./registration.ts";

const FEATURES = { name: "memory", handle: "sql", tenants: true } as never;

const GetOrder = query("orders.get-order", {
  http: "GET /orders/:orderId",
  input: z.object({ orderId: z.string() }),
  output: z.object({}),
});
const orders = context("orders", { contract: { GetOrder } });
orders.answer(GetOrder, { allow: anyone() }, () => ({}));

function routed(...routes: (Partial<RouteDefinition> & { readonly http: string })[]): App {
  const usual = { at: "app.ts:1:1", allow: anyone(), limits: routeLimits({}), around: [], unknownOptions: [] };
  return {
    ...app({ contexts: [orders] }),
    routes: routes.map((route) => ({ ...usual, body: () => undefined, ...route })),
  };
}

function found(...routes: Parameters<typeof routed>): string[] {
  return checkRegistration(routed(...routes), FEATURES).map(({ code, at, message }) => `${code} ${at} ${message}`);
}

test("routes that are sound are no violation", () => {
  expect(
    found(
      { http: "POST /orders/:orderId" },
      { http: "GET /files/:name", allow: roles("clerk") },
      { http: "GET /files", allow: () => true },
      { http: "POST /hooks", allow: { policy: "signed", by: "payments", roles: [] } },
    ),
  ).toEqual([]);
});

test("everything that is wrong with a raw route is said, with its place", () => {
  const nothing = undefined as never;
  expect(
    found(
      { http: "GET /orders/:id" },
      { http: "get /x" },
      { http: "GET /_banyan/mine" },
      { http: "GET /a/:x/:x" },
      { http: "PUT /twice/:a" },
      { http: "PUT /twice/:b" },
      { http: "GET /open", allow: undefined },
      { http: "GET /odd", allow: { policy: "roles" } as never },
      { http: "GET /hook", allow: { policy: "signed", by: "payments", roles: [] } },
      { http: "GET /opts", unknownOptions: ["alow", "limits.bodyBytes"] },
      { http: "GET /none", body: nothing },
      { http: "GET /around", around: [nothing] },
    ),
  ).toEqual([
    'route-duplicate app.ts:1:1 The raw route GET /orders/:id and "orders.get-order" have the same route.',
    'route-invalid app.ts:1:1 "get /x" is not a method and a path.',
    'route-invalid app.ts:1:1 "GET /_banyan/mine" is under /_banyan, which is the runtime\'s own.',
    'route-invalid app.ts:1:1 "GET /a/:x/:x" has two parameters of one name.',
    "route-duplicate app.ts:1:1 The raw route PUT /twice/:b and another raw route have the same route.",
    "policy-missing app.ts:1:1 The raw route GET /open does not say who may use it.",
    "policy-missing app.ts:1:1 The raw route GET /odd does not say who may use it.",
    'route-invalid app.ts:1:1 "GET /hook" is signed, and brings no body that could be.',
    'option-unknown app.ts:1:1 The raw route GET /opts has an option "alow". Did you mean "allow"?',
    'option-unknown app.ts:1:1 The raw route GET /opts has an option "limits.bodyBytes".',
    'route-invalid app.ts:1:1 "GET /none" has something in `around`, or as its body, that is no function.',
    'route-invalid app.ts:1:1 "GET /around" has something in `around`, or as its body, that is no function.',
  ]);
});

test("two senders have not one name; one sender may have several routes", () => {
  const [first, second] = [0, 1].map(() => ({ policy: "signed", by: "same", roles: [] }) as const);
  const other = { policy: "signed", by: "other", roles: [] } as const;
  expect(
    found({ http: "POST /a", allow: first }, { http: "POST /b", allow: first }, { http: "POST /c", allow: other }),
  ).toEqual([]);
  expect(
    found({ http: "POST /a", allow: first }, { http: "POST /b", allow: second }, { http: "POST /c", allow: second }),
  ).toEqual([
    'signer-duplicate app.ts:1:1 The raw route POST /b and POST /a (app.ts:1:1) each have a `signed("same", …)` of their own.',
    'signer-duplicate app.ts:1:1 The raw route POST /c and POST /a (app.ts:1:1) each have a `signed("same", …)` of their own.',
  ]);
});

test("the manifest has each with its policy and limits", () => {
  const limits = routeLimits({ body: "2MiB", time: "1m", concurrent: 3 });
  const signed = { policy: "signed", by: "payments", roles: [] } as const;
  expect(
    manifestOf(routed({ http: "POST /hooks", allow: signed, limits }, { http: "GET /x", allow: undefined })).routes,
  ).toEqual([
    { http: "POST /hooks", allow: "signed: payments", bodyBytes: 2_097_152, timeMs: 60_000, concurrent: 3 },
    { http: "GET /x", allow: "missing", bodyBytes: 1_048_576, timeMs: 30_000, concurrent: 100 },
  ]);
});

test.each([
  ["0ms", { time: "0ms" }],
  ["25h", { time: "25h" }],
  ["soon", { time: "soon" }],
  ["much", { body: "much" }],
  ["0 at once", { concurrent: 0 }],
  ["2.5 at once", { concurrent: 2.5 }],
])("a limit of %s is none", (...row) => {
  expect(() => routeLimits(row[1])).toThrow(expect.objectContaining({ code: "config-invalid" }));
});
