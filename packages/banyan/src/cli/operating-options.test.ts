import { expect, test } from "vitest";
import { OPERATING, operating } from "./operating-options.ts";

/** What is said on the way to an address, before anything is asked. */
async function said(url: string, env: Readonly<Record<string, string>>): Promise<string> {
  let words = "";
  const io = { out: () => {}, err: (text: string) => void (words += text), cwd: "/", env };
  const target = { data: OPERATING.data.default, url, token: undefined };
  expect(await operating(target, io, async ({ running }) => running)).toBe(true);
  return words;
}

test.each(["http://shop.example.com", "http://10.0.0.7:3000", "http://127.0.0.1.example.com"])(
  "over %s a token can be read on the way, which is said",
  async (url) => expect(await said(url, { BANYAN_TOKEN: "t" })).toContain("as it is"),
);

test.each(["https://shop.example.com", "http://127.0.0.1:3000", "http://[::1]:3000", "http://shop.localhost"])(
  "over %s nobody reads it",
  async (url) => expect(await said(url, { BANYAN_TOKEN: "t" })).toBe(""),
);
