import { afterAll, beforeAll, expect, test } from "vitest";
import { ServedNotes, type Asking } from "./served-notes.ts";

const notes = new ServedNotes();
beforeAll(async () => {
  await notes.start({ limits: { headersMs: 400, requestMs: 800 } });
});
afterAll(() => notes[Symbol.asyncDispose]());

const json = { "content-type": "application/json" };
const deep = (levels: number): string => `{"text":"x","deep":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`;

test.each<[string, Asking, number, string]>([
  ["no JSON", { raw: "{", headers: json }, 400, "body-malformed"],
  ["broken UTF-8", { raw: Buffer.from([0x7b, 0xff, 0x7d]), headers: json }, 400, "body-malformed"],
  ["too deep", { raw: deep(65), headers: json }, 400, "body-malformed"],
  ["a list", { raw: "[]", headers: json }, 400, "input-invalid"],
  ["null", { raw: "null", headers: json }, 400, "input-invalid"],
  ["wrong types", { json: { text: 1 } }, 400, "input-invalid"],
  ["an unknown field", { json: { text: "x", admin: true } }, 400, "input-invalid"],
  ["nothing at all", {}, 400, "input-invalid"],
  ["no media type", { raw: '{"text":"x"}' }, 415, "media-type-unsupported"],
  [
    "a form",
    { raw: "text=x", headers: { "content-type": "application/x-www-form-urlencoded" } },
    415,
    "media-type-unsupported",
  ],
  ["plain text", { raw: '{"text":"x"}', headers: { "content-type": "text/plain" } }, 415, "media-type-unsupported"],
  [
    "another charset",
    { raw: '{"text":"x"}', headers: { "content-type": "application/json; charset=utf-16" } },
    415,
    "media-type-unsupported",
  ],
  ["compressed", { raw: "x", headers: { ...json, "content-encoding": "gzip" } }, 415, "media-type-unsupported"],
  ["too large", { raw: "x".repeat(1024 * 1024 + 1), headers: json }, 413, "body-too-large"],
])("a body that is %s is refused", async (...row) => {
  const [, asking, status, code] = row;
  const answer = await notes.ask("POST", "/notes", asking);
  expect(answer).toMatchObject({
    status,
    body: { code, status, title: expect.any(String), remedy: expect.any(String) },
  });
  expect(answer.headers["content-type"]).toBe("application/problem+json");
});

