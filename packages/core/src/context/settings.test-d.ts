// Compiled with the tests' types and never run: each @ts-expect-error fails the build when the mistake below it compiles.
import { z } from "zod";
import type { Authenticator } from "../ports/index.ts";
import { secret, settings, type Secret, type SettingsOf } from "../settings/index.ts";
import { app, type Environment } from "./app.ts";
import { context, needs } from "./context.ts";

const declared = settings({
  url: z.url(),
  retries: z.coerce.number().default(3),
  db: { name: z.string().optional(), password: secret(z.string()) },
  key: secret(z.string().optional()),
});

type Values = SettingsOf<typeof declared>;
interface Expected {
  readonly url: string;
  readonly retries: number;
  readonly db: { readonly name: string | undefined; readonly password: Secret };
  readonly key: Secret | undefined;
}
export const exact = (values: Values): Expected => values;
export const whole = (values: Expected): Values => values;

const orders = context("orders", { contract: {}, ports: needs<{ readonly url: string }>("url") });

app({ contexts: [orders], settings: declared, ports: ({ settings: { url } }) => ({ orders: { url } }) });
// @ts-expect-error -- a secret is no text
app({ contexts: [orders], settings: declared, ports: ({ settings: { key } }) => ({ orders: { url: key } }) });
// @ts-expect-error -- nothing is declared
app({ contexts: [orders], ports: ({ settings: { url } }) => ({ orders: { url } }) });

export const build = ({ settings: { url } }: Environment<Values>): { readonly orders: { readonly url: string } } => ({
  orders: { url },
});
app({ contexts: [orders], settings: declared, ports: build });

const nobody = (url: string): Authenticator => ({ prefix: url, open: () => {}, authenticate: () => undefined });
app({ contexts: [], settings: declared, auth: ({ settings: { url } }) => [nobody(url)] });
app({ contexts: [], settings: declared, auth: [nobody("user")], ports: ({ settings: { url } }) => ({ url }) });
// @ts-expect-error -- a secret is no text
app({ contexts: [], settings: declared, auth: ({ settings: { key } }) => [nobody(key)] });
// @ts-expect-error -- nothing is declared
app({ contexts: [], auth: ({ settings: { url } }) => [nobody(url)] });

// @ts-expect-error -- 3 is no schema
settings({ retries: 3 });
