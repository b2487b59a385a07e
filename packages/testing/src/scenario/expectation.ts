import type { EventContract } from "@banyan/core";
import type { EmittedEvent } from "./emitted.ts";
import { differences, shown } from "./matching.ts";

/** Emitted events that a message lists at most. */
const LISTED = 10;

type Emitted = EmittedEvent<EventContract>;

export interface Expected {
  readonly event: EventContract;
  readonly data: unknown;
  /** Virtual milliseconds after which it came too late, and since when they count. */
  readonly within: { readonly text: string; readonly since: number; readonly ms: number } | undefined;
}

/** The first event that is as expected, or what a message says instead: what was emitted, nearest first. */
export function find(expected: Expected, emitted: readonly Emitted[]): Emitted | readonly string[] {
  const judged = emitted.map((event) => ({ event, wrong: wrongIn(expected, event) }));
  const found = judged.find(({ wrong }) => wrong?.length === 0);
  if (found !== undefined) return found.event;
  // Its own kind first, by how little is wrong; the others as they came.
  const rank = (wrong: readonly string[] | undefined): number => wrong?.length ?? Infinity;
  const nearest = judged.toSorted((left, right) => Math.sign(rank(left.wrong) - rank(right.wrong)) || 0);
  const lines = nearest
    .slice(0, LISTED)
    .flatMap(({ event, wrong = [] }) => [`  ${inWords(event)}`, ...wrong.map((difference) => `    ${difference}`)]);
  const rest = judged.length - LISTED;
  if (rest > 0) lines.push(`  and ${rest} more`);
  return judged.length === 0 ? ["Nothing at all was emitted."] : ["Emitted instead, nearest first:", ...lines];
}

export function inWords({ type, data }: Emitted): string {
  return `${type} ${shown(data)}`;
}

function wrongIn(
  { event, data, within }: Expected,
  { type, data: actual, at }: Emitted,
): readonly string[] | undefined {
  if (type !== event.name) return undefined;
  const late = within === undefined ? 0 : at - within.since - within.ms;
  const wrong = differences(data, actual);
  return late > 0 ? [...wrong, `emitted ${late} ms later than within "${within?.text}"`] : wrong;
}
