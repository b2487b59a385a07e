import { authentication, code, open, otherOrigins, registration, settings, transport } from "./code-checks.ts";
import { audit, backlog, cursors, data, delivery, migrations, sqlite } from "./data-checks.ts";
import type { Facts } from "./facts.ts";
import type { Check, Finding } from "./finding.ts";
import { clock, developmentToken, disk, node, rights, room, sizes } from "./machine-checks.ts";

/** Everything that is looked at, in the order in which it is told. */
export const CHECKS: readonly Check[] = [
  node,
  rights,
  disk,
  room,
  sizes,
  data,
  sqlite,
  clock,
  backlog,
  delivery,
  audit,
  code,
  registration,
  migrations,
  cursors,
  settings,
  open,
  authentication,
  transport,
  otherOrigins,
  developmentToken,
];

export interface Diagnosis {
  /** `unknown`: nothing fell short, and something could not be judged. */
  readonly verdict: "pass" | "fail" | "unknown";
  readonly checks: readonly (Finding & { readonly check: string })[];
}

export function diagnose(facts: Facts): Diagnosis {
  const checks = CHECKS.map(({ name, judge }) => ({ check: name, ...judge(facts) }));
  const has = (status: Finding["status"]): boolean => checks.some((one) => one.status === status);
  return { verdict: has("FAIL") ? "fail" : has("UNKNOWN") ? "unknown" : "pass", checks };
}
