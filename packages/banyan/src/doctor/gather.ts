import { existsSync, lstatSync, readdirSync, statfsSync, statSync } from "node:fs";
import { join } from "node:path";
import { asBanyanError, authOf, BanyanError } from "@banyan/core";
import { networkFileSystem, operate, readSettings } from "@banyan/node";
import { configFile, settingsFile } from "../cli/config-file.ts";
import type { Io } from "../cli/io.ts";
import { loadApp } from "../cli/load-app.ts";
import { registrationViolations } from "../cli/registration.ts";
import type { CodeFacts, DataFacts, Facts, FolderFacts } from "./facts.ts";

export interface Where {
  readonly data: string;
  readonly config: string;
  /** The file of settings, where the user named one. */
  readonly settings: string | undefined;
}

/** Looks at everything there is to judge. What cannot be looked at is told as the error it is. */
export async function gather(where: Where, io: Io): Promise<Facts> {
  const folder = folderFacts(where.data);
  return {
    now: Date.now(),
    node: process.versions.node,
    platform: process.platform,
    env: io.env,
    folder,
    data: existsSync(join(where.data, "banyan.db")) ? await orError(() => dataFacts(where.data)) : undefined,
    code: await orError(() => codeFacts(where, io)),
  };
}

function folderFacts(path: string): FolderFacts | undefined {
  try {
    return lookedAt(path);
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new BanyanError("data-unusable", `The data folder ${path} cannot be looked at: ${words}`, { cause });
  }
}

/** Nothing of it is opened: closing a file that the store has open would drop the store's locks where that is this process. */
function lookedAt(path: string): FolderFacts | undefined {
  const mode = statSync(path, { throwIfNoEntry: false })?.mode;
  if (mode === undefined) return undefined;
  const { bavail, blocks, bsize } = statfsSync(path);
  const files = readdirSync(path).flatMap((name) => {
    const found = lstatSync(join(path, name), { throwIfNoEntry: false });
    return found === undefined || found.isDirectory() ? [] : [{ name, mode: found.mode & 0o777, bytes: found.size }];
  });
  const space = { free: bavail * bsize, total: blocks * bsize };
  return { path, mode: mode & 0o777, files, network: networkFileSystem(path), space };
}

async function dataFacts(path: string): Promise<DataFacts> {
  const { delivery, running, facts, end } = await operate(path);
  try {
    const [subscriptions, logs, audit] = [
      await delivery.subscriptions(),
      await delivery.logs(),
      await delivery.audit(1),
    ];
    return { running, process: await facts(), subscriptions, logs, audit };
  } finally {
    await end();
  }
}

async function codeFacts({ config, settings: named }: Where, io: Io): Promise<CodeFacts> {
  const path = configFile(config, io);
  const app = await loadApp(path);
  const { values, problems, states } = readSettings(app, { env: io.env, file: settingsFile(named, path, io) });
  const auth = typeof app.auth === "function" && problems.length > 0 ? undefined : authOf(app, values);
  return { app, auth, settings: { problems, states }, violations: registrationViolations(app) };
}

async function orError<Found>(look: () => Promise<Found>): Promise<Found | BanyanError> {
  try {
    return await look();
  } catch (thrown) {
    return asBanyanError(thrown, "a look at it");
  }
}
