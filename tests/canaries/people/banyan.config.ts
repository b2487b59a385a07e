import { anyone, apiKeys, app, jwt, secret, sessions, settings, signed, standardWebhooks } from "banyan";
import { z } from "zod";
import { people } from "./index.ts";

/** Everybody who can be somebody, and a provider's key; all of it from outside. */
const whole = app({
  contexts: [people],
  settings: settings({
    provider: { key: secret(z.string().min(16)) },
    session: { secret: secret(z.string().min(32)) },
    hook: { secret: secret(z.string().min(32)) },
    id: { keys: z.array(z.object({ kty: z.string() }).loose()) },
    machines: z.array(
      z.object({ id: z.string(), hash: z.string(), roles: z.array(z.string()), tenants: z.literal("*") }),
    ),
  }),
  auth: ({ settings: { id, machines, session } }) => [
    jwt({ issuer: "https://id.example.test", audience: "people", algorithms: ["ES256"], jwks: { keys: id.keys } }),
    apiKeys({ keys: machines }),
    sessions({ secrets: [session.secret], prefix: "browser" }),
  ],
  // whoever brings wrong tokens is judged each time
  http: { rate: { perSecond: Infinity, burst: Infinity } },
  ports: ({ settings: { provider } }) => ({ people: { key: provider.key } }),
});

/** What stands in the body is thrown, before the answer or in its middle. */
whole.route("POST /raw/:how", { allow: anyone() }, async (request, { params }) => {
  const text = await request.text();
  const thrown = new Error(`cannot read ${text}`, { cause: new TypeError(text) });
  if (params.how === "throw") throw thrown;
  const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    controller.enqueue(new Uint8Array(8));
    setImmediate(() => controller.error(thrown));
  };
  return new Response(new ReadableStream({ start }));
});
whole.route(
  "POST /hook",
  { allow: signed("provider", { scheme: standardWebhooks(), secrets: ({ settings: { hook } }) => [hook.secret] }) },
  () => Promise.reject(new Error("never signed")),
);

export default whole;
