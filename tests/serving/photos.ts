import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { anyone, app, refuse, roles, type Application, type Middleware } from "banyan";

/** The application that the how-to on raw routes shows. */
export function photosApp(): Application {
  const shop = app({ contexts: [] });

  // #region upload
  shop.route(
    "PUT /photos/:name",
    { allow: roles("seller"), limits: { body: "200MiB", time: "10m", concurrent: 8 } },
    async (request, { params, data }) => {
      const folder = join(data, "photos");
      const part = join(folder, `${randomUUID()}.part`);
      await mkdir(folder, { recursive: true });
      try {
        await writeFile(part, request.body ?? "");
        await rename(part, join(folder, params.name));
      } finally {
        await rm(part, { force: true });
      }
      return new Response(null, { status: 204 });
    },
  );
  // #endregion

  // #region around
  const timed: Middleware = async (request, _, next) => {
    const began = performance.now();
    const answer = await next(request);
    answer.headers.set("server-timing", `app;dur=${Math.round(performance.now() - began)}`);
    return answer;
  };
  // #endregion

  // #region download
  shop.route(
    "GET /photos/:name",
    { allow: anyone(), limits: { time: "10m" }, around: [timed] },
    async (_, { params, data }) => {
      const file = await open(join(data, "photos", params.name)).catch(() => undefined);
      if (file === undefined) throw refuse("photo-unknown", "There is no such photo.", { kind: "not-found" });
      const { size } = await file.stat();
      const body = Readable.toWeb(file.createReadStream()) as ReadableStream<Uint8Array>;
      return new Response(body, { headers: { "content-type": "image/jpeg", "content-length": String(size) } });
    },
  );
  // #endregion
  return shop;
}
