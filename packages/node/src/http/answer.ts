import type { Reply } from "@banyan/core";
import { ANSWER_HEADERS } from "./problem.ts";

const STATUS: Readonly<Record<Reply["answer"], number>> = { ok: 200, accepted: 202, empty: 204 };

/** The answer of an operation as a response. Throws when its value cannot be written as JSON. */
export function answerOf(reply: Reply): Response {
  const headers: Record<string, string> = { ...ANSWER_HEADERS };
  if (reply.commandId !== undefined) headers["x-command-id"] = reply.commandId;
  if (reply.replayed) headers["idempotency-replayed"] = "true";
  const status = STATUS[reply.answer];
  if (!hasValue(reply)) return new Response(null, { status, headers });
  headers["content-type"] = "application/json";
  return new Response(JSON.stringify(reply.value), { status, headers });
}

/** The same as one of several: `{"status","commandId","replayed"?,"value"?}`, as text. */
export function answerText(reply: Reply): string {
  const { answer, commandId, replayed, value } = reply;
  const said = { status: STATUS[answer], commandId, ...(replayed ? { replayed } : {}) };
  return JSON.stringify(hasValue(reply) ? { ...said, value } : said);
}

function hasValue({ answer, value }: Reply): boolean {
  return value !== undefined && answer !== "empty";
}
