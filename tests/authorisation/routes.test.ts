import { anyone, app, roles, sessions, signed, standardWebhooks, type App } from "banyan";
import { authOf, manifestOf } from "@banyan/core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signedHeaders } from "../../packages/node/src/raw/sign-standard-fixture.ts";
import { application, HEADERS, ShopDoor } from "./shop-door.ts";
import { CALLERS, CHOSEN, isOf, UNKNOWN, type Caller } from "./shop-table.ts";

const SECRET = `whsec_${Buffer.from("only the provider has it").toString("base64")}`;
const ran: string[] = [];
const browsers = sessions({ secrets: ["0123456789abcdef0123456789abcdef"], prefix: "browser" });

/** The shop with a raw route of every kind of policy. */
function withRoutes(): App {
  const raw = app({ contexts: [] });
  const body = (request: Request): Response => (ran.push(new URL(request.url).pathname), new Response("seen"));
  raw.route("GET /raw/open", { allow: anyone() }, body);
  raw.route("PUT /raw/files/:name", { allow: roles("operator") }, body);
  raw.route("GET /raw/inside", { allow: roles("context") }, body);
  raw.route("GET /raw/own/:who", { allow: ({ principal, params }) => principal.id === `user:${params.who}` }, body);
  raw.route("GET /raw/failing", { allow: () => Promise.reject(new Error("not decided")) }, body);
  raw.route(
    "POST /raw/hook",
    { allow: signed("provider", { scheme: standardWebhooks(), secrets: () => [SECRET] }) },
    body,
  );
  raw.route("POST /raw/own/:who", { allow: ({ principal, params }) => principal.id === `browser:${params.who}` }, body);
  return { ...application, auth: () => [...authOf(application, {}), browsers], routes: raw.routes };
}

interface Row {
  readonly route: string;
  readonly asked: string;
  readonly allowed: readonly Caller[] | "signature";
}

/** `context` comes by no door. */
const OUTSIDE = CALLERS.filter((one) => one !== "context" && one !== "holder");
const TABLE: readonly Row[] = [
  { route: "GET /raw/open", asked: "GET /raw/open", allowed: OUTSIDE },
  { route: "PUT /raw/files/:name", asked: "PUT /raw/files/a", allowed: ["operator"] },
  { route: "GET /raw/inside", asked: "GET /raw/inside", allowed: [] },
  { route: "GET /raw/own/:who", asked: "GET /raw/own/ada", allowed: ["ada"] },
  { route: "GET /raw/own/:who", asked: "GET /raw/own/operator", allowed: ["user-operator"] },
  { route: "GET /raw/failing", asked: "GET /raw/failing", allowed: [] },
  { route: "POST /raw/own/:who", asked: "POST /raw/own/eve", allowed: [] },
  { route: "POST /raw/hook", asked: "POST /raw/hook", allowed: "signature" },
];

const shop = withRoutes();
let door: ShopDoor;
beforeAll(async () => {
  door = await ShopDoor.opened(shop);
});
afterAll(() => door[Symbol.asyncDispose]());

async function statusOf({ asked }: Row, headers: Readonly<Record<string, string>>, body?: string): Promise<number> {
  const [method = "", path = ""] = asked.split(" ");
  const sent = method === "GET" ? {} : { body: body ?? "x" };
  return (await fetch(door.url + path, { method, headers, ...sent })).status;
}

test("the table has every raw route of the manifest, and none is without a policy", () => {
  const { routes } = manifestOf(shop);
  expect(new Set(TABLE.map(({ route }) => route))).toEqual(new Set(routes.map(({ http }) => http)));
  expect(routes.filter(({ allow }) => allow === "missing")).toEqual([]);
});

test("every caller may use the raw routes that the table says, for its own tenants, and no others", async () => {
  const found: string[] = [];
  const wanted: string[] = [];
  for (const row of TABLE)
    for (const caller of [...OUTSIDE, ...UNKNOWN])
      for (const chosen of CHOSEN) {
        const tenant: Record<string, string> = chosen === undefined ? {} : { "x-banyan-tenant": chosen };
        const before = ran.length;
        const status = await statusOf(row, { ...HEADERS[caller], ...tenant });
        const line = `${caller}, ${chosen ?? "no tenant"}, on ${row.asked}`;
        found.push(`${line}: ${status === 200} ${ran.length > before}`);
        const may = row.allowed !== "signature" && row.allowed.some((one) => one === caller) && isOf(caller, chosen);
        wanted.push(`${line}: ${may} ${may}`);
      }
  expect(found).toEqual(wanted);
  expect(found.length).toBe(360);
});

test("a signed route is for whoever signs, with whatever token, and for nobody else", async () => {
  const row = TABLE.find(({ allowed }) => allowed === "signature")!;
  const other = `whsec_${Buffer.from("sixteen bytes of another").toString("base64")}`;
  for (const caller of ["guest", "operator", "forged"]) {
    const told: number[] = [];
    for (const [secret, id, body] of [
      [SECRET, `msg_${caller}`, "x"],
      [other, `msg_other_${caller}`, "x"],
      [SECRET, `msg_changed_${caller}`, "y"],
    ] as const)
      told.push(await statusOf(row, { ...HEADERS[caller], ...signedHeaders(secret, { id, body: "x" }) }, body));
    expect([caller, ...told]).toEqual([caller, 200, 401, 401]);
  }
});

test("a session opens a raw route from its own pages only", async () => {
  const row = TABLE.find(({ asked }) => asked === "POST /raw/own/eve")!;
  const cookie = browsers.begin({ subject: "eve", roles: [] }).split(";")[0] ?? "";
  const host = new URL(door.url).host;
  const told: number[] = [];
  for (const headers of [
    { origin: `https://${host}`, "sec-fetch-site": "same-origin" },
    { origin: "https://evil.example", "sec-fetch-site": "cross-site" },
    { origin: `https://${host}`, "sec-fetch-site": "same-site" },
    { origin: "null" },
    { origin: `http://${host}` },
    {},
  ])
    told.push(await statusOf(row, { cookie, ...(headers as Record<string, string>) }));
  expect(told).toEqual([200, 403, 403, 403, 403, 403]);
});
