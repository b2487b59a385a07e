import type { FaultOdds } from "@banyan/testing";

/** One line of the runtime that a promise rests on, and what is left when somebody takes it away. */
export interface Mutant {
  /** In packages/core/src/runtime/. */
  readonly file: string;
  readonly line: string;
  readonly instead: string;
  /** Where it shows too seldom under the usual ones. */
  readonly faults?: Partial<FaultOdds>;
}

/** By what the runtime does without its line. */
export const MUTANTS: Readonly<Record<string, Mutant>> = {
  "commits under a dead fence": {
    file: "committer.ts",
    line: "if (!(await transaction.settle(move))) throw fromStore(fencedError(move));",
    instead: "await transaction.settle(move);",
  },
  "keeps no `open` set": {
    file: "cursor.ts",
    line: "fence, pos, open: left.filter((position) => position <= pos) };",
    instead: "fence, pos, open: [] };",
  },
  "answers before it commits": {
    file: "committer.ts",
    line: "await transaction.commit();",
    instead: "effects.forEach((effect, i) => batch[i]?.done.resolve(effect.value)); await transaction.commit();",
  },
  "runs entries of a key side by side": {
    file: "key-chains.ts",
    line: "before === undefined ? task() : before.then(task)",
    instead: "task()",
  },
  "delivers past a parked entry of the key": {
    file: "lane.ts",
    line: "if (this.parked.head(entry.key) === undefined) await this.#tryLive(entry);",
    instead: "if (entry !== undefined) await this.#tryLive(entry);",
  },
  "remembers no command": {
    file: "commands.ts",
    line: "if (record !== undefined && !(await transaction.remember(record))) throw outrunError();",
    instead: "",
  },
  "lets scheduled events enter too soon": {
    file: "context-schedule.ts",
    line: "earliest.filter((one) => one.due <= now)",
    instead: "earliest.filter((one) => one.due <= now + 2_000)",
  },
  "lets a scheduled event enter that has entered": {
    file: "context-schedule.ts",
    line: "if (await transaction.unschedule(one)) emitted",
    instead: "if ([await transaction.unschedule(one)].length > 0) emitted",
    // only a process that was replaced while it had looked finds that out
    faults: { crash: 0, commitUnknown: 0, restart: 0, takeover: 0.006 },
  },
};
