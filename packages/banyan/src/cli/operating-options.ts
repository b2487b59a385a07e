import { userInfo } from "node:os";
import { resolve } from "node:path";
import { BanyanError, type Operator } from "@banyan/core";
import type { Operated } from "@banyan/node";
import type { Io } from "./io.ts";
import { DATA } from "./serving-options.ts";

const LATER = { kind: "later" } as const;

type Text = { readonly kind: "string"; readonly value: string; readonly description: string };
type Operating = { readonly data: typeof DATA; readonly url: typeof LATER; readonly token: typeof LATER };
type Change = { readonly why: Text; readonly as: Text };

/** The options of every command that operates a running process. */
export const OPERATING: Operating = { data: DATA, url: LATER, token: LATER };

/** Those of every command that changes something: it is recorded who did it, and why. */
export const CHANGE: Change = {
  why: { kind: "string", value: "TEXT", description: "why, for the audit; required" },
  as: { kind: "string", value: "NAME", description: "who, for the audit (default: the user of this system)" },
};

export const CHANGING: Operating & Change = { ...OPERATING, ...CHANGE };

/** Operates the data folder for as long as `work` takes: by the process that owns it, or under its lock where none does. */
export async function operating<Result>(
  data: string,
  { cwd }: Io,
  work: (operated: Operated) => Promise<Result>,
): Promise<Result> {
  const { operate } = await import("@banyan/node");
  const operated = await operate(resolve(cwd, data));
  try {
    return await work(operated);
  } finally {
    await operated.end();
  }
}

/** Throws `option-missing` without a reason, and `option-invalid` where it says nothing or too much. */
export function operatorOf(
  command: string,
  { as, why }: { as: string | undefined; why: string | undefined },
): Operator {
  const said = { name: as ?? userName(command), why: needed(command, "why TEXT", why) };
  for (const [option, text, most] of [
    ["as", said.name, 200],
    ["why", said.why, 2_000],
  ] as const)
    if (text.trim() === "" || text.length > most)
      throw new BanyanError("option-invalid", `--${option} must say something, in at most ${most} characters.`);
  return said;
}

/** The value of an option that has to be given. */
export function needed<Value>(command: string, option: string, value: Value | undefined): Value {
  if (value !== undefined) return value;
  throw new BanyanError("option-missing", `banyan ${command} needs --${option}.`, {
    remedy: `\`banyan ${command} --help\` says what it takes.`,
  });
}

/** Some containers run as a user without a name. */
function userName(command: string): string {
  try {
    return userInfo().username;
  } catch (cause) {
    throw new BanyanError("option-missing", `banyan ${command} needs --as NAME: this user has no name.`, { cause });
  }
}
