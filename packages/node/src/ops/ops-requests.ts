import { isAbsolute } from "node:path";
import { BanyanError, type Operator, type ParkState } from "@banyan/core";
import type { Backups, Inspected } from "../sqlite/index.ts";
import type { Delivery } from "./delivery.ts";
import type { OpsInput } from "./ops-input.ts";
import { processFacts } from "./process-facts.ts";

/** What operations work on. */
export interface OpsGround {
  readonly delivery: Delivery;
  /** Undefined where the store has none. */
  readonly backups: Backups | undefined;
  readonly inspected: Inspected | undefined;
}

/** One request: its fields with the ground it works on, and who asks where the door knows it. */
export interface OpsAsk {
  readonly input: OpsInput;
  readonly ground: OpsGround;
  readonly who: string | undefined;
}

export interface OpsRequest {
  /** GET changes nothing. What changes something is a POST, and is recorded with who did it and why. */
  readonly method: "GET" | "POST";
  readonly path: string;
  /** In a line, for the reference. */
  readonly does: string;
  readonly answer: (ask: OpsAsk) => Promise<object>;
}

const STATES: readonly ParkState[] = ["retrying", "waiting", "dead", "unknown"];
const NAME = 1_000;
const KEY = 8_000;
const PATH = 4_096;
const ROWS = { min: 1, max: 1_000 };
const DRY_REPLAYED = { min: 1, max: 10_000 };
const POSITION = { min: 0, max: Number.MAX_SAFE_INTEGER };

/** Everything the operations API can be asked, through whatever door. */
export const OPS_REQUESTS: readonly OpsRequest[] = [
  { method: "GET", path: "/delivery/subscriptions", does: "where every subscription stands", answer: subscriptions },
  { method: "GET", path: "/delivery/logs", does: "what every log has", answer: logs },
  {
    method: "GET",
    path: "/delivery/parked",
    does: "entries that wait aside, with every failed attempt",
    answer: parked,
  },
  { method: "GET", path: "/delivery/scheduled", does: "what is to enter a log later", answer: scheduled },
  { method: "GET", path: "/delivery/once", does: "what is kept of acts outside, by context", answer: onceRecords },
  { method: "GET", path: "/delivery/tail", does: "entries of one log, without what is personal", answer: tail },
  { method: "POST", path: "/delivery/skip", does: "gives one parked entry up for good", answer: skip },
  {
    method: "POST",
    path: "/delivery/redrive",
    does: "tries parked keys again, from their first entry",
    answer: redrive,
  },
  { method: "POST", path: "/delivery/replay", does: "makes the effects of a subscription anew", answer: replay },
  {
    method: "POST",
    path: "/delivery/dry-replay",
    does: "says what would become of entries, and keeps nothing",
    answer: dryReplay,
  },
  { method: "POST", path: "/backup", does: "copies the data into a file where the process runs", answer: backup },
  { method: "GET", path: "/audit", does: "what operators did, the newest first", answer: audit },
  { method: "GET", path: "/process", does: "runtime, store and sizes of the process", answer: facts },
];

async function subscriptions({ input, ground }: OpsAsk): Promise<object> {
  input.nothingElse();
  return { subscriptions: await ground.delivery.subscriptions() };
}

async function logs({ input, ground }: OpsAsk): Promise<object> {
  input.nothingElse();
  return { logs: await ground.delivery.logs() };
}

async function parked({ input, ground }: OpsAsk): Promise<object> {
  const query = {
    subscription: input.textOrNone("subscription", NAME),
    key: input.textOrNone("key", KEY),
    state: input.oneOfOrNone("state", STATES),
    limit: input.wholeNumberOrNone("limit", ROWS),
  };
  input.nothingElse();
  return { parked: await ground.delivery.parked(query) };
}

async function scheduled({ input, ground }: OpsAsk): Promise<object> {
  input.nothingElse();
  return { scheduled: await ground.delivery.scheduled() };
}

async function onceRecords({ input, ground }: OpsAsk): Promise<object> {
  input.nothingElse();
  return { once: await ground.delivery.onceRecords() };
}

async function tail({ input, ground }: OpsAsk): Promise<object> {
  const query = {
    source: input.text("source", NAME),
    after: input.wholeNumberOrNone("after", POSITION),
    type: input.textOrNone("type", NAME),
    key: input.textOrNone("key", KEY),
    limit: input.wholeNumberOrNone("limit", ROWS),
  };
  input.nothingElse();
  return ground.delivery.tail(query);
}

async function skip(ask: OpsAsk): Promise<object> {
  const { input, ground } = ask;
  const ref = { subscription: input.text("subscription", NAME), position: input.wholeNumber("position", POSITION) };
  return { skipped: await ground.delivery.skip(ref, operatorOf(ask)) };
}

async function redrive(ask: OpsAsk): Promise<object> {
  const { input, ground } = ask;
  const which = { subscription: input.text("subscription", NAME), key: input.textOrNone("key", KEY) };
  return ground.delivery.redrive(which, operatorOf(ask));
}

async function replay(ask: OpsAsk): Promise<object> {
  const which = { subscription: ask.input.text("subscription", NAME) };
  return ask.ground.delivery.replay(which, operatorOf(ask));
}

/** Changes nothing, so nobody is asked who and why; a POST because it takes its time, and no page may be made to ask for it. */
async function dryReplay({ input, ground }: OpsAsk): Promise<object> {
  const query = {
    subscription: input.text("subscription", NAME),
    of: input.oneOfOrNone("of", ["log", "parked"]),
    from: input.wholeNumberOrNone("from", POSITION),
    since: input.wholeNumberOrNone("since", POSITION),
    key: input.textOrNone("key", KEY),
    limit: input.wholeNumberOrNone("limit", DRY_REPLAYED),
  };
  input.nothingElse();
  return ground.delivery.dryReplay(query);
}

async function audit({ input, ground }: OpsAsk): Promise<object> {
  const limit = input.wholeNumberOrNone("limit", ROWS);
  input.nothingElse();
  return { audit: await ground.delivery.audit(limit) };
}

async function facts({ input, ground }: OpsAsk): Promise<object> {
  input.nothingElse();
  return processFacts(ground.inspected);
}

async function backup({ input, ground }: OpsAsk): Promise<object> {
  const file = input.text("file", PATH);
  input.nothingElse();
  if (!isAbsolute(file))
    throw new BanyanError("input-invalid", `"file" is ${file}, but must be an absolute path.`, {
      details: { issues: [{ path: "file", message: "must be an absolute path" }] },
    });
  if (ground.backups !== undefined) return ground.backups.backup(file);
  throw new BanyanError("backup-failed", "The store of this process makes no backups.", {
    remedy: "Back it up with the tools of its own database.",
  });
}

/** Who asks for a change and why; the last fields of its request. Where the door knows who asks, a request cannot say it. */
function operatorOf({ input, who }: OpsAsk): Operator {
  const operator = { name: who ?? input.text("as", 200), why: input.text("why", 2_000) };
  input.nothingElse();
  return operator;
}
