import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { BanyanError, type LogState, type TailedEntry } from "@banyan/core";
import type { Operated } from "@banyan/node";
import { defineCommand, type Command, type OptionSpec } from "../command.ts";
import { needed, OPERATING, operating } from "../operating-options.ts";

/** How often it is asked what has come. */
const EVERY_MS = 250;
const STILL = "banyan: no process runs on this data, so nothing comes, and its contracts are not known\n";
const limit: OptionSpec & { readonly kind: "number" } = {
  kind: "number",
  value: "N",
  min: 1,
  max: Number.MAX_SAFE_INTEGER,
  description: "end after so many entries",
};

export const tail: Command = defineCommand({
  name: "events tail",
  summary: "The entries of the logs as they come, without what is personal",
  example: "events tail --context orders --from start --no-follow",
  options: {
    ...OPERATING,
    context: { kind: "string", value: "NAME", description: "only this context's log" },
    type: { kind: "string", value: "TYPE", description: "only this event, written context.name" },
    key: { kind: "string", value: "KEY", description: "only this key" },
    from: {
      kind: "string",
      value: "PLACE",
      description: "start, now, or the position of the first entry (default: now; with --no-follow: start)",
    },
    limit,
    follow: { kind: "flag", default: true, description: "end where the log ends" },
  },
  async run({ data, url, token, context, type, key, from, limit: most = Infinity, follow, json }, io) {
    const { tailText } = await import("../replay-text.ts");
    const wanted = { context, type, key, most, from: from ?? (follow ? "now" : "start") };
    const show = (entry: TailedEntry): void => io.out(json ? `${JSON.stringify(entry)}\n` : tailText(entry));
    await operating({ data, url, token }, io, async (operated) => {
      if (follow && !operated.running) io.err(STILL);
      using interrupted = new Interrupted();
      const reader = new Reader(operated, wanted, await operated.delivery.logs());
      while (await reader.goOn({ show, interrupted: interrupted.signal })) {
        if (!reader.atEnd) continue;
        if (!follow || !operated.running) break;
        await interrupted.sleep(EVERY_MS);
      }
    });
    return 0;
  },
});

interface Wanted {
  readonly context: string | undefined;
  readonly type: string | undefined;
  readonly key: string | undefined;
  readonly most: number;
  readonly from: string;
}

/** Reads the logs in turn, a page of each, and remembers how far. */
class Reader {
  readonly #delivery: Operated["delivery"];
  readonly #wanted: Wanted;
  readonly #places: Map<string, number>;
  /** Of which incarnation each place is. */
  readonly #incarnations: Map<string, string>;
  #left: number;
  #atEnd = false;

  constructor({ delivery }: Operated, wanted: Wanted, logs: readonly LogState[]) {
    this.#delivery = delivery;
    this.#wanted = wanted;
    this.#left = wanted.most;
    this.#places = placesOf(wanted, logs);
    this.#incarnations = new Map(logs.map(({ source, incarnation }) => [source, incarnation]));
  }

  /** Everything that was there has been shown. */
  get atEnd(): boolean {
    return this.#atEnd;
  }

  /** One page of each log; false when it is enough. */
  async goOn(by: { readonly show: (entry: TailedEntry) => void; readonly interrupted: AbortSignal }): Promise<boolean> {
    this.#atEnd = true;
    const { type, key } = this.#wanted;
    for (const [source, after] of this.#places) {
      const page = await this.#delivery.tail({ source, after, type, key, limit: Math.min(100, this.#left) });
      if (by.interrupted.aborted) return false;
      if (page.incarnation !== (this.#incarnations.get(source) ?? page.incarnation)) throw replaced(source, after);
      for (const entry of page.entries) by.show(entry);
      // whoever reads slowly is waited for, and holds nobody else up
      if (process.stdout.writableNeedDrain)
        await once(process.stdout, "drain", { signal: by.interrupted }).catch(() => {});
      this.#places.set(source, page.through);
      this.#left -= page.entries.length;
      if (this.#left === 0) return false;
      if (page.through < page.last) this.#atEnd = false;
    }
    return !by.interrupted.aborted;
  }
}

/** Behind a place of the log that was there before, entries of this one would be passed over without a word. */
function replaced(source: string, after: number): BanyanError {
  return new BanyanError(
    "cursor-incarnation",
    `The log of "${source}" has another incarnation than when this began: its data was restored or begun afresh. What was read up to position ${after} was of the one before.`,
    { remedy: "Begin again: positions are used anew, so say with `--from` where." },
  );
}

/** Only its owner emits an event: another context's log never has it, and would be shown as if it were empty. */
function assertOwn({ context, type }: Wanted, logs: readonly LogState[]): void {
  const owner = type?.slice(0, type.indexOf("."));
  if (context === undefined || owner === context || !logs.some(({ source }) => source === owner)) return;
  const message = `The log of "${context}" has no event "${type}", as it is one of "${owner}". Did you mean \`--context ${owner}\`?`;
  throw new BanyanError("event-type-unknown", message);
}

/** Where each log is read from: behind this position. */
function placesOf(wanted: Wanted, logs: readonly LogState[]): Map<string, number> {
  assertOwn(wanted, logs);
  const { context, from } = wanted;
  const named =
    context === undefined ? logs : [logs.find(({ source }) => source === context) ?? { source: context, last: 0 }];
  if (from === "start") return new Map(named.map(({ source }) => [source, 0]));
  if (from === "now") return new Map(named.map(({ source, last }) => [source, last]));
  if (!/^\d{1,15}$/.test(from))
    throw new BanyanError("option-invalid", `--from is "${from}", but must be start, now or a position.`);
  // a position is one of one log
  const [only, another] = named;
  const source = needed("events tail", "context NAME", another === undefined ? only?.source : undefined);
  return new Map([[source, Math.max(0, Number(from) - 1)]]);
}

/** Ctrl-C, or nobody reads any more: that is how it is meant to end. */
class Interrupted implements Disposable {
  readonly #controller = new AbortController();
  readonly #stop = (): void => this.#controller.abort();

  constructor() {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, this.#stop);
    process.stdout.once("error", this.#stop);
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  async sleep(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.signal }).catch(() => {});
  }

  [Symbol.dispose](): void {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, this.#stop);
    process.stdout.off("error", this.#stop);
  }
}
