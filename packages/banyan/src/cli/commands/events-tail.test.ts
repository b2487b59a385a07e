import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { expect, test } from "vitest";
import { main } from "../main.ts";

/** Answers as a process whose data is restored behind the first page: to position 1, with entries that came since. */
async function restored(): Promise<{ url: string; end(): Promise<void> }> {
  const entry = { source: "orders", id: "i", type: "orders.placed", version: 1, key: "a", at: 0, data: {} };
  const of = { tenant: "default", principal: "guest", correlation: "c", causation: "c" };
  let pages = 0;
  const page = (): object => {
    const [incarnation, position] = ++pages === 1 ? ["one", 2] : ["two", 4];
    return {
      source: "orders",
      incarnation,
      entries: [{ ...entry, ...of, position }],
      through: position,
      last: position,
    };
  };
  const logs = [{ source: "orders", incarnation: "one", last: 0 }];
  const server = createServer(({ url = "" }, response) => {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(url.includes("/delivery/tail") ? page() : { logs }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, end: () => new Promise((resolve) => server.close(() => resolve())) };
}

test("whoever follows a log is told when it is restored, rather than shown entries behind a place of the one before", async () => {
  const { url, end } = await restored();
  const said = { out: "", err: "" };
  const io = {
    cwd: "/",
    env: { BANYAN_TOKEN: "t" },
    out: (text: string) => void (said.out += text),
    err: (text: string) => void (said.err += text),
  };
  const code = await main(["events", "tail", "--url", url], io as never);
  await end();
  expect(code).not.toBe(0);
  expect(said.out).toBe('1970-01-01T00:00:00.000Z  orders 2  orders.placed v1  key "a"  {}\n');
  expect(said.err).toContain("cursor-incarnation");
  expect(said.err).toContain("What was read up to position 2 was of the one before.");
});
