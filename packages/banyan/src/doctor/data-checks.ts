import { isBanyanError, sizeText, type Migration, type SubscriptionState } from "@banyan/core";
import { checksumOf } from "@banyan/node";
import { fail, ofData, pass, warn, type Check } from "./finding.ts";

/** What is said by a process that does not answer, not yet, not any more, or is of a version that does not know the question. */
const NO_ANSWER: ReadonlySet<string> = new Set([
  "ops-unreachable",
  "data-locked",
  "starting",
  "draining",
  "route-unknown",
]);

export const data: Check = {
  name: "data",
  judge: ({ data: found, folder }) => {
    if (found === undefined) return pass(`no data yet${folder === undefined ? "" : ` in ${folder.path}`}`);
    if (!isBanyanError(found)) {
      const { running, process } = found;
      return pass(running ? `process ${process.pid} has it, and answers` : "no process runs on it; it opens");
    }
    const { code, message, remedy } = found;
    return { status: NO_ANSWER.has(code) ? "UNKNOWN" : "FAIL", message: `${code}: ${message}`, remedy };
  },
};

export const sqlite: Check = ofData("sqlite", ({ process: { store } }) => {
  if (store === undefined) return pass("the process keeps its data elsewhere");
  const differ = Object.entries(store.settings).filter(([, { is, needed }]) => is !== needed);
  if (differ.length > 0) {
    const words = differ.map(([name, { is, needed }]) => `${name} is ${String(is)}, not ${String(needed)}`).join("; ");
    return fail(`Settings in force: ${words}.`, "Start the process again, and let nothing change its pragmas.");
  }
  const said = ["journal_mode", "synchronous", "foreign_keys"].map((name) => `${name} ${shown(store.settings[name])}`);
  return pass(`SQLite ${store.sqlite}, ${said.join(", ")}`);
});

function shown(setting: { readonly is: unknown } | undefined): string {
  return String(setting?.is);
}

export const backlog: Check = ofData("backlog", ({ logs, subscriptions }) => {
  const behind = subscriptions.reduce((sum, one) => sum + one.behind, 0);
  const remedy = "`banyan events lag` says which subscription is behind: speed it up, resume or forget it.";
  const share = logs.map(({ source, waitingBytes, budgetBytes = Infinity }) => ({
    share: waitingBytes / budgetBytes,
    words: `${sizeText(waitingBytes)} of the log of "${source}" wait`,
  }));
  const full = share.filter((one) => one.share >= 1);
  if (full.length > 0)
    return fail(`${full.map(({ words }) => words).join(", ")}, so that its commands are refused.`, remedy);
  const much = share.filter((one) => one.share >= 0.5);
  if (much.length > 0) return warn(`${much.map(({ words }) => words).join(", ")}: over half of the budget.`, remedy);
  return pass(`${behind} entries wait`);
});

export const delivery: Check = ofData("delivery", ({ subscriptions }) => {
  const named = (which: (one: SubscriptionState) => boolean): string =>
    subscriptions
      .filter(which)
      .map(({ subscription }) => subscription)
      .join(", ");
  const full = named(({ fullOf }) => fullOf !== undefined);
  const remedy = "`banyan events parked` shows each attempt; repair the cause, then `banyan events redrive` or `skip`.";
  if (full !== "") return fail(`Too much is parked, so that nothing new is fetched: ${full}.`, remedy);
  const parts = [
    ["dead entries", named(({ parked }) => parked.dead > 0)],
    ["paused", named(({ paused }) => paused !== undefined)],
    ["held", named(({ held }) => held)],
    ["entries of unknown versions", named(({ parked }) => parked.unknown > 0)],
  ].filter(([, names]) => names !== "");
  if (parts.length > 0) return warn(`${parts.map((part) => part.join(": ")).join("; ")}.`, remedy);
  const parked = subscriptions.reduce((sum, one) => sum + one.parked.retrying + one.parked.waiting, 0);
  return pass(parked === 0 ? "nothing is parked" : `${parked} entries are parked and tried again`);
});

/** What the database has of migrations, against what the code has. */
export const migrations: Check = ofData("migrations", ({ process: { store } }, { code }) => {
  if (store === undefined || isBanyanError(code)) return pass("not compared");
  const wanted = new Map<string, Migration>(
    code.app.contexts.flatMap(({ name, migrations: own }) => own.map((one) => [`${name}/${one.name}`, one] as const)),
  );
  const applied = new Map<string, string>(store.migrations.map((one) => [`${one.context}/${one.name}`, one.checksum]));
  const changed = [...wanted].filter(([name, one]) => (applied.get(name) ?? checksumOf(one)) !== checksumOf(one));
  if (changed.length > 0)
    return fail(
      `Applied with another text: ${changed.map(([name]) => name).join(", ")}.`,
      "Restore their text, and write a new migration for what is to change.",
    );
  const unknown = [...applied.keys()].filter((name) => !wanted.has(name));
  const pending = [...wanted.keys()].filter((name) => !applied.has(name));
  if (unknown.length > 0)
    return warn(
      `In the database and not in this code: ${unknown.join(", ")}.`,
      "This is right after a step back; otherwise use the code that has them.",
    );
  if (pending.length > 0)
    return warn(`Not applied yet: ${pending.join(", ")}.`, "The next start of this code applies them.");
  return pass(`${applied.size} applied, as the code has them`);
});

/** A place that no subscription has any more refuses the next start. */
export const cursors: Check = ofData("cursors", ({ process: { store }, subscriptions }, { code }) => {
  if (store === undefined || isBanyanError(code)) return pass("not compared");
  const known = code.app.contexts.flatMap(({ name, subscriptions: own, rename, forget }) =>
    [...own.map((one) => one.name), ...Object.keys(rename), ...forget].map((one) => `${name}.${one}`),
  );
  const held = subscriptions.filter((one) => one.held).map(({ subscription }) => subscription);
  const lost = store.cursors.filter((name) => !known.includes(name) && !held.includes(name));
  if (lost.length === 0) return pass(`${store.cursors.length} places, each with its subscription`);
  return fail(
    `Places without a subscription in this code: ${lost.join(", ")}. A start refuses them.`,
    "Say `rename:` or `forget:` of them in their context, or start with `--hold NAME`.",
  );
});

export const audit: Check = ofData("audit", ({ audit: records }) => {
  const [last] = records;
  if (last === undefined) return pass("kept; no operator has changed anything");
  return pass(
    `kept; the last is ${last.action} by ${JSON.stringify(last.operator)}, ${new Date(last.at).toISOString()}`,
  );
});
