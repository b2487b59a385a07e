import { randomBytes } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { BanyanError } from "@banyan/core";

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment variable, and what it is for. */
export const DEV_TOKEN_VARIABLE = {
  name: "BANYAN_DEV_TOKEN",
  does: "the development token, instead of the one that is kept in the data folder; `start` refuses it",
} as const;

const VARIABLE = DEV_TOKEN_VARIABLE.name;
const TOKEN = /^[\x21-\x7e]{16,512}$/;

/** The development token: BANYAN_DEV_TOKEN, else the one kept in the data folder, which is made at the first start. */
export function developmentToken(data: string, env: Environment): string {
  const set = env[VARIABLE];
  if (set !== undefined && set !== "") return checked(set, VARIABLE);
  if (data === "") return newToken();
  const file = join(data, "dev-token");
  return checked(kept(file) ?? keep(file), file);
}

/** Production has no development tokens: one that is set is a mistake that must not pass unseen. */
export function refuseDevelopmentToken(env: Environment): void {
  if ((env[VARIABLE] ?? "") === "") return;
  throw new BanyanError("dev-token-refused", `${VARIABLE} is set, and production refuses development tokens.`);
}

function kept(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    throw new BanyanError("data-unusable", `The development token in ${file} cannot be read: ${code}.`, { cause });
  }
}

/** Appears whole or not at all; of two processes that start at once the first one's token holds. */
function keep(file: string): string {
  const own = `${file}.${process.pid}`;
  try {
    writeFileSync(own, `${newToken()}\n`, { mode: 0o600 });
    linkSync(own, file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "EEXIST") {
      throw new BanyanError("data-unusable", `The development token cannot be kept in ${file}: ${code}.`, { cause });
    }
  } finally {
    rmSync(own, { force: true });
  }
  return kept(file) ?? "";
}

function newToken(): string {
  return randomBytes(24).toString("base64url");
}

function checked(token: string, where: string): string {
  if (TOKEN.test(token)) return token;
  throw new BanyanError("config-invalid", `The development token in ${where} is not one.`, {
    remedy: "Use 16 to 512 printable ASCII characters without spaces; a file removed is made anew.",
  });
}
