import type { Entry } from "@banyan/core";
import type { Breach } from "../simulation.ts";
import type { Entering, KeptEvent, Witness } from "../witness.ts";
import { breach } from "./breach.ts";
import type { Remains } from "./remains.ts";

type Seen = Pick<Witness, "kept" | "entered"> & {
  /** What was due, with time to spare, when everything had settled. */
  readonly due: readonly KeptEvent[];
};

/**
 * Each event whose schedule was committed is once in the log or still scheduled, none but those is scheduled, none entered before its time as the
 * wall clock said it, what was known to be due earlier has entered earlier, and what was due has entered once all is settled.
 */
export function judgeSchedule({ logs, scheduled }: Remains, { kept, entered, due }: Seen): readonly Breach[] {
  const entries = Map.groupBy([...logs.values()].flat(), ({ id }) => id);
  const waiting = new Set(scheduled.map(({ entry }) => entry.id));
  const known = new Map(kept.map((one) => [one.entry.id, one]));
  return [
    ...kept.flatMap(({ entry: { id }, ...one }) =>
      judgeOnce(one, (entries.get(id)?.length ?? 0) + Number(waiting.has(id))),
    ),
    ...scheduled.flatMap(({ context, entry }) =>
      known.has(entry.id) ? [] : breach("schedule", `"${context}" has ${entry.type} scheduled, which no commit kept.`),
    ),
    ...entered.flatMap((entering) => judgeDue(entering, known.get(entering.id))),
    ...judgeOrder(kept, entered, entries),
    ...due.flatMap(({ context, due: at, entry: { id } }) =>
      waiting.has(id)
        ? breach(
            "schedule",
            `An event of "${context}" was due at ${at} and had not entered its log when all had settled.`,
          )
        : [],
    ),
  ];
}

function judgeOnce({ context, due }: Pick<KeptEvent, "context" | "due">, found: number): readonly Breach[] {
  if (found === 1) return [];
  const message = `An event of "${context}" that is due at ${due} is ${found} times in the log and the schedule together.`;
  return [breach("schedule", message)];
}

function judgeDue({ wallMs }: Entering, one: KeptEvent | undefined): readonly Breach[] {
  if (one === undefined || wallMs >= one.due) return [];
  return [breach("schedule", `An event of "${one.context}" entered its log ${one.due - wallMs} ms before it was due.`)];
}

/** Of two that were in the schedule when the later one's entering began. */
function judgeOrder(
  kept: readonly KeptEvent[],
  entered: readonly Entering[],
  entries: ReadonlyMap<string, readonly Entry[]>,
): readonly Breach[] {
  const lookedAt = new Map(entered.map((entering) => [entering.id, entering.lookedAt]));
  const placed = kept.flatMap((one) => {
    const [entry] = entries.get(one.entry.id) ?? [];
    return entry === undefined ? [] : { ...one, position: entry.position, lookedAt: lookedAt.get(entry.id) ?? 0 };
  });
  return placed.flatMap((early) =>
    placed
      .filter((late) => late.context === early.context && early.due < late.due && early.keptAt < late.lookedAt)
      .filter((late) => late.position < early.position)
      .map((late) => breach("schedule", `What was due at ${late.due} entered before what was due at ${early.due}.`)),
  );
}
