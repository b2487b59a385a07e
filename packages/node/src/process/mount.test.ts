import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { anyone, app, command, context } from "@banyan/core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { z } from "zod";
import { mount, type Mounted, type MountOptions } from "./mount.ts";

const Touch = command("things.touch", { http: "POST /touch", input: z.object({}) });

let folder: string;
let mounted: Mounted | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "banyan-mount-"));
});
afterEach(async () => {
  await mounted?.stop();
  mounted = undefined;
  rmSync(folder, { recursive: true });
});

async function touching(
  options: Partial<MountOptions> = {},
): Promise<(path: string, from?: string) => Promise<number>> {
  const things = context("things", { contract: { Touch } });
  things.handle(Touch, { allow: anyone() }, () => {});
  const application = app({ contexts: [things], http: { rate: { perSecond: 1, burst: 1 } } });
  const running = await mount(application, { mode: "start", data: folder, env: {}, write: () => {}, ...options });
  mounted = running;
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
  return async (path, from) =>
    (await running.fetch(new Request(`http://host.test${path}`, init), from === undefined ? {} : { address: from }))
      .status;
}

test("limits that nobody knows, or that cannot be kept, are refused before anything is opened", async () => {
  const data = join(folder, "none");
  for (const [limits, message] of [
    [{ bodyBites: 1 }, 'There is no limit "bodyBites". Did you mean "bodyBytes"?'],
    [{ bodyBytes: "1MiB" }, 'The limit "bodyBytes" is 1MiB, and must be a number from 0 on.'],
    [{ retries: 0 }, 'The limit "retries" is 0, and must be a number from 1 on.'],
  ] as const)
    await expect(touching({ data, limits: limits as never })).rejects.toMatchObject({
      code: "config-invalid",
      message,
    });
  expect(existsSync(data)).toBe(false);
});

test("only what is below the base is answered", async () => {
  const touch = await touching({ base: "/a/b" });
  expect(await touch("/a/b/touch")).toBe(204);
  const others = ["/touch", "/a/touch", "/a/bb/touch", "/a/b", "/a/b//touch", "/a/b/touch/", "/a/b/%2e"];
  expect(await Promise.all(others.map((path) => touch(path)))).toEqual(others.map(() => 404));
});

test.each(["shop", "/", "/shop/", "/shop?x", "//shop", "/./shop"])("%s is no base", async (base) => {
  await expect(touching({ base })).rejects.toMatchObject({ code: "config-invalid" });
});

test("an address that the host tells is limited, and one that nobody tells is the host's to limit", async () => {
  const touch = await touching();
  expect([await touch("/touch", "192.0.2.1"), await touch("/touch", "192.0.2.1")]).toEqual([204, 429]);
  expect([await touch("/touch"), await touch("/touch")]).toEqual([204, 204]);
});

test("a request whose body was read or is being read is refused by name", async () => {
  await touching();
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: "{}" };
  const read = new Request("http://host.test/touch", init);
  await read.text();
  const locked = new Request("http://host.test/touch", init);
  locked.body?.getReader();
  for (const request of [read, locked]) {
    const answer = await mounted?.fetch(request);
    expect([answer?.status, await answer?.json()]).toMatchObject([500, { code: "body-consumed" }]);
  }
});
