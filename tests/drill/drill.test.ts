import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { drill } from "./drill.ts";

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test(
  "a backup taken in the middle of a replay goes on elsewhere, and the audit names what it lacks",
  { timeout: 120_000 },
  async () => {
    const options = { file: undefined, limit: Infinity, rounds: 2, at: 0.25, port: await freePort() };
    const { passed, checks } = await drill(options, () => {});
    expect(checks.filter((check) => !check.passed)).toEqual([]);
    expect([passed, checks.length]).toEqual([true, 8]);
  },
);
