/** What asking for known vulnerabilities came to. Exit code of the command: 0, 1, 2. */
export type Audit =
  | { readonly verdict: "clean"; readonly packages: number }
  | { readonly verdict: "vulnerable"; readonly packages: number; readonly found: readonly string[] }
  | { readonly verdict: "unasked"; readonly reason: string };

export const EXIT: Readonly<Record<Audit["verdict"], number>> = { clean: 0, vulnerable: 1, unasked: 2 };

interface Report {
  readonly message?: string;
  readonly error?: { readonly code?: string; readonly summary?: string };
  readonly auditReportVersion?: number;
  readonly vulnerabilities?: Readonly<
    Record<string, { readonly severity: string; readonly range: string; readonly via: readonly unknown[] }>
  >;
  readonly metadata?: { readonly dependencies?: { readonly prod?: number; readonly total?: number } };
}

/** Reads what `npm audit --json` printed. Only a report of npm's own is an answer; everything else means that nobody was asked. */
export function auditOf(printed: string): Audit {
  const report = parsed(printed);
  if (report?.auditReportVersion === undefined || report.vulnerabilities === undefined)
    return { verdict: "unasked", reason: reasonOf(report) };
  const packages = report.metadata?.dependencies?.prod ?? 0;
  const found = Object.entries(report.vulnerabilities).map(
    ([name, { severity, range, via }]) => `${name} ${range} (${severity})${titlesOf(via)}`,
  );
  return found.length === 0 ? { verdict: "clean", packages } : { verdict: "vulnerable", packages, found };
}

export function auditText(audit: Audit): string {
  if (audit.verdict === "unasked")
    return `NOT ASKED: ${audit.reason}\nWhether a dependency has a known vulnerability is not known. Ask where the registry answers.`;
  if (audit.verdict === "clean") return `The registry knows of no vulnerability in ${audit.packages} packages.`;
  return ["The registry knows of vulnerabilities:", ...audit.found.map((one) => `  ${one}`)].join("\n");
}

function parsed(printed: string): Report | undefined {
  try {
    return JSON.parse(printed) as Report;
  } catch {
    return undefined;
  }
}

function reasonOf(report: Report | undefined): string {
  const said = report?.message ?? report?.error?.summary ?? "";
  return said === "" ? "npm printed no report" : `npm says ${said}`;
}

/** An advisory has a title; a package that is only reached through another one is named by its name. */
function titlesOf(via: readonly unknown[]): string {
  const titles = via.map((one) => (typeof one === "string" ? `through ${one}` : (one as { title?: string }).title));
  const told = titles.filter((title) => title !== undefined);
  return told.length === 0 ? "" : `: ${told.join("; ")}`;
}
