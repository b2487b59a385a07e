import type { App, Entry } from "@banyan/core";
import type { EffectRow } from "../instrument.ts";
import { skippedOf } from "../operations.ts";
import type { Breach, Law } from "../simulation.ts";
import { breach, countBy } from "./breach.ts";
import type { Remains } from "./remains.ts";

/** Each subscription, under whatever name, has one effect for each entry that is neither parked nor skipped, in order of position per key. */
export function judgeSubscriptions(app: App, { logs, effects, parked, audits }: Remains): readonly Breach[] {
  const renamed = renamedOf(app);
  const bySubscription = Map.groupBy(
    effects.filter((row) => row.kind !== "command"),
    (row) => renamed.get(row.name) ?? row.name,
  );
  return app.contexts.flatMap((context) =>
    context.subscriptions.flatMap(({ name, contracts }) => {
      const subscription = `${context.name}.${name}`;
      const types = contracts.map((contract) => contract.name);
      const [source = ""] = types[0]?.split(".") ?? [];
      const entries = (logs.get(source) ?? []).filter((entry) => types.includes(entry.type));
      const waiting = parked.filter((row) => row.subscription === subscription).map((row) => row.position);
      const names = [subscription, ...[...renamed.keys()].filter((from) => renamed.get(from) === subscription)];
      const aside = new Set([...waiting, ...names.flatMap((known) => [...skippedOf(audits, known)])]);
      const rows = bySubscription.get(subscription) ?? [];
      const rounds = roundsOf(rows);
      return [
        ...judgeCounts(subscription, { entries, rows: rounds.at(-1) ?? [], aside }),
        ...rounds.slice(0, -1).flatMap((round) => judgeRepeats(subscription, round)),
        ...rounds.flatMap((round) => judgeOrder(subscription, round)),
        ...judgeClears(subscription, { rounds, audits }),
      ];
    }),
  );
}

/** A subscription that is cleared begins again: what it did before does not count. */
function roundsOf(rows: readonly EffectRow[]): readonly (readonly EffectRow[])[] {
  const rounds: EffectRow[][] = [[]];
  for (const row of rows) {
    if (row.kind === "clear") rounds.push([]);
    else rounds.at(-1)?.push(row);
  }
  return rounds;
}

/** What was cut short lacks entries, and repeats none. */
function judgeRepeats(subscription: string, round: readonly EffectRow[]): readonly Breach[] {
  const repeated = [...countBy(round, (row) => `${row.position}`)].filter(([, count]) => count > 1);
  return repeated.map(([position, count]) =>
    breach("effect-once", `"${subscription}" has ${count} effects of entry ${position} before it was made anew.`),
  );
}

/** Each clearing is an operator's. */
function judgeClears(
  subscription: string,
  by: { readonly rounds: readonly unknown[]; readonly audits: Remains["audits"] },
): readonly Breach[] {
  const { length } = by.audits.filter(
    ({ action, subject }) => action === "replay" && subject["subscription"] === subscription,
  );
  if (length === by.rounds.length - 1) return [];
  return [
    breach(
      "operator",
      `"${subscription}" was made anew ${by.rounds.length - 1} times, and ${length} times by an operator.`,
    ),
  ];
}

/** The names subscriptions had, and those they have. */
function renamedOf({ contexts }: App): ReadonlyMap<string, string> {
  const renames = contexts.flatMap(({ name, rename }) =>
    Object.entries(rename).map(([from, to]) => [`${name}.${from}`, `${name}.${to}`] as const),
  );
  return new Map(renames);
}

interface Delivered {
  readonly entries: readonly Entry[];
  readonly rows: readonly EffectRow[];
  readonly aside: ReadonlySet<number>;
}

function judgeCounts(subscription: string, { entries, rows, aside }: Delivered): readonly Breach[] {
  const counts = countBy(rows, (row) => row.cause);
  const known = new Set(entries.map((entry) => entry.id));
  const wrong = entries.flatMap(({ id, position, key }) => {
    const count = counts.get(id) ?? 0;
    const expected = aside.has(position) ? 0 : 1;
    if (count === expected) return [];
    const law: Law = count < expected ? "acknowledged" : "effect-once";
    return breach(
      law,
      `"${subscription}" has ${count} effects of entry ${position} (key ${key}) where ${expected} belong.`,
    );
  });
  const made = rows.filter((row) => !known.has(row.cause));
  return [
    ...wrong,
    ...made.map((row) =>
      breach("acknowledged", `"${subscription}" has an effect of entry ${row.position}, which is not in the log.`),
    ),
  ];
}

function judgeOrder(subscription: string, rows: readonly EffectRow[]): readonly Breach[] {
  const last = new Map<string, number>();
  const breaches: Breach[] = [];
  for (const { key, position } of rows) {
    const before = last.get(key) ?? 0;
    if (position < before)
      breaches.push(
        breach("key-order", `"${subscription}" took entry ${position} after ${before}, both of the key ${key}.`),
      );
    last.set(key, Math.max(before, position));
  }
  return breaches;
}
