import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Where a provider of a data folder listens, as written to `DATA/provider/port`. */
export interface Place {
  readonly port: number;
  readonly pid: number;
}

export function providerFolder(data: string): string {
  return join(resolve(data), "provider");
}

const portFile = (data: string): string => join(providerFolder(data), "port");

/** Undefined when no provider ever ran here, or the last one ended by itself. A killed one leaves its file. */
export function readPlace(data: string): Place | undefined {
  try {
    const place: unknown = JSON.parse(readFileSync(portFile(data), "utf8"));
    return isPlace(place) ? place : undefined;
  } catch {
    return undefined;
  }
}

/** Readers see the whole file or none. */
export function writePlace(data: string, place: Place): void {
  const draft = `${portFile(data)}.${place.pid}`;
  writeFileSync(draft, `${JSON.stringify(place)}\n`, { mode: 0o600 });
  renameSync(draft, portFile(data));
}

export function forgetPlace(data: string, pid: number): void {
  if (readPlace(data)?.pid === pid) rmSync(portFile(data), { force: true });
}

/**
 * One provider per data folder, for the life of the process: an exclusive transaction on a file of its own, which the
 * system releases however the process ends. Throws, naming the owner, when another one holds it.
 */
export function ownFolder(data: string): { release(): void } {
  mkdirSync(providerFolder(data), { recursive: true });
  const lock = new DatabaseSync(join(providerFolder(data), "lock"), { timeout: 0 });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (!(error instanceof Error && error.message.includes("locked"))) throw error;
    throw new FolderTaken(data, readPlace(data)?.pid);
  }
  return { release: () => lock.close() };
}

export class FolderTaken extends Error {
  readonly code = "provider-already-runs";
  readonly remedy: string;

  constructor(data: string, pid: number | undefined) {
    const who = pid === undefined ? "A process that is just starting" : `Process ${pid}`;
    super(`${who} already serves ${providerFolder(data)}.`);
    this.remedy = `Use it as it is, end it${pid === undefined ? "" : ` (kill ${pid})`}, or choose another folder with --data.`;
  }
}

function isPlace(value: unknown): value is Place {
  if (typeof value !== "object" || value === null) return false;
  const { port, pid } = value as Record<string, unknown>;
  return Number.isSafeInteger(port) && Number.isSafeInteger(pid);
}
