import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { main } from "../main.ts";

async function key(...words: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: "", err: "" };
  const out = (text: string): void => void (written.out += text);
  const err = (text: string): void => void (written.err += text);
  const code = await main(["key", ...words], { out, err, cwd: ".", env: {} });
  return { code, ...written };
}

test("a key that nobody had, and the hash of the whole of it", async () => {
  const made = JSON.parse((await key("billing", "--json")).out) as { id: string; key: string; hash: string };
  expect(made).toMatchObject({ id: "billing", key: expect.stringMatching(/^bk_billing_[\w-]{43}$/) });
  expect(made.hash).toBe(createHash("sha256").update(made.key).digest("hex"));
  const { code, out, err } = await key("billing");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/^key {3}bk_billing_[\w-]{43}\nhash {2}[0-9a-f]{64}\n/);
  expect(out).not.toContain(made.key);
});

test("an id that is none is refused", async () => {
  const { code, out, err } = await key("Billing_1");
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toContain('"Billing_1" is not an id');
  expect(err).toContain("option-invalid");
  expect(err).toContain("lower-case letters");
});
