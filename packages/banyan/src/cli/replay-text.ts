import type { DryReplay, DryReplayedEntry, Replayed, TailedEntry } from "@banyan/core";
import { instant } from "./delivery-text.ts";
import { printable } from "./printable.ts";

/** What a replay has begun, for people. */
export function replayedText({ subscription, source, entries, parked }: Replayed): string {
  const before = parked === 0 ? "" : ` ${countOf(parked, "parked entry", "parked entries")} went with the effects.`;
  const head = `${subscription} begins anew at the start of the log of ${source}, of ${countOf(entries, "entry", "entries")}.`;
  return `${head}${before}\n\`banyan events lag\` shows how far it is.\n`;
}

/** What a dry replay found, for people: what passes is only counted. */
export function dryReplayText(dryReplay: DryReplay): string {
  const { subscription, source, entries, summary, through, more } = dryReplay;
  const counts = `${summary.ok} ok, ${summary.failed} failed, ${summary.skipped} skipped`;
  const emitted = countOf(summary.emitted, "event", "events");
  const head = `dry replay of ${subscription} on ${source}: ${counts}; ${emitted} would be emitted`;
  const told = entries.filter(({ outcome }) => outcome !== "ok").map((one) => `  ${triedText(one)}`);
  const rest = more ? [`there may be more: --from ${through + 1} goes on`] : [];
  const foot = "each entry was tried alone, against the tables as they are now; nothing was kept";
  return [head, ...told, foot, ...rest].map((line) => `${printable(line)}\n`).join("");
}

function triedText({ position, key, outcome, code, message, reason }: DryReplayedEntry): string {
  const why = outcome === "failed" ? `${code}: ${message}` : reason;
  return `position ${position}  key ${JSON.stringify(key)}  ${outcome}  ${why}`;
}

/** One entry of a log, for people. */
export function tailText({ at, source, position, type, version, key, data, hidden }: TailedEntry): string {
  const shown = hidden === undefined ? JSON.stringify(data) : `(no data: ${hidden})`;
  return `${printable(`${instant(at)}  ${source} ${position}  ${type} v${version}  key ${JSON.stringify(key)}  ${shown}`)}\n`;
}

function countOf(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`;
}
