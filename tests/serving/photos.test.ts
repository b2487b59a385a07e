import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { photosApp } from "./photos.ts";
import { ServedApp } from "./served-app.ts";

let app: ServedApp;
let token: Record<string, string>;
beforeAll(async () => {
  app = await new ServedApp().start(photosApp());
  token = { authorization: `Bearer ${app.served.token}` };
});
afterAll(() => app[Symbol.asyncDispose]());

test("a photo that was put there is got again, and one that was not is told", async () => {
  const photo = Buffer.alloc(1_500_000, "photo");
  const put = await app.fetch("/photos/cat.jpg", { method: "PUT", body: photo, headers: token });
  expect(put.status).toBe(204);
  const got = await app.fetch("/photos/cat.jpg");
  expect(got.headers.get("server-timing")).toMatch(/^app;dur=\d+$/);
  expect(Buffer.from(await got.arrayBuffer()).equals(photo)).toBe(true);
  const none = await app.fetch("/photos/dog.jpg");
  expect([none.status, await none.json()]).toMatchObject([404, { code: "photo-unknown" }]);
  expect((await app.fetch("/photos/cat.jpg", { method: "PUT", body: photo })).status).toBe(403);
});

test("of an upload that breaks off nothing is left", async () => {
  const request = app.open("PUT", "/photos/half.jpg", { headers: { ...token, "content-length": 1_000_000 } });
  request.on("error", () => {});
  request.write(Buffer.alloc(500_000));
  const folder = join(app.folder, "photos");
  const parts = (): string[] => readdirSync(folder).filter((name) => name.endsWith(".part"));
  await expect.poll(parts).toHaveLength(1);
  request.destroy();
  await expect.poll(parts).toEqual([]);
  expect(existsSync(join(folder, "half.jpg"))).toBe(false);
});
