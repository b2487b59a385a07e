import { apiKeys, app, jwt, secret, sessions, settings } from "banyan";
import { z } from "zod";
import { people } from "./index.ts";

/** Everybody who can be somebody, and a provider's key; all of it from outside. */
export default app({
  contexts: [people],
  settings: settings({
    provider: { key: secret(z.string().min(16)) },
    session: { secret: secret(z.string().min(32)) },
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
