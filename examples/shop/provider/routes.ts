import type { IncomingMessage, ServerResponse } from "node:http";
import { once } from "node:events";
import type { GroupCommit } from "./group-commit.ts";
import type { EntryRow, Ledger } from "./ledger.ts";
import { Problem } from "./problem.ts";
import { chargeRequest, downSeconds, idempotencyKey, pageOf, readJson, refundRequest } from "./request.ts";
import { answerCount } from "./rules.ts";

export interface Desk {
  readonly ledger: Ledger;
  readonly commits: GroupCommit;
  /** Milliseconds of a monotonic clock until which the provider is down. */
  downUntil: number;
}

export interface Visit {
  readonly desk: Desk;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly query: URLSearchParams;
}

interface Route {
  readonly method: "GET" | "POST";
  readonly whileDown?: true;
  readonly answer: (visit: Visit) => Promise<void> | void;
}

const routes: Readonly<Record<string, Route>> = {
  "/charges": { method: "POST", answer: charge },
  "/refunds": { method: "POST", answer: refund },
  "/ledger": { method: "GET", answer: ledgerPage },
  "/ledger/summary": { method: "GET", answer: ledgerSummary },
  "/health": { method: "GET", whileDown: true, answer: health },
  "/down": { method: "POST", whileDown: true, answer: goDown },
  "/help": { method: "GET", whileDown: true, answer: help },
};

export const routeHelp = `POST /charges {"orderId","cents"}            with Idempotency-Key; one JSON line per answer
POST /refunds {"orderId","chargeId","cents"} with Idempotency-Key; one JSON line
GET  /ledger?after=&limit=                   page of all charges and refunds
GET  /ledger/summary                         one JSON line per order: {"orderId","netCents"}
POST /down {"seconds":N}                     503 for N seconds; 0 ends it
GET  /health                                 {"status":"up"|"down","pid"}
40201 cents are declined, 40202 charged without an answer at first, 40203 answered twice.
`;

/** Finds the route and answers it. Throws a Problem for anything that is not served. */
export async function serve(path: string, visit: Visit): Promise<void> {
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (!route) throw new Problem("unknown-route", `There is no route ${path.slice(0, 100)}.`);
  if (route.method !== visit.request.method)
    throw new Problem("method-not-allowed", undefined, { allow: route.method });
  if (isDown(visit.desk) && !route.whileDown) throw new Problem("down", undefined, { "retry-after": "1" });
  await route.answer(visit);
}

async function charge({ desk, request, response }: Visit): Promise<void> {
  const wanted = chargeRequest(await readJson(request), idempotencyKey(request));
  const { answer, first } = await desk.commits.submit((ledger) => ledger.charge(wanted));
  const times = answerCount(answer.cents, first);
  if (times === 0) request.socket.destroy();
  else
    sendLines(
      response,
      Array.from({ length: times }, () => answer),
    );
}

async function refund({ desk, request, response }: Visit): Promise<void> {
  const wanted = refundRequest(await readJson(request), idempotencyKey(request));
  const { answer } = await desk.commits.submit((ledger) => ledger.refund(wanted));
  sendLines(response, [answer]);
}

function ledgerPage({ desk, response, query }: Visit): void {
  const { after, limit } = pageOf(query);
  const rows = desk.ledger.page(after, limit);
  const last = rows.at(-1);
  const next = rows.length === limit && last ? String(last.seq) : null;
  sendJson(response, { items: rows.map(entryView), next });
}

/** Streams with pauses, so that an audit of many orders does not hold up charges. */
async function ledgerSummary({ desk, response }: Visit): Promise<void> {
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  let lines: string[] = [];
  for (const row of desk.ledger.netByOrder()) {
    if (response.destroyed) return;
    lines.push(JSON.stringify(row));
    if (lines.length < 500) continue;
    const roomLeft = response.write(`${lines.join("\n")}\n`);
    lines = [];
    if (!roomLeft) await Promise.race([once(response, "drain"), once(response, "close")]);
  }
  response.end(lines.length > 0 ? `${lines.join("\n")}\n` : "");
}

function health({ desk, response }: Visit): void {
  sendJson(response, { status: isDown(desk) ? "down" : "up", pid: process.pid });
}

async function goDown({ desk, request, response }: Visit): Promise<void> {
  const seconds = downSeconds(await readJson(request));
  desk.downUntil = performance.now() + seconds * 1000;
  sendJson(response, { status: isDown(desk) ? "down" : "up", seconds });
}

function help({ response }: Visit): void {
  response.writeHead(200, { "content-type": "text/plain; charset=utf-8" }).end(routeHelp);
}

const isDown = (desk: Desk): boolean => performance.now() < desk.downUntil;

function entryView(row: EntryRow): object {
  const { seq, kind, key, order_id: orderId, charge_id: chargeId, cents, status, reason } = row;
  const ids = kind === "charge" ? { chargeId: `ch-${seq}` } : { refundId: `re-${seq}`, chargeId };
  return { seq, kind, ...ids, orderId, cents, status, ...(reason === null ? {} : { reason }), key };
}

function sendJson(response: ServerResponse, value: object): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(value));
}

function sendLines(response: ServerResponse, answers: readonly object[]): void {
  const body = answers.map((answer) => `${JSON.stringify(answer)}\n`).join("");
  response.writeHead(200, { "content-type": "application/x-ndjson" }).end(body);
}
