import type { AuditRecord } from "@banyan/core";
import type { Breach } from "./simulation.ts";

/** What an operator asked for; `why` is its name, and nobody else's. */
export interface Asked {
  readonly why: string;
  readonly action: Exclude<AuditRecord["action"], "restore">;
  readonly subscription: string;
  readonly key?: string | undefined;
  readonly position?: number | undefined;
}

/** What an operator was told: how many keys it was done to, or that there is nothing to do it to, or nothing. */
export type Told = number | "refused" | "unknown";

/** What operators asked for and were told. */
export type Operations = ReadonlyMap<string, { readonly asked: Asked; told: Told }>;

/** What was acknowledged is in the audit, once for each key; what was refused is not; and nothing else is there. Pure. */
export function judgeAudits(audits: readonly AuditRecord[], operations: Operations): readonly Breach[] {
  const byWhy = Map.groupBy(audits, ({ why }) => why);
  const wrong = [...operations.values()].flatMap(({ asked, told }) => {
    const found = byWhy.get(asked.why)?.length ?? 0;
    if (found === expected(told, found)) return [];
    return breach(`${asked.why} was told "${told}", and is in the audit ${found} times.`);
  });
  const strange = audits.filter(({ why, action, subject }) => {
    const asked = operations.get(why)?.asked;
    return asked === undefined || asked.action !== action || !isOf(asked, subject);
  });
  const made = strange.map(({ why, action, subject }) =>
    breach(`The audit has a ${action} of ${JSON.stringify(subject)} as ${why}, which nobody asked for.`),
  );
  return [...wrong, ...made];
}

/** Whatever was found is right where nobody knows. */
function expected(told: Told, found: number): number {
  if (told === "unknown") return found;
  return told === "refused" ? 0 : told;
}

function isOf({ subscription, key, position }: Asked, subject: AuditRecord["subject"]): boolean {
  if (subject["subscription"] !== subscription) return false;
  return (key === undefined || subject["key"] === key) && (position === undefined || subject["position"] === position);
}

/** Positions that operators took out of a subscription for good. */
export function skippedOf(audits: readonly AuditRecord[], subscription: string): ReadonlySet<number> {
  const skips = audits.filter(({ action, subject }) => action === "skip" && subject["subscription"] === subscription);
  return new Set(skips.map(({ subject }) => Number(subject["position"])));
}

const breach = (message: string): Breach => ({ law: "operator", message });
