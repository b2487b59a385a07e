import { mkdtempSync, rmSync, statSync } from "node:fs";
import { request as send } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { signedHeaders } from "../../packages/node/src/raw/sign-standard-fixture.ts";
import { HooksChild } from "./hooks-child.ts";
import type { HooksPlan } from "./hooks-process.ts";
import { HOOK_SECRET } from "./ledger/index.ts";

const folder = mkdtempSync(join(tmpdir(), "banyan-hooks-"));
afterAll(() => rmSync(folder, { recursive: true }));

const MIB = 1024 * 1024;

async function deliver(
  url: string,
  id: string,
  body: string,
): Promise<{ readonly status: number; readonly said: unknown }> {
  const headers = signedHeaders(HOOK_SECRET, { id, body });
  const answer = await fetch(`${url}/hooks/provider`, { method: "POST", body, headers });
  return { status: answer.status, said: await answer.json() };
}

async function bookings(url: string): Promise<readonly unknown[]> {
  return ((await (await fetch(`${url}/bookings`)).json()) as { readonly bookings: readonly unknown[] }).bookings;
}

test.each<[NonNullable<HooksPlan["dies"]>]>([["before the command"], ["when the disk has it"], ["before the answer"]])(
  "a delivery in the middle of which the process is killed, %s, is executed once when it comes again",
  async (dies) => {
    const data = join(folder, dies.replaceAll(" ", "-"));
    const body = '{"what":"tea","cents":5}';
    {
      await using dying = new HooksChild({ data, dies });
      await expect(deliver(await dying.url, "msg_1", body)).rejects.toThrow("fetch failed");
      expect(await dying.ended).toBe("SIGKILL");
    }
    await using again = new HooksChild({ data });
    const url = await again.url;
    expect(await bookings(url)).toHaveLength(dies === "before the command" ? 0 : 1);
    const booked = { status: 200, said: { booking: 1 } };
    expect([await deliver(url, "msg_1", body), await deliver(url, "msg_1", body)]).toEqual([booked, booked]);
    expect(await bookings(url)).toEqual([{ what: "tea", cents: 5, by: "webhook:provider" }]);
  },
);

test("200 MiB up and 200 MiB down pass through without the process growing", async () => {
  const data = join(folder, "files");
  await using child = new HooksChild({ data });
  const url = await child.url;
  // what code and buffers need once
  await upload(`${url}/files/warm`, 16 * MIB);
  await download(`${url}/made/${16 * MIB}`);
  const before = await child.peak();
  await upload(`${url}/files/large`, 200 * MIB);
  expect(await download(`${url}/made/${200 * MIB}`)).toBe(200 * MIB);
  expect(statSync(join(data, "large")).size).toBe(200 * MIB);
  expect((await child.peak()) - before).toBeLessThan(120);
}, 60_000);

test("a client that does not read does not make the process grow", async () => {
  await using child = new HooksChild({ data: join(folder, "slow") });
  const url = await child.url;
  await download(`${url}/made/${16 * MIB}`);
  const before = await child.peak();
  const readers = await Promise.all(Array.from({ length: 20 }, () => unread(`${url}/made/${100 * MIB}`)));
  for (let last = 0, peak = await child.peak(); peak > last; peak = await child.peak()) last = peak;
  // of 2,000 MiB that could be sent
  expect((await child.peak()) - before).toBeLessThan(200);
  for (const reader of readers) reader.destroy();
});

async function upload(url: string, bytes: number): Promise<void> {
  const piece = new Uint8Array(64 * 1024).fill(120);
  let left = bytes;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => {
      controller.enqueue(piece);
      left -= piece.length;
      if (left <= 0) controller.close();
    },
  });
  const answer = await fetch(url, { method: "PUT", body, duplex: "half" });
  expect(answer.status).toBe(204);
}

async function download(url: string): Promise<number> {
  let bytes = 0;
  for await (const piece of (await fetch(url)).body ?? []) bytes += piece.length;
  return bytes;
}

/** A request whose answer has begun, and of which nobody reads more. */
function unread(url: string): Promise<{ destroy(): void }> {
  return new Promise((resolve, reject) => {
    const request = send(url, { agent: false }, (answer) => {
      answer.pause();
      answer.on("error", () => {});
      resolve(request);
    });
    request.on("error", reject);
    request.end();
  });
}
