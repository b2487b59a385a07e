import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { auditOf } from "./audit.ts";

const scratch = mkdtempSync(join(tmpdir(), "banyan-audit-"));
afterAll(() => rmSync(scratch, { recursive: true }));

/** `npm run audit -- --record` with npm itself, against a registry that answers so. */
async function audited(registry: RequestListener, file: string): Promise<{ code: number; out: string }> {
  await using server = createServer(registry).listen(0, "127.0.0.1");
  await once(server, "listening");
  const env = {
    ...process.env,
    npm_config_registry: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    npm_config_noproxy: "127.0.0.1",
    npm_config_cache: join(scratch, "cache"),
  };
  const child = spawn(process.execPath, [join(import.meta.dirname, "audit-run.ts"), "--record", file], { env });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  const [code] = await once(child, "close");
  return { code, out };
}

/** Answers with these advisories, and says of the packages around them which versions there are. */
function answering(advisories: object): RequestListener {
  return ({ method, url = "" }, response) => {
    const name = decodeURIComponent(url.slice(1));
    const version = "4.13.19";
    const manifest = { name, version, dist: { tarball: "" } };
    const packument = { name, "dist-tags": { latest: version }, versions: { [version]: manifest } };
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(method === "POST" ? advisories : packument));
  };
}

const ADVISORY = {
  id: 1,
  url: "https://example.com/advisory",
  title: "a hole that was made up",
  severity: "high",
  vulnerable_versions: "<99.0.0",
};

test("a registry that knows of nothing: 0, and the answer is recorded with its date", { timeout: 60_000 }, async () => {
  const file = join(scratch, "clean.json");
  const { code, out } = await audited(answering({}), file);
  expect({ code, out }).toEqual({
    code: 0,
    out: expect.stringMatching(/^The registry knows of no vulnerability in \d\d+ packages\.\n$/),
  });
  expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    lockfile: expect.stringMatching(/^[0-9a-f]{64}$/),
    audit: { verdict: "clean" },
  });
});

test("a registry that knows of something: 1, and what it is", { timeout: 60_000 }, async () => {
  const { code, out } = await audited(answering({ hono: [ADVISORY] }), join(scratch, "vulnerable.json"));
  expect(code).toBe(1);
  expect(out).toContain("hono * (high): a hole that was made up");
});

test(
  "a registry that does not answer: 2, nothing is recorded, and the last answer is said",
  { timeout: 60_000 },
  async () => {
    const file = join(scratch, "unasked.json");
    const refusing: RequestListener = (request, response) => {
      request.resume();
      response.writeHead(405).end();
    };
    const { code, out } = await audited(refusing, file);
    expect(code).toBe(2);
    expect(out).toMatch(/^NOT ASKED: npm says 405 Method Not Allowed/);
    expect(out).toContain("No answer was ever recorded");
    expect(existsSync(file)).toBe(false);
    await audited(answering({}), file);
    expect((await audited(refusing, file)).out).toMatch(
      /The last answer, of \d{4}-\d\d-\d\dT\S+, of this lockfile: clean, \d+ packages\./,
    );
  },
);

test.each([
  ["", "npm printed no report"],
  ["not JSON", "npm printed no report"],
  ["{}", "npm printed no report"],
  ['{"error":{"code":"ENOTFOUND","summary":"no such host"}}', "npm says no such host"],
])("%j is no answer, and never a clean one", (printed, reason) => {
  expect(auditOf(printed)).toEqual({ verdict: "unasked", reason });
});
