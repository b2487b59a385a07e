import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { main } from "./main.ts";
import { printable } from "./printable.ts";

test.each([
  ["a\u001b[2Jb\u009b1m", "a\\u001b[2Jb\\u009b1m"],
  ["one\ntwo\u2028three\u0000", "one\\u000atwo\\u2028three\\u0000"],
  ["paid \u202e001 yb\u202c \u2066x\u2069\u200f\u061c", "paid \\u202e001 yb\\u202c \\u2066x\\u2069\\u200f\\u061c"],
  ["größer, 名前, 👩‍👩‍👧, אב", "größer, 名前, 👩‍👩‍👧, אב"],
])("what a terminal would obey, or show in another order, is shown as it is written: %j", (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test("nor does it obey what an application that is asked over HTTP gives as its error", async () => {
  const problem = { code: "not\u001b[1A", detail: "No.\u001b]0;x\u0007\u202e", remedy: "Ask\u001b[2J." };
  const server = createServer((_request, response) => response.writeHead(403).end(JSON.stringify(problem)));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let err = "";
  const io = { out: () => {}, err: (text: string) => void (err += text), cwd: ".", env: { BANYAN_TOKEN: "t" } };
  expect(await main(["events", "lag", "--url", url], io)).toBe(2);
  expect(err).toBe("banyan: not\\u001b[1A: No.\\u001b]0;x\\u0007\\u202e\n  remedy: Ask\\u001b[2J.\n");
});
