import { anyone, app, command, context, event, hmac, query, roles, signed, standardWebhooks, type App } from "banyan";
import { z } from "zod";

/** What schemas can be, beside what the shop's are. */
const Shape = z.union([
  z.object({ kind: z.literal("circle"), radius: z.number().min(0).max(1_000) }),
  z.object({ kind: z.literal("box"), sides: z.tuple([z.number(), z.number()]) }),
  z.array(z.array(z.int().min(0).max(9)).max(4)).max(4),
  z.string().max(20),
  z.null(),
]);
const Thing = z.object({
  thingId: z.string().min(1).max(64),
  shape: Shape,
  on: z.iso.date().optional(),
  at: z.iso.datetime().optional(),
  labels: z.record(z.string().max(30), z.string().max(30)).default({}),
  nested: z
    .array(z.object({ name: z.string().max(30), parts: z.array(z.boolean()).max(5) }))
    .max(300)
    .default([]),
  email: z.email().max(254).optional(),
  anything: z.unknown().optional(),
});

const ThingKept = event("odd.thing-kept", {
  version: 1,
  key: "thingId",
  personal: { subject: "thingId", fields: ["email"] },
  data: z.object({ thingId: z.string(), email: z.email().optional(), body: z.string() }),
});
const KeepThing = command("odd.keep-thing", {
  http: "PUT /odd/:thingId/kept",
  input: Thing,
  output: z.object({ kept: z.int() }),
});
const DropThing = command("odd.drop-thing", { http: "DELETE /odd/:thingId", input: Thing.pick({ thingId: true }) });
const page = { limit: z.int().min(1).max(50).default(10), after: z.string().max(200).optional() };
const ListThings = query("odd.list-things", {
  http: "GET /odd",
  input: z.object({ ...page, exact: z.boolean().optional(), kinds: z.array(z.enum(["a", "b"])).optional() }),
  output: z.object({ things: z.array(z.string()), next: z.string().nullable() }),
});
const AuditThings = query("odd.audit-things", {
  http: "GET /odd-audit",
  input: z.object({}),
  output: z.object({ kept: z.int(), told: z.int() }),
});

const schema = `
  CREATE TABLE odd_thing (tenant TEXT NOT NULL DEFAULT (banyan_tenant()), thing_id TEXT NOT NULL, body TEXT NOT NULL,
    kept INTEGER NOT NULL DEFAULT 1, PRIMARY KEY (tenant, thing_id)) STRICT;
  CREATE TABLE odd_count (tenant TEXT NOT NULL DEFAULT (banyan_tenant()), name TEXT NOT NULL, n INTEGER NOT NULL,
    PRIMARY KEY (tenant, name)) STRICT;`;

const COUNT =
  "INSERT INTO odd_count (name, n) VALUES (?, 1) ON CONFLICT (tenant, name) DO UPDATE SET n = odd_count.n + 1";

const odd = context("odd", {
  contract: { ThingKept, KeepThing, DropThing, ListThings, AuditThings },
  migrations: [{ name: "001-odd.sql", sql: schema }],
  tenants: { tables: ["odd_thing", "odd_count"] },
});

odd.handle(KeepThing, { allow: anyone() }, async (thing, { tx, emit }) => {
  const body = JSON.stringify(thing);
  const keep = `INSERT INTO odd_thing (thing_id, body) VALUES (?, ?)
    ON CONFLICT (tenant, thing_id) DO UPDATE SET body = excluded.body, kept = odd_thing.kept + 1`;
  await tx.execute(keep, [thing.thingId, body]);
  await tx.execute(COUNT, ["kept"]);
  const { thingId, email } = thing;
  emit(ThingKept, { thingId, body, ...(email === undefined ? {} : { email }) });
  return { kept: 1 };
});

odd.handle(DropThing, { allow: roles("operator") }, async ({ thingId }, { tx }) => {
  await tx.execute("DELETE FROM odd_thing WHERE thing_id = ?", [thingId]);
});

odd.on(ThingKept, { name: "tell", from: "start" }, async (_event, { tx }) => {
  await tx.execute(COUNT, ["told"]);
});

odd.answer(ListThings, { allow: anyone() }, async ({ limit, after = "" }, { read }) => {
  const select = "SELECT thing_id FROM odd_thing WHERE thing_id > ? ORDER BY thing_id LIMIT ?";
  const { rows } = await read.execute(select, [after, limit]);
  const things = rows.map((row) => String(row["thing_id"]));
  return { things, next: things.length < limit ? null : (things.at(-1) ?? null) };
});

odd.answer(AuditThings, { allow: roles("operator"), tenants: "*" }, async (_input, { read }) => {
  const { rows } = await read.execute("SELECT name, sum(n) AS n FROM odd_count GROUP BY name");
  const of = (name: string): number => Number(rows.find((row) => row["name"] === name)?.["n"] ?? 0);
  return { kept: of("kept"), told: of("told") };
});

/** With which deliveries to the odd application are signed, some of them. */
export const HOOK_SECRET = "whsec_c2l4dGVlbiBieXRlcyBvciBtb3JlIG9mIGl0";

export function oddApp(): App {
  const whole = app({ contexts: [odd] });
  const secrets = (): string[] => [HOOK_SECRET];
  const limits = { body: "64KiB" };
  whole.route("POST /odd-raw/:name/:other", { allow: anyone(), limits: { body: "1KiB" } }, async (request, tools) => {
    return Response.json({ ...tools.params, length: (await request.bytes()).length });
  });
  whole.route("GET /odd-raw/:name", { allow: anyone() }, (_, { params }) => new Response(params.name));
  const standard = signed("standard", { scheme: standardWebhooks(), secrets, tenants: "*" });
  whole.route("POST /odd-hook", { allow: standard, limits }, async (_, { call, delivery = "" }) => {
    await call(KeepThing, { thingId: delivery.slice(0, 64), shape: null });
    return new Response(null, { status: 204 });
  });
  const time = { part: "t" };
  const lines = hmac({ header: "odd-signature", part: "v1", time, encoding: "hex", id: ({ id }) => id });
  whole.route("PUT /odd-lines", { allow: signed("lines", { scheme: lines, secrets }), limits }, (request) => {
    return new Response(request.body);
  });
  return whole;
}
