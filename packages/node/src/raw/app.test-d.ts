// Compiled with the tests' types and never run: each @ts-expect-error fails the build when the mistake below it compiles.
import { anyone, command, roles, secret, settings } from "@banyan/core";
import { z } from "zod";
import { app } from "./app.ts";
import { signed } from "./signed.ts";
import { standardWebhooks } from "./standard-webhooks.ts";

const Take = command("payments.take", { input: z.object({ cents: z.int() }), output: z.object({ id: z.string() }) });
const shop = app({ contexts: [], settings: settings({ hookSecret: secret(z.string()), url: z.url() }) });

shop.route("PUT /files/:name/:part", { allow: anyone() }, async (request, { params, settings: { url }, call }) => {
  const { id } = await call(Take, { cents: 1 }, { key: "a" });
  const text: string = params.name + params.part + url + id;
  return new Response(text, { headers: { "x-by": request.method } });
});
shop.route(
  "POST /hooks",
  {
    allow: signed("payments", { scheme: standardWebhooks(), secrets: ({ settings: { hookSecret } }) => [hookSecret] }),
  },
  () => new Response(),
);
shop.route(
  "GET /own/:who",
  { allow: ({ principal, params }) => principal.id === params.who, limits: { body: "1MiB" } },
  () => new Response(),
);
shop.route(
  "GET /around",
  {
    allow: roles("a"),
    around: [(request, { principal }, next) => (principal.id === "" ? new Response() : next(request))],
  },
  () => new Response(),
);

// @ts-expect-error -- who may use it is missing
shop.route("GET /x", {}, () => new Response());
// @ts-expect-error -- there is no such parameter
shop.route("GET /files/:name", { allow: anyone() }, (_, { params }) => new Response(params.nam));
// @ts-expect-error -- that is no answer
shop.route("GET /x", { allow: anyone() }, () => "text");
// @ts-expect-error -- the command takes cents
shop.route("POST /x", { allow: anyone() }, async (_, { call }) => Response.json(await call(Take, { cent: 1 })));
shop.route(
  "POST /x",
  // @ts-expect-error -- no setting of this name
  { allow: signed("p", { scheme: standardWebhooks(), secrets: ({ settings }) => [settings.none] }) },
  () => new Response(),
);
