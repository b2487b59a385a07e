import { readFileSync } from "node:fs";
import { join } from "node:path";
import { OWN_ROUTES, type OwnRoute } from "../packages/node/src/http/own-routes.ts";
import { OPS_REQUESTS } from "../packages/node/src/ops/ops-requests.ts";
import { table } from "./markdown.ts";
import { fieldsAsked } from "./ops-fields.ts";

const OPS = "packages/node/src/ops/ops-requests.ts";

/** `docs/reference/http.md`, from the table of the process's own routes and that of the operations API. */
export function httpPage(): string {
  const routes: readonly OwnRoute[] = Object.values(OWN_ROUTES);
  const source = readFileSync(join(import.meta.dirname, "..", OPS), "utf8");
  const rows = OPS_REQUESTS.map(({ method, path, does, answer }) => {
    const asked = fieldsAsked(source, answer.name).map(({ name, optional }) => `\`${name}${optional ? "?" : ""}\``);
    return [`\`${method} ${path}\``, does, asked.join(", ")];
  });
  return `# Routes of the process itself

What a process answers for itself under \`/_banyan/\`, and whom. Commands and queries have the routes that their contracts declare. Errors are
\`application/problem+json\` with a [code](errors.md) and a remedy.

Made from the tables of routes by \`npm run docs\`.

${table(
  ["route", "who may ask", "what"],
  routes.map(({ method, path, who, does }) => [`\`${method === "any" ? "" : `${method} `}${path}\``, who, does]),
)}

## The operations API

Under \`/_banyan/ops\` over HTTP, and at the same paths without it through the socket in the data folder. A GET takes its fields in the query, a POST as
JSON; what is marked \`?\` may be left out. What changes something is recorded: \`why\` says why. Who it was is \`as\` on the socket, and over HTTP the
principal, so that \`as\` is refused there.

${table(["request", "what", "fields"], rows)}
`;
}
