import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mount } from "banyan";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import tutorial from "./banyan.config.ts";

const data = mkdtempSync(join(tmpdir(), "banyan-tutorial-"));
let mounted: Awaited<ReturnType<typeof mount>>;

beforeAll(async () => {
  mounted = await mount(tutorial, { mode: "dev", data, faults: false });
});

afterAll(async () => {
  await mounted.stop();
  rmSync(data, { recursive: true });
});

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const init = {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  };
  return mounted.fetch(new Request(`http://localhost${path}`, init));
}

async function letters(): Promise<{ items: { signupId: string; text: string }[] }> {
  const answer = await mounted.fetch(new Request("http://localhost/letters"));
  return (await answer.json()) as { items: { signupId: string; text: string }[] };
}

test("a sign-up is answered, and its letter follows", async () => {
  const answer = await post("/signups", { name: "Ada" });
  expect(answer.status).toBe(200);
  const { signupId } = (await answer.json()) as { signupId: string };
  await vi.waitFor(async () => expect((await letters()).items).toEqual([{ signupId, text: "Welcome, Ada!" }]));
});

test("what the tutorial says of mistakes and repeats is so", async () => {
  const key = { "idempotency-key": "grace-1" };
  const first = await post("/signups", { name: "Grace" }, key);
  const again = await post("/signups", { name: "Grace" }, key);
  expect(again.headers.get("idempotency-replayed")).toBe("true");
  expect(await again.json()).toEqual(await first.json());
  const taken = await post("/signups", { name: "Grace" });
  expect([taken.status, ((await taken.json()) as { code: string }).code]).toEqual([409, "name-taken"]);
  const wrong = await post("/signups", { name: 5 });
  expect([wrong.status, ((await wrong.json()) as { code: string }).code]).toEqual([400, "input-invalid"]);
});
