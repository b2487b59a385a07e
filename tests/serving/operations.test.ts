import { afterAll, beforeAll, expect, test } from "vitest";
import { ServedNotes } from "./served-notes.ts";

const notes = new ServedNotes();
beforeAll(async () => {
  await notes.start();
});
afterAll(() => notes[Symbol.asyncDispose]());

const operator = (): string => notes.served.token ?? "";

test("a command that goes on answers 202 with its id, its event is delivered, and a query answers 200", async () => {
  const put = await notes.ask("POST", "/notes", { json: { noteId: "first", text: "hello" } });
  expect(put).toMatchObject({ status: 202, body: { noteId: "first" } });
  expect(put.headers).toMatchObject({
    "content-type": "application/json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "x-command-id": expect.stringMatching(/^[0-9a-f-]{36}$/),
  });
  expect(put.headers).not.toHaveProperty("idempotency-replayed");
  expect(put.headers).not.toHaveProperty("server");
  expect(put.headers).not.toHaveProperty("x-powered-by");
  const got = await notes.ask("GET", "/notes/first");
  expect(got).toMatchObject({ status: 200, body: { noteId: "first", text: "hello", stars: 0 } });
  expect(got.headers).not.toHaveProperty("x-command-id");
  await expect.poll(() => [...notes.added.keys()]).toContain("first");
});

test("the caller may name the flow; otherwise the command does", async () => {
  const named = { "x-correlation-id": "checkout-7" };
  await notes.ask("POST", "/notes", { json: { noteId: "flow", text: "x" }, headers: named });
  const own = await notes.ask("POST", "/notes", { json: { noteId: "own-flow", text: "x" } });
  await expect.poll(() => notes.added.get("flow")).toBe("checkout-7");
  await expect.poll(() => notes.added.get("own-flow")).toBe(own.headers["x-command-id"]);
});

test("a command without output answers 204 and nothing", async () => {
  const answer = await notes.ask("PUT", "/notes/second", { json: { text: "x" }, token: operator() });
  expect(answer).toMatchObject({ status: 204, text: "" });
  expect(answer.headers["x-command-id"]).toBeDefined();
});

test("a repeat with its key is the same answer, marked; another body under it is 422", async () => {
  const headers = { "idempotency-key": "a key" };
  const ask = (text: string) => notes.ask("POST", "/notes", { json: { noteId: "keyed", text }, headers });
  const first = await ask("one");
  const again = await ask("one");
  expect([first.status, again.status]).toEqual([202, 202]);
  expect(again.headers["x-command-id"]).toBe(first.headers["x-command-id"]);
  expect(again.headers["idempotency-replayed"]).toBe("true");
  expect(await ask("two")).toMatchObject({
    status: 422,
    body: { code: "idempotency-key-reused", remedy: expect.any(String) },
  });
  const wrong = await notes.ask("POST", "/notes", {
    json: { text: "x" },
    headers: { "idempotency-key": "x".repeat(256) },
  });
  expect(wrong).toMatchObject({ status: 400, body: { code: "idempotency-key-invalid" } });
  const onQuery = await notes.ask("GET", "/notes/keyed", { headers: { "idempotency-key": "x".repeat(256) } });
  expect(onQuery.status).toBe(200);
});

test("parts of a path and a query become what the schema wants", async () => {
  const { body } = await notes.ask("GET", "/notes/count?least=0&stars=1&stars=2&exact=true");
  expect(body).toMatchObject({ count: expect.any(Number), input: { least: 0, stars: [1, 2], exact: true } });
  const deleted = await notes.ask("DELETE", "/notes/a%2Fb?stars=3");
  expect(deleted).toMatchObject({ status: 200, body: { dropped: 0 } });
  expect(await notes.ask("DELETE", "/notes/a?stars=many")).toMatchObject({
    status: 400,
    body: { code: "input-invalid", issues: [{ path: "stars" }] },
  });
  expect(await notes.ask("GET", "/notes/count?least=1&least=2")).toMatchObject({
    status: 400,
    body: { code: "input-invalid" },
  });
});

test("parameters of a query that its contract does not have are refused by name", async () => {
  const { status, body } = await notes.ask("GET", "/notes/count?least=0&leest=1&x=1&x=2");
  expect([status, body]).toMatchObject([400, { code: "input-invalid", issues: [{ path: "leest" }, { path: "x" }] }]);
  expect(JSON.stringify(body)).toContain("least");
});

