import {
  sizeText,
  type Manifest,
  type ManifestContext,
  type ManifestOperation,
  type ManifestRoute,
  type ManifestSetting,
} from "@banyan/core";

/** The manifest for people. */
export function graphText({ contexts, edges, routes, settings, topology }: Manifest): string {
  const flows = edges.map(({ kind, from, to, name }) => `  ${from} -> ${to}  ${kind} ${name}`);
  const declared = section("settings", settings.map(settingRow)).trimStart();
  const raw = section("raw routes", routes.map(routeRow)).trimStart();
  const blocks = [
    ...contexts.map(contextText),
    ...(flows.length === 0 ? [] : [`edges\n${flows.join("\n")}`]),
    ...[raw, declared].filter((text) => text !== ""),
  ];
  return `${blocks.join("\n\n")}\n\ntopology: ${topology}\n`;
}

function contextText(context: ManifestContext): string {
  const { name, owner, commands, queries, events, subscriptions, tenantTables = [] } = context;
  const sections = [
    section("commands", commands.map(operationRow)),
    section("queries", queries.map(operationRow)),
    section(
      "events",
      events.map(({ name, version, key }) => [name, `v${version}`, key === null ? "no key" : `key ${key}`]),
    ),
    section(
      "subscriptions",
      subscriptions.map(({ name, events, from, tries, rebuild, tenants }) => [
        name,
        `on ${events.join(", ")}`,
        `from ${from}, ${tries} tries${rebuild ? ", may be made anew" : ""}${tenants === undefined ? "" : ", across tenants"}`,
      ]),
    ),
    section(
      "tables of tenants",
      tenantTables.map((table) => [table]),
    ),
  ];
  return [owner === "" ? name : `${name} (${owner})`, ...sections.filter((text) => text !== "")].join("\n");
}

function operationRow({ name, http, allow, confirms = [], tenants }: ManifestOperation): readonly string[] {
  const ends = confirms.length === 0 ? [] : [`ends with ${confirms.join(" or ")}`];
  const across = tenants === undefined ? [] : ["across tenants"];
  return [name, http ?? "inside only", allow, ...across, ...ends];
}

function routeRow({ http, allow, bodyBytes, timeMs, concurrent }: ManifestRoute): readonly string[] {
  return [http, allow, `${sizeText(bodyBytes)}, ${timeMs / 1_000} s, ${concurrent} at once`];
}

function settingRow({ name, secret, expected, required, variable, fileVariable }: ManifestSetting): readonly string[] {
  const ways = [variable, ...(fileVariable === undefined ? [] : [fileVariable])].join(" or ");
  return [name, ways, `${secret ? "secret, " : ""}${expected}${required ? "" : ", may be left out"}`];
}

/** Rows in columns as wide as their widest cell, under a title; nothing when there are none. */
function section(title: string, rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return "";
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  return [`  ${title}`, ...lines.map((line) => `    ${line}`)].join("\n");
}
