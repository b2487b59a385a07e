import { DEFAULT_LIMITS } from "@banyan/core";
import { TOKEN_VARIABLE } from "../packages/banyan/src/cli/operating-options.ts";
import { DEFAULT_HTTP_LIMITS } from "../packages/node/src/http/limits.ts";
import { DEFAULT_RATE } from "../packages/node/src/http/visits.ts";
import { DEV_TOKEN_VARIABLE } from "../packages/node/src/process/dev-token.ts";
import { type Field, fieldsOf } from "./interface-fields.ts";
import { table } from "./markdown.ts";

/** `docs/reference/configuration.md`, from the interfaces that configuration is typed by and the values that stand where nothing is said. */
export function configurationPage(): string {
  return `# What can be configured

What can be set, where, and what stands where nothing is said. [Configuration and secrets](../how-to/configuration.md) shows how.

Made by \`npm run docs\` from the interfaces in the code, whose comments these are. A \`?\` marks what may be left out.

## \`app({ … })\`, in banyan.config.ts

${fields(fieldsOf("packages/core/src/context/app.ts", "AppOptions"))}

### \`http\`

${fields(fieldsOf("packages/core/src/context/http-options.ts", "HttpOptions"))}

### \`http.cors\`

${fields(fieldsOf("packages/core/src/context/http-options.ts", "CorsOptions"))}

### \`http.rate\`

${values(fieldsOf("packages/core/src/context/http-options.ts", "RateOptions"), DEFAULT_RATE)}

### \`auth\`: \`jwt({ … })\`

${fields(fieldsOf("packages/node/src/auth/jwt.ts", "JwtOptions"))}

### \`auth\`: \`apiKeys({ … })\`

${fields(fieldsOf("packages/node/src/auth/api-keys.ts", "ApiKeysOptions"))}

### \`auth\`: \`sessions({ … })\`

${fields(fieldsOf("packages/node/src/auth/sessions.ts", "SessionsOptions"))}

## \`context(name, { … })\`

${fields(fieldsOf("packages/core/src/context/context.ts", "ContextOptions"))}

## \`mount(app, { … })\` and \`serve(app, { … })\`

\`banyan dev\` and \`banyan start\` set these from their [options](commands.md).

${fields(fieldsOf("packages/node/src/process/app-process.ts", "ProcessOptions"))}

\`serve\` also takes

${fields(fieldsOf("packages/node/src/process/serve.ts", "ServeOptions"))}

## \`limits\`

Everything that could grow or wait has a limit. Names say the unit: bytes, or milliseconds. They are set where \`mount\` or \`serve\` is called;
\`banyan dev\` and \`banyan start\` have the defaults.

### Of the runtime

${values(fieldsOf("packages/core/src/runtime/limits.ts", "Limits"), DEFAULT_LIMITS)}

### Of HTTP

${values(fieldsOf("packages/node/src/http/limits.ts", "HttpLimits"), DEFAULT_HTTP_LIMITS)}

## Environment variables

${table(["variable", "what"], VARIABLES)}

Mode is the command (\`dev\` or \`start\`), never a variable.
`;
}

const VARIABLES = [
  [`\`${DEV_TOKEN_VARIABLE.name}\``, DEV_TOKEN_VARIABLE.does],
  [`\`${TOKEN_VARIABLE.name}\``, TOKEN_VARIABLE.does],
  [
    "those of `settings`",
    "a setting `providerUrl` is `PROVIDER_URL`, a secret `apiKey` also the file that `API_KEY_FILE` names",
  ],
  ["`INIT_CWD`", "set by npm: the folder in which `npm run` was called, where paths of options begin"],
] as const;

function fields(of: readonly Field[]): string {
  const rows = of.map(({ name, optional, type, words }) => [`\`${name}${optional ? "?" : ""}\``, `\`${type}\``, words]);
  return table(["field", "type", "what"], rows);
}

function values(of: readonly Field[], defaults: object): string {
  const known = new Map(Object.entries(defaults));
  const rows = of.map(({ name, words }) => [`\`${name}\``, valueText(known.get(name)), words]);
  return table(["field", "default", "what"], rows);
}

function valueText(value: unknown): string {
  return typeof value === "number" ? value.toLocaleString("en-US") : "";
}