test("a fixed path is itself and not a parameter, whatever the order of the contract", async () => {
  expect((await notes.ask("GET", "/notes/count")).body).toHaveProperty("count");
  expect(await notes.ask("GET", "/notes/purge")).toMatchObject({ status: 404, body: { code: "note-unknown" } });
});

test("refusals of the application come with their code, kind and details", async () => {
  expect(await notes.ask("GET", "/notes/none")).toMatchObject({
    status: 404,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store" },
    body: {
      type: "urn:banyan:error:note-unknown",
      status: 404,
      code: "note-unknown",
      detail: 'There is no note "none".',
    },
  });
  expect(await notes.ask("POST", "/failures/conflict")).toMatchObject({
    status: 409,
    body: { code: "note-closed", since: 1 },
  });
  const later = await notes.ask("POST", "/failures/unavailable");
  expect(later).toMatchObject({ status: 503, body: { code: "no-paper" } });
  expect(later.headers["retry-after"]).toBe("1");
});

test.each(["throw", "statement"])(
  "an internal error (%s) gives the caller an id and nothing else, and the log the rest",
  async (how) => {
    const { status, text, body } = await notes.ask("POST", `/failures/${how}`);
    expect(status).toBe(500);
    expect(text).not.toMatch(/secret|notes_missing|index\.ts/);
    const id = String(body["instance"]).replace("urn:uuid:", "");
    expect(body["detail"]).toContain(id);
    const logged = notes.lines.find((line) => line.includes(id));
    expect(logged).toMatch(/secret|notes_missing/);
  },
);

test("who asks: a guest, the operator with every role, or nobody", async () => {
  const headers = {
    cookie: "a=b",
    "x-user-id": "root",
    "x-forwarded-for": "1.2.3.4",
    "x-order-token": "t",
    "X-Custom": "c",
  };
  const guest = (await notes.ask("GET", "/reflection", { headers })).body;
  expect(guest).toMatchObject({ principal: { id: "guest", roles: [] }, tenant: "default" });
  expect(guest["headers"]).toEqual({ "x-order-token": "t", "x-custom": "c" });
  const known = (await notes.ask("GET", "/reflection", { token: operator() })).body;
  expect(known["principal"]).toEqual({
    id: "operator",
    roles: ["operator", "editor", "context"],
    tenants: "*",
  });
  const wrong = await notes.ask("GET", "/reflection", { token: "wrong" });
  expect(wrong).toMatchObject({ status: 401, body: { code: "token-invalid" } });
  expect(wrong.headers["www-authenticate"]).toContain("Bearer");
  expect(await notes.ask("PUT", "/notes/x", { json: { text: "x" } })).toMatchObject({
    status: 403,
    body: { code: "not-allowed" },
  });
});

test("for which tenant: a guest asks for the default one, the operator for any, and nobody learns more by a foreign name", async () => {
  const ask = (tenant: string, token?: string) =>
    notes.ask("GET", "/reflection", { headers: { "x-banyan-tenant": tenant }, ...(token !== undefined && { token }) });
  expect((await ask("default")).body).toMatchObject({ tenant: "default" });
  expect((await ask("acme", operator())).body).toMatchObject({ tenant: "acme", headers: {} });
  expect(await ask("acme")).toMatchObject({
    status: 403,
    body: { code: "tenant-foreign", remedy: expect.any(String) },
  });
  expect(await ask("no/name", operator())).toMatchObject({ status: 400, body: { code: "tenant-invalid" } });
});

test("the same idempotency key of two tenants is two commands", async () => {
  const add = (tenant: string, text: string) =>
    notes.ask("POST", "/notes", {
      json: { text },
      token: operator(),
      headers: { "idempotency-key": "one key", "x-banyan-tenant": tenant },
    });
  const [acme, beta, again] = [await add("acme", "a"), await add("beta", "b"), await add("acme", "a")];
  expect([acme.status, beta.status, again.status]).toEqual([202, 202, 202]);
  expect(beta.headers).not.toHaveProperty("idempotency-replayed");
  expect(beta.body).not.toEqual(acme.body);
  expect([again.headers["idempotency-replayed"], again.body]).toEqual(["true", acme.body]);
});

test("an operation without a route is reached by no path", async () => {
  for (const path of ["/notes.inside", "/notes/inside/", "/inside"]) {
    expect((await notes.ask("GET", path, { token: operator() })).status).toBe(404);
  }
});
