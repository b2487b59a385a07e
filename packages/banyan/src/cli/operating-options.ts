import { userInfo } from "node:os";
import { resolve } from "node:path";
import { BanyanError, type Operator } from "@banyan/core";
import type { Operated } from "@banyan/node";
import type { Io } from "./io.ts";
import { DATA } from "./serving-options.ts";

/** The environment variable, and what it is for. */
export const TOKEN_VARIABLE = {
  name: "BANYAN_TOKEN",
  does: "the token of an operator, for commands with `--url`",
} as const;

const TOKEN = TOKEN_VARIABLE.name;
const READABLE = "banyan: the token goes over http:// as it is; use https://, or a tunnel to this machine\n";

type Text = { readonly kind: "string"; readonly value: string; readonly description: string };
type Operating = { readonly data: typeof DATA; readonly url: Text; readonly token: Text };
type Change = { readonly why: Text; readonly as: Text };

const WHO = "who, for the audit (default: the user of this system";

/** The options of every command that operates a running process. */
export const OPERATING: Operating = {
  data: DATA,
  url: {
    kind: "string",
    value: "URL",
    description: "instead of a data folder: the address the application serves, asked over HTTP",
  },
  token: {
    kind: "string",
    value: "TOKEN",
    description: `with --url: the token of an operator (better: in ${TOKEN}, where no list of processes shows it)`,
  },
};

/** Those of every command that changes something: it is recorded who did it, and why. */
export const CHANGE: Change = {
  why: { kind: "string", value: "TEXT", description: "why, for the audit; required" },
  as: { kind: "string", value: "NAME", description: `${WHO})` },
};

export const CHANGING: Operating & Change = {
  ...OPERATING,
  ...CHANGE,
  as: { ...CHANGE.as, description: `${WHO}; with --url it is the token's)` },
};

export const SUBSCRIPTION: Text = {
  kind: "string",
  value: "NAME",
  description: "the subscription, written context.name",
};

/** Which process a command operates. */
export interface Target {
  readonly data: string;
  readonly url: string | undefined;
  readonly token: string | undefined;
  /** Of a command that changes something. */
  readonly as?: string | undefined;
}

/**
 * Operates a data folder for as long as `work` takes: by the process that owns it, or under its lock where none does. With an address, the
 * process that serves it.
 */
export async function operating<Result>(
  target: Target,
  io: Io,
  work: (operated: Operated) => Promise<Result>,
): Promise<Result> {
  const operated = await operatedAt(target, io);
  try {
    return await work(operated);
  } finally {
    await operated.end();
  }
}

async function operatedAt({ data, url, token, as }: Target, { cwd, env, err }: Io): Promise<Operated> {
  if (url === undefined && token !== undefined) throw cannotBeGiven("token", "it is for --url");
  const { operate, operateAt } = await import("@banyan/node");
  if (url === undefined) return operate(resolve(cwd, data));
  if (data !== DATA.default) throw cannotBeGiven("data", "--url says which process is meant");
  if (as !== undefined) throw cannotBeGiven("as", "with --url the audit names whom the token belongs to");
  const given = token ?? env[TOKEN] ?? "";
  if (given !== "") {
    if (isReadable(url)) err(READABLE);
    return operateAt(url, given);
  }
  throw new BanyanError("option-missing", `--url needs the token of an operator: set ${TOKEN}, or give --token.`, {
    remedy:
      "In development it is the one that `banyan dev` prints; in production that of a principal with the role operator.",
  });
}

/** An option that would do nothing here. */
export function cannotBeGiven(option: string, why: string): BanyanError {
  return new BanyanError("option-invalid", `--${option} cannot be given: ${why}.`);
}

/** Whether what is sent there passes others' hands as it is. */
function isReadable(url: string): boolean {
  const { protocol, hostname = "" } = URL.parse(url) ?? {};
  return protocol === "http:" && !/^(localhost|127(\.\d+){3}|\[::1\])$|\.localhost$/.test(hostname);
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