test("a body too large is refused while it comes, without a length announced", async () => {
  const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
  const answer = await notes.bytes(
    `POST /notes HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n${chunk.repeat(17)}`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  expect(answer).toContain("body-too-large");
});

test("JSON with its charset, at the deepest level allowed, is read", async () => {
  const headers = { "content-type": "Application/JSON; charset=UTF-8" };
  expect((await notes.ask("POST", "/notes", { raw: '{"text":"x"}', headers })).status).toBe(202);
  // the schema refuses the field, so it was parsed
  expect((await notes.ask("POST", "/notes", { raw: deep(64), headers })).body["code"]).toBe("input-invalid");
});

test.each([
  ["GET", "/none", 404, "route-unknown"],
  ["GET", "/_banyan/none", 404, "route-unknown"],
  ["GET", "/_banyan/metrics", 404, "not-available-yet"],
  ["GET", "/_banyan/ops/delivery/parked", 403, "not-allowed"],
  ["POST", "/_banyan/ops/none", 403, "not-allowed"],
  ["GET", "/_banyan/live/sse", 404, "not-available-yet"],
  ["GET", `/notes/${"x".repeat(9_000)}`, 414, "url-too-long"],
  ["GET", "/notes/%ff", 404, "route-unknown"],
  ["GET", "/notes/%", 404, "route-unknown"],
])("%s %.30s is %i", async (...row) => {
  const [method, path, status, code] = row;
  expect(await notes.ask(method, path)).toMatchObject({ status, body: { code } });
});

test.each([
  ["PATCH", "/notes/x", "GET, HEAD, PUT, DELETE"],
  ["PATCH", "/notes/purge", "GET, HEAD, POST, PUT, DELETE"],
  ["GET", "/failures/x", "POST"],
  ["OPTIONS", "/notes", "POST"],
  ["OPTIONS", "/notes/x", "GET, HEAD, PUT, DELETE"],
  ["TRACE", "/notes", "POST"],
  ["HEAD", "/notes", "POST"],
  ["POST", "/_banyan/health/ready", "GET, HEAD"],
])("%s %s is not among the methods of its path", async (method, path, allow) => {
  const answer = await notes.ask(method, path);
  expect(answer.status).toBe(405);
  expect(answer.headers["allow"]).toBe(allow);
  expect(answer.headers).not.toHaveProperty("access-control-allow-origin");
});

test("HEAD asks what GET asks: the same policy, no body", async () => {
  const answer = await notes.ask("HEAD", "/notes/none");
  expect(answer).toMatchObject({ status: 404, text: "" });
  expect(await notes.ask("HEAD", "/notes/count")).toMatchObject({ status: 200, text: "" });
  expect((await notes.ask("HEAD", "/notes/count", { token: "wrong" })).status).toBe(401);
});

test("a body where none is read is refused", async () => {
  for (const method of ["GET", "DELETE"]) {
    const answer = await notes.ask(method, "/notes/x", { raw: "{}", headers: { ...json, "content-length": "2" } });
    expect(answer).toMatchObject({ status: 400, body: { code: "input-invalid" } });
  }
});

test("a query beside a body is refused, as a name that a GET does not know is", async () => {
  const ask = async (query: string): Promise<unknown> => {
    const { status, body } = await notes.ask("POST", `/notes${query}`, { json: { text: "x" } });
    return [status, (body as { readonly detail?: string }).detail];
  };
  expect(await ask("?txt=y")).toEqual([400, expect.stringContaining('with POST. Did you mean "text"?')]);
  expect(await ask("?text=y")).toEqual([400, expect.stringContaining('give "text" in the body')]);
  expect(await notes.ask("PUT", "/notes/x?noteId=y", { json: { text: "x" } })).toMatchObject({ status: 400 });
  expect(await ask("?")).toEqual([202, undefined]);
});

test("a path that is fixed for one method is a parameter for the others", async () => {
  expect(await notes.ask("DELETE", "/notes/purge")).toMatchObject({ status: 200, body: { dropped: 0 } });
});

// PUT /notes/:noteId is for editors; no spelling of it may reach it, or anything else, as a guest.
test.each([
  "/%6eotes/x",
  "/Notes/x",
  "/NOTES/x",
  "//notes/x",
  "/notes//x",
  "/notes/x/",
  "/./notes/x",
  "/notes/./x",
  "/a/../notes/x",
  "/notes/y/%2e%2e/x",
  "/notes/%2e%2e/notes/x",
  "/notes;a=b/x",
  "/notes%2Fx",
  "/notes\\x",
  "/notes/x#",
  "/notes/x\\..\\y",
  "/;/notes/x",
])("%s reaches no handler", async (path) => {
  for (const token of [undefined, notes.served.token]) {
    const answer = await notes.bytes(
      `PUT ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\n${token === undefined ? "" : `authorization: Bearer ${token}\r\n`}content-length: 12\r\n\r\n{"text":"x"}`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 (404|400) /);
  }
});

test("an escape inside a parameter is the same operation under the same policy", async () => {
  for (const path of ["/notes/%78", "/notes/x;a=b", "/notes/x%2F..%2Fy"]) {
    expect(await notes.ask("PUT", path, { json: { text: "x" } })).toMatchObject({
      status: 403,
      body: { code: "not-allowed" },
    });
  }
});

test.each([
  ["no HTTP", "HELLO\r\n\r\n", 400],
  ["no path", "GET notes HTTP/1.1\r\nhost: localhost\r\n\r\n", 400],
  [
    "another server's URL",
    "GET http://evil.example/notes/count HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
    400,
  ],
  ["two lengths", "POST /notes HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx", 400],
  [
    "length and chunks",
    "POST /notes HTTP/1.1\r\nhost: localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    400,
  ],
  [
    "another coding beside chunks",
    "POST /notes HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    400,
  ],
  [
    "chunks in HTTP/1.0",
    "POST /notes HTTP/1.0\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    400,
  ],
  [
    "a broken chunk",
    "POST /notes HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n\r\n",
    400,
  ],
  ["a space before the colon", "GET /notes/count HTTP/1.1\r\nhost : localhost\r\n\r\n", 400],
  [
    "a folded header",
    "GET /notes/count HTTP/1.1\r\nhost: localhost\r\nx: a\r\n b: c\r\nconnection: close\r\n\r\n",
    400,
  ],
  ["no host", "GET /notes/count HTTP/1.1\r\nconnection: close\r\n\r\n", 400],
  ["no host in HTTP/1.0", "GET /notes/count HTTP/1.0\r\n\r\n", 400],
  ["another name of this machine", "GET /notes/count HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n", 403],
  ["a host with a path", "GET /notes/count HTTP/1.1\r\nhost: localhost/x\r\nconnection: close\r\n\r\n", 400],
  ["large headers", `GET /notes/count HTTP/1.1\r\nhost: localhost\r\nx: ${"y".repeat(17 * 1024)}\r\n\r\n`, 431],
])("bytes with %s are refused", async (...row) => {
  const [, bytes, status] = row;
  expect(await notes.bytes(bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
});

const LAST = "GET /notes/count HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
const INSIDE = "DELETE /notes/purge HTTP/1.1\r\nhost: local\r\n\r\n";

test.each([
  ["a token that nobody knows", "POST /notes", "authorization: Bearer x", 401],
  ["a query", "POST /notes?x=1", "x: y", 400],
  ["no body to have", "GET /notes/count", "x: y", 400],
])("no byte of a body that is refused unread, for %s, is taken for a request", async (...row) => {
  const [, line, header, status] = row;
  const head = `${line} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${header}`;
  const answer = await notes.bytes(`${head}\r\ncontent-length: ${INSIDE.length}\r\n\r\n${INSIDE}${LAST}`);
  expect(Array.from(answer.matchAll(/HTTP\/1\.1 (\d+) /g), ([, one]) => one)).toEqual([String(status), "200"]);
});

test("what comes behind the last chunk is no header of the request", async () => {
  const head = "POST /notes HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nconnection: close";
  const body = 'c\r\n{"text":"x"}\r\n0\r\nauthorization: Bearer nobody\r\n\r\n';
  const answer = await notes.bytes(`${head}\r\ntransfer-encoding: chunked\r\n\r\n${body}`);
  expect(answer).toMatch(/^HTTP\/1\.1 202 /);
});

test("a request that asks for another protocol is answered by this one, and the connection is not kept", async () => {
  const asking = "GET /notes/count HTTP/1.1\r\nhost: localhost\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n";
  const answer = await notes.bytes(asking);
  expect(answer).toMatch(/^HTTP\/1\.1 200 [\s\S]*\r\nconnection: close\r\n/i);
});

test("headers that do not come, and a body that does not, end with 408", async () => {
  const [headers, body] = await Promise.all([
    notes.bytes("GET /notes/count HTTP/1.1\r\nhost: loc"),
    notes.bytes(
      "POST /notes HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n{",
    ),
  ]);
  for (const answer of [headers, body]) {
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain("request-timeout");
  }
});

test("after all of this the process still answers, and has logged no failure", async () => {
  expect((await notes.ask("GET", "/_banyan/health/ready")).status).toBe(200);
  expect(notes.lines.filter((line) => line.includes("error"))).toEqual([]);
});

test.each([
  ["without a host", ""],
  ["that expects what is not known", "host: localhost\r\nexpect: wonders\r\n"],
])("a request %s is refused with a code", async (_, headers) => {
  const answer = await notes.bytes(`GET /notes/count HTTP/1.1\r\n${headers}connection: close\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  expect(answer).toContain('"code":"request-malformed"');
});
