import { canonicalJson, type BanyanError, type Reply, type Request } from "@banyan/core";
import type { Breach, HistoryLine, Outcome } from "./simulation.ts";

/** A command that was answered, and under which id. */
export interface Acknowledged {
  readonly operation: string;
  readonly commandId: string;
  readonly key: string;
}

/** What clients asked and were told, in order. */
export class History {
  readonly lines: HistoryLine[] = [];
  readonly acknowledged: Acknowledged[] = [];
  readonly breaches: Breach[] = [];
  readonly #now: () => number;
  readonly #note: (what: string) => void;

  constructor(now: () => number, note: (what: string) => void) {
    this.#now = now;
    this.#note = note;
  }

  add(client: string, request: Request, seen: Pick<HistoryLine, "event" | "value">): void {
    const { operation, idempotencyKey: key = "" } = request;
    this.lines.push({ atMs: this.#now(), client, operation, key, ...seen });
  }

  answered(client: string, request: Request, reply: Reply): Outcome<unknown> {
    this.add(client, request, { event: "ok", value: reply.value });
    const { answer, value, commandId, replayed } = reply;
    if (replayed) this.#note("answer replayed");
    if (commandId !== undefined)
      this.acknowledged.push({ operation: request.operation, commandId, key: request.idempotencyKey ?? "" });
    return { ok: true, answer, value, commandId };
  }

  refused(client: string, request: Request, error: BanyanError): Outcome<unknown> {
    this.add(client, request, { event: "fail", value: error.code });
    return { ok: false, code: error.code, message: error.message };
  }

  /** The same command, repeated under its key, must get the same answer. */
  compare(request: Request, first: Outcome<unknown>, second: Outcome<unknown>): void {
    if (canonicalJson(comparable(first)) === canonicalJson(comparable(second))) return;
    const message = `"${request.operation}" under the key ${request.idempotencyKey} was answered ${describe(first)}, and when repeated ${describe(second)}.`;
    this.breaches.push({ law: "same-answer", message });
  }
}

/** JSON has no undefined. */
function comparable(outcome: Outcome<unknown>): unknown {
  return outcome.ok ? [outcome.answer, outcome.value ?? null, outcome.commandId ?? null] : [outcome.code];
}

function describe(outcome: Outcome<unknown>): string {
  return outcome.ok ? `${outcome.answer} (${outcome.commandId})` : outcome.code;
}
