import type { DryReplay, DryReplayQuery } from "@banyan/core";
import { defineCommand, type Command, type ExitCode } from "../command.ts";
import { logPlace } from "../log-place.ts";
import { cannotBeGiven, CHANGING, needed, operating, operatorOf, SUBSCRIPTION } from "../operating-options.ts";

const NAME = "events replay";

export const replay: Command = defineCommand({
  name: NAME,
  summary: "Make the effects of a subscription anew from its log; --dry: only say what would become of entries",
  example: "events replay --subscription orders.confirm --dry",
  exit1: "an entry would fail (with `--dry`)",
  options: {
    ...CHANGING,
    subscription: SUBSCRIPTION,
    dry: {
      kind: "flag",
      default: false,
      description: "keep nothing and act nowhere: would the code that runs now accept these entries?",
    },
    from: { kind: "string", value: "POSITION|TIME", description: "with --dry: the first entry (default: of the log)" },
    key: { kind: "string", value: "KEY", description: "with --dry: only this key" },
    limit: {
      kind: "number",
      value: "N",
      min: 1,
      max: 10_000,
      description: "with --dry: at most so many entries (default: 1000)",
    },
    parked: { kind: "flag", default: false, description: "with --dry: the entries that are parked" },
  },
  async run({ data, url, token, subscription: named, dry, why, as, from, key, limit, parked, json }, io) {
    const subscription = needed(NAME, "subscription NAME", named);
    const only = { from, key, limit, parked: parked ? true : undefined };
    const { replayedText, dryReplayText } = await import("../replay-text.ts");
    if (dry) {
      refuseGiven({ why, as }, "--dry changes nothing, so nothing is recorded of it");
      const of = parked ? ("parked" as const) : ("log" as const);
      const query: DryReplayQuery = { subscription, of, key, limit, ...placeOf(from) };
      const dryReplay = await operating({ data, url, token }, io, ({ delivery }) => delivery.dryReplay(query));
      io.out(json ? `${JSON.stringify(dryReplay)}\n` : dryReplayText(dryReplay));
      return judged(dryReplay);
    }
    refuseGiven(only, "it is for --dry: a replay takes the whole log");
    const by = operatorOf(NAME, { as, why });
    const replayed = await operating({ data, url, token, as }, io, ({ delivery }) =>
      delivery.replay({ subscription }, by),
    );
    io.out(json ? `${JSON.stringify({ replayed })}\n` : replayedText(replayed));
    return 0;
  },
});

/** An entry that fails is what was looked for; one that is skipped says nothing. */
function judged({ summary }: DryReplay): ExitCode {
  return summary.failed > 0 ? 1 : 0;
}

function refuseGiven(options: Readonly<Record<string, unknown>>, why: string): void {
  const [name] = Object.entries(options).find(([, value]) => value !== undefined) ?? [];
  if (name !== undefined) throw cannotBeGiven(name, why);
}

function placeOf(from: string | undefined): Pick<DryReplayQuery, "from" | "since"> {
  if (from === undefined) return {};
  const place = logPlace("from", from);
  return "at" in place ? { since: place.at } : { from: place.position };
}
