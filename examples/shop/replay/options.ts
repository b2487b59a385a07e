import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Approve } from "./audit.ts";
import { ReplayFailure } from "./failure.ts";
import type { ReplayOptions } from "./replay.ts";

export const help = `Replays the orders of a CSV against a running shop, and checks what became of them.

npm run shop:replay -- [FILE.csv[.gz]] [options]

  FILE               columns InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country;
                     without it a small sample
  --url URL          the shop (default http://127.0.0.1:3000)
  --token T          operator's token (default BANYAN_DEV_TOKEN, or DIR/dev-token)
  --data DIR         the shop's data folder, for its token (default .banyan)
  --speed N|max      N times real time, or as fast as it goes (default max)
  --limit N          only the first N invoices, cancellations included
  --concurrency N    requests at a time (default 32)
  --approve yes|no|leave   how to answer orders that await approval; leave does not wait for them (default yes).
                     The shop asks for no approval so far, so there is nothing to answer yet
  --json             one JSON document on standard output
  --help

Exit 0: every acknowledged order is final and the audit is clean. 1: it fell short. 2: it could not run or was stopped.
`;

export interface Options extends ReplayOptions {
  readonly json: boolean;
}

export interface Surroundings {
  readonly token: string | undefined;
  readonly sample: string;
}

export function readOptions(args: readonly string[], around: Surroundings): Options | "help" {
  const { values, positionals } = parse(args);
  if (values.help === true) return "help";
  if (positionals.length > 1) throw usage(`One file at a time, and not ${positionals.join(" ")}.`);
  return {
    file: positionals[0] === undefined ? around.sample : resolve(positionals[0]),
    url: urlOf(values.url ?? "http://127.0.0.1:3000"),
    speed: values.speed === undefined || values.speed === "max" ? Infinity : above(values.speed, "--speed"),
    limit: values.limit === undefined ? Infinity : whole(values.limit, "--limit", Number.MAX_SAFE_INTEGER),
    concurrency: values.concurrency === undefined ? 32 : whole(values.concurrency, "--concurrency", 1_000),
    approve: approveOf(values.approve ?? "yes"),
    json: values.json === true,
    token: values.token ?? around.token ?? tokenOf(resolve(values.data ?? ".banyan")),
  };
}

type Values = Partial<Record<"url" | "token" | "data" | "speed" | "limit" | "concurrency" | "approve", string>> &
  Partial<Record<"json" | "help", boolean>>;

function parse(args: readonly string[]): { values: Values; positionals: string[] } {
  const text = { type: "string" } as const;
  const flag = { type: "boolean" } as const;
  const options = {
    url: text,
    token: text,
    data: text,
    speed: text,
    limit: text,
    concurrency: text,
    approve: text,
    json: flag,
    help: flag,
  };
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options });
  } catch (error) {
    throw usage(error instanceof Error ? error.message : String(error));
  }
}

const usage = (what: string): ReplayFailure => new ReplayFailure("usage-invalid", what);

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw usage(`--url must be an http or https address, and was "${text}".`);
}

function above(text: string, name: string): number {
  const value = Number(text);
  if (value > 0 && value < Infinity) return value;
  throw usage(`${name} must be "max" or a number over 0, and was "${text}".`);
}

function whole(text: string, name: string, most: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= most) return value;
  throw usage(`${name} must be a whole number from 1 to ${most}, and was "${text}".`);
}

function approveOf(text: string): Approve {
  if (text === "yes" || text === "no" || text === "leave") return text;
  throw usage(`--approve must be yes, no or leave, and was "${text}".`);
}

function tokenOf(data: string): string {
  const file = join(data, "dev-token");
  try {
    const token = readFileSync(file, "utf8").trim();
    if (token !== "") return token;
  } catch (error) {
    throw new ReplayFailure("token-missing", `There is no token: ${file} cannot be read.`, { cause: error });
  }
  throw new ReplayFailure("token-missing", `There is no token: ${file} is empty.`);
}
