import type { CommandContract, InputOf, OutputOf } from "../contract/index.ts";
import type { Principal } from "../ports/index.ts";

/** On whose behalf a seed is sent. */
export interface SeedBy {
  /** Default: `seed`, with every role a policy of the application names, of every tenant. */
  readonly principal?: Principal;
  readonly tenant?: string;
}

export interface SeedTools {
  /** Executes a command as if it had been asked for, and answers its result. Which of the seeds it is (the first, the second, …) is its identity. */
  send<C extends CommandContract>(what: C, input: NoInfer<InputOf<C>>, by?: SeedBy): Promise<OutputOf<C>>;
}

/** What a fresh development folder begins with, as commands: the same ones, in the same order, each time. */
export type Seeds = (tools: SeedTools) => Promise<void> | void;
