import { existsSync } from "node:fs";
import { join } from "node:path";
import { BanyanError, isBanyanError, jsonCodec, stillDelivery } from "@banyan/core";
import { nodeClock } from "../platform/clock.ts";
import { nodeRandom } from "../platform/random.ts";
import { nodeTurn } from "../platform/turn.ts";
import { sqlite } from "../sqlite/index.ts";
import { OpsClient } from "./client.ts";
import type { Delivery } from "./delivery.ts";
import { processFacts, type ProcessFacts } from "./process-facts.ts";
import { socketDoor, urlDoor } from "./ops-doors.ts";

/** The delivery of a data folder, whoever does what is asked of it. */
export interface Operated {
  readonly delivery: Delivery;
  /** A process owns the data and is asked; otherwise this one owns it until `end`, and nothing is delivered. */
  readonly running: boolean;
  /** Of the process that owns the data. */
  facts(): Promise<ProcessFacts>;
  end(): Promise<void>;
}

/**
 * Operates a data folder: over the socket of the process that owns it, or where none does, under the folder's lock. Throws `ops-unreachable`
 * where there is no data, and where a process owns it and does not answer.
 */
export async function operate(data: string): Promise<Operated> {
  const client = new OpsClient(socketDoor(data));
  const absent = await client.audit(1).then(
    () => undefined,
    (error: unknown) => (isAbsent(error) ? error : raise(error)),
  );
  if (absent === undefined) return operatedBy(client);
  // owning a folder makes it, and a name that was mistyped should not leave one behind
  if (!existsSync(join(data, "banyan.db"))) throw noData(data, absent);
  return still(data).catch((error: unknown) => raise(isLocked(error) ? unanswering(error, absent) : error));
}

/** Operates the application that serves an address, as whoever the token belongs to. Nothing is asked yet. */
export function operateAt(url: string, token: string): Operated {
  return operatedBy(new OpsClient(urlDoor(url, token)));
}

function operatedBy(client: OpsClient): Operated {
  return { delivery: client, running: true, facts: () => client.facts(), end: async () => {} };
}

async function still(data: string): Promise<Operated> {
  const clock = nodeClock();
  const by = { clock, random: nodeRandom(), turn: nodeTurn(), codec: jsonCodec, telemetry: { signal: () => {} } };
  try {
    const store = sqlite({ path: data, process: "events" });
    const { delivery, end } = await stillDelivery({ ...by, store });
    const facts = (): Promise<ProcessFacts> => processFacts(store);
    return { delivery, running: false, facts, end: () => end().finally(() => clock.release()) };
  } catch (error) {
    clock.release();
    throw error;
  }
}

function noData(data: string, cause: BanyanError): BanyanError {
  return new BanyanError("ops-unreachable", `${data} has no data: no process runs on it, and there is no database.`, {
    cause,
    remedy: "Name the folder of the application's data with `--data DIR`, or start the application.",
  });
}

/** Nobody listens, which is no answer of anybody. */
function isAbsent(error: unknown): error is BanyanError {
  if (!isBanyanError(error) || error.code !== "ops-unreachable") return false;
  const { code } = (error.cause ?? {}) as NodeJS.ErrnoException;
  return code === "ENOENT" || code === "ECONNREFUSED";
}

function isLocked(error: unknown): error is BanyanError {
  return isBanyanError(error) && error.code === "data-locked";
}

function unanswering(locked: BanyanError, absent: BanyanError): BanyanError {
  return new BanyanError("ops-unreachable", `${locked.message} ${absent.message}`, {
    cause: absent,
    remedy: "Ask again once it has started; if it does not, end it: what it acknowledged is on the disk.",
    details: { ...locked.details },
  });
}

function raise(error: unknown): never {
  throw error;
}
