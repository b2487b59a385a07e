import { defineCommand, type CommandGroup } from "../command.ts";
import { parkState } from "../park-state.ts";
import { CHANGING, needed, operating, OPERATING, operatorOf, SUBSCRIPTION } from "../operating-options.ts";
import { replay } from "./events-replay.ts";
import { tail } from "./events-tail.ts";

const lag = defineCommand({
  name: "events lag",
  summary:
    "Where every subscription stands (behind, in flight, parked, dead, how old), what every log has, what is scheduled, and what is kept of acts outside",
  example: "events lag --json",
  options: OPERATING,
  async run({ data, url, token, json }, io) {
    const found = await operating({ data, url, token }, io, async ({ delivery, running }) => {
      const [subscriptions, logs] = [await delivery.subscriptions(), await delivery.logs()];
      const [scheduled, once] = [await delivery.scheduled(), await delivery.onceRecords()];
      return { running, subscriptions, logs, scheduled, once };
    });
    if (json) io.out(`${JSON.stringify(found)}\n`);
    else io.out((await import("../delivery-text.ts")).standText(found, Date.now()));
    return 0;
  },
});

const parked = defineCommand({
  name: "events parked",
  summary: "Entries that wait aside, with every failed attempt",
  example: "events parked --subscription orders.confirm --state dead",
  options: {
    ...OPERATING,
    subscription: SUBSCRIPTION,
    key: { kind: "string", value: "KEY", description: "only this key" },
    state: { kind: "string", value: "STATE", description: "only retrying, waiting, dead or unknown" },
    limit: { kind: "number", value: "N", default: 100, min: 1, max: 1_000, description: "at most so many" },
  },
  async run({ data, url, token, subscription, key, state, limit, json }, io) {
    const query = { subscription, key, limit, state: state === undefined ? undefined : parkState(state) };
    const entries = await operating({ data, url, token }, io, ({ delivery }) => delivery.parked(query));
    if (json) io.out(`${JSON.stringify({ parked: entries })}\n`);
    else io.out((await import("../delivery-text.ts")).parkedText(entries, Date.now(), limit));
    return 0;
  },
});

const skip = defineCommand({
  name: "events skip",
  summary: "Give one parked entry up for good; its successors go on",
  example: 'events skip --subscription orders.confirm --position 42 --why "the customer was told by phone"',
  options: {
    ...CHANGING,
    subscription: SUBSCRIPTION,
    position: {
      kind: "number",
      value: "N",
      min: 0,
      max: Number.MAX_SAFE_INTEGER,
      description: "the position of the entry, as `banyan events parked` shows it",
    },
  },
  async run({ data, url, token, subscription, position, why, as, json }, io) {
    const ref = {
      subscription: needed("events skip", "subscription NAME", subscription),
      position: needed("events skip", "position N", position),
    };
    const by = operatorOf("events skip", { as, why });
    const skipped = await operating({ data, url, token, as }, io, ({ delivery }) => delivery.skip(ref, by));
    io.out(json ? `${JSON.stringify({ skipped })}\n` : `skipped ${ref.subscription} position ${ref.position}\n`);
    return 0;
  },
});

const redrive = defineCommand({
  name: "events redrive",
  summary: "Try parked keys again from their first entry, in order",
  example: 'events redrive --subscription orders.confirm --why "the provider is back"',
  options: {
    ...CHANGING,
    subscription: SUBSCRIPTION,
    key: { kind: "string", value: "KEY", description: "only this key (default: every parked key)" },
  },
  async run({ data, url, token, subscription, key, why, as, json }, io) {
    const named = needed("events redrive", "subscription NAME", subscription);
    const by = operatorOf("events redrive", { as, why });
    const { keys, running } = await operating({ data, url, token, as }, io, async (operated) => {
      const { keys } = await operated.delivery.redrive({ subscription: named, key }, by);
      return { keys, running: operated.running };
    });
    const when = running ? "" : ", to be tried when a process starts";
    const done = `redriven: ${keys} ${keys === 1 ? "key" : "keys"} of ${named}${when}\n`;
    const text = keys === 0 ? `nothing is parked for ${named}\n` : done;
    io.out(json ? `${JSON.stringify({ keys, running })}\n` : text);
    return 0;
  },
});

const audit = defineCommand({
  name: "events audit",
  summary: "What operators did to the data, who and why, the newest first",
  example: "events audit --limit 20",
  options: {
    ...OPERATING,
    limit: { kind: "number", value: "N", default: 100, min: 1, max: 1_000, description: "at most so many" },
  },
  async run({ data, url, token, limit, json }, io) {
    const records = await operating({ data, url, token }, io, ({ delivery }) => delivery.audit(limit));
    if (json) io.out(`${JSON.stringify({ audit: records })}\n`);
    else io.out((await import("../delivery-text.ts")).auditText(records));
    return 0;
  },
});

export const eventsGroup: CommandGroup = {
  name: "events",
  summary: "Operate delivery: lag, parked, skip, redrive, replay, tail, audit",
  actions: [lag, parked, skip, redrive, replay, tail, audit],
};
