import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { readOptions } from "./options.ts";

const around = { token: "from-environment", sample: "/sample.csv" };

test("without anything: the sample, as fast as it goes, against the usual address", () => {
  expect(readOptions([], around)).toEqual({
    file: "/sample.csv",
    url: new URL("http://127.0.0.1:3000"),
    token: "from-environment",
    speed: Infinity,
    limit: Infinity,
    concurrency: 32,
    approve: "yes",
    json: false,
  });
});

test("every option is understood", () => {
  const args =
    "orders.csv --url http://127.0.0.1:4000 --token t --speed 60 --limit 20 --concurrency 8 --approve leave --json";
  expect(readOptions(args.split(" "), around)).toMatchObject({
    file: resolve("orders.csv"),
    url: new URL("http://127.0.0.1:4000"),
    token: "t",
    speed: 60,
    limit: 20,
    concurrency: 8,
    approve: "leave",
    json: true,
  });
  expect(readOptions(["--speed", "max"], around)).toMatchObject({ speed: Infinity });
  expect(readOptions(["--help"], { ...around, token: undefined })).toBe("help");
});

test("the token is the one of the shop's data folder when no other is given", () => {
  const data = mkdtempSync(join(tmpdir(), "shop-replay-"));
  const args = ["--data", data];
  expect(() => readOptions(args, { ...around, token: undefined })).toThrow(
    expect.objectContaining({ code: "token-missing" }),
  );
  writeFileSync(join(data, "dev-token"), "from-folder\n");
  expect(readOptions(args, { ...around, token: undefined })).toMatchObject({ token: "from-folder" });
  expect(readOptions(args, around)).toMatchObject({ token: "from-environment" });
  rmSync(data, { recursive: true });
});

const wrong = [
  "--speed 0",
  "--speed fast",
  "--limit 0",
  "--limit 1.5",
  "--concurrency x",
  "--approve maybe",
  "--url ftp://x",
  "--what",
  "a b",
];
for (const args of wrong) {
  test(`${args} is a usage error that says what is wrong`, () => {
    expect(() => readOptions(args.split(" "), around)).toThrow(expect.objectContaining({ code: "usage-invalid" }));
  });
}
