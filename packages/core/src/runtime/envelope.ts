import { isBanyanError, BanyanError } from "../error/index.ts";
import { readEvent, validate, withoutPersonal, type EventContract } from "../contract/index.ts";
import type { Received } from "../context/index.ts";
import { slotOf } from "../hash/index.ts";
import { TORN, type Codec, type Entry, type NewEntry, type Origin } from "../ports/index.ts";
import { rfc3339 } from "./rfc3339.ts";

/** An event on its way into the log: checked against its schema, keyed, encoded. `data` is what the writer's schema makes of it. */
export function toEntry(
  contract: EventContract,
  data: unknown,
  by: { readonly id: string; readonly at: number; readonly origin: Origin; readonly codec: Codec },
): NewEntry {
  const checked = validate(contract.schema, data);
  if (!checked.ok) {
    throw new BanyanError("event-invalid", `The data of "${contract.name}" does not match its schema.`, {
      details: { issues: withoutPersonal(contract, checked.issues) },
    });
  }
  const key = keyOf(contract, checked.value, by.id);
  const { tenant, principal, correlation, causation, traceparent } = by.origin;
  return {
    id: by.id,
    type: contract.name,
    version: contract.version,
    key,
    slot: slotOf(key),
    at: by.at,
    form: "json",
    body: by.codec.encode(checked.value),
    tenant,
    principal,
    correlation,
    causation,
    traceparent,
  };
}

function keyOf(contract: EventContract, data: unknown, id: string): string {
  if (typeof contract.key !== "string") return id;
  const value = (data as Record<string, unknown>)[contract.key];
  // half of a surrogate pair would be another key where it is stored as UTF-8
  if ((typeof value === "string" && value !== "" && value.isWellFormed()) || typeof value === "number")
    return String(value);
  throw new BanyanError(
    "event-invalid",
    `The key "${contract.key}" of "${contract.name}" must be a string of whole characters that is not empty, or a number.`,
  );
}

/**
 * An entry as a handler receives it. An older version goes through the contract's upcasts, a newer one is accepted when this code's schema accepts it;
 * what cannot be read throws `event-undecodable` or `event-unknown`, and parks.
 */
export function toReceived(contract: EventContract, entry: Entry, codec: Codec): Received<EventContract> {
  const { id, type, version, key, at, source, position, tenant, principal, correlation, causation } = entry;
  if (entry.form !== "json") throw unknownEvent(entry, inForm(entry.form));
  if (type !== contract.name) throw unknownEvent(entry, `this subscription reads "${contract.name}"`);
  const read = readEvent(contract, version, decoded(entry, codec));
  if (!read.ok) throw unknownEvent(entry, read.why);
  if (version < contract.version) assertSameKey(contract, entry, read.data);
  return {
    id,
    type,
    version,
    key,
    at,
    data: read.data,
    source,
    position,
    tenant,
    principal,
    correlation,
    causation,
  };
}

/** It was delivered in the order of the key it was written with, and is the same entry after its upcasts. */
function assertSameKey({ key }: EventContract, entry: Entry, data: unknown): void {
  if (typeof key !== "string") return;
  const value = (data as Record<string, unknown>)[key];
  if (String(value) === entry.key) return;
  throw unknownEvent(entry, `its upcasts give it another "${key}" than the key it was written with`);
}

function inForm(form: unknown): string {
  if (form === "sealed") return "its body is sealed, and this version cannot open sealed bodies";
  return `its form is "${String(form)}"`;
}

function decoded(entry: Entry, codec: Codec): unknown {
  try {
    return codec.decode(entry.body);
  } catch {
    throw new BanyanError(
      "event-undecodable",
      `Entry ${entry.position} of "${entry.source}" (${entry.type}) is not ${codec.name}.`,
    );
  }
}

export function unknownEvent(entry: Entry, why: string): BanyanError {
  return new BanyanError(
    "event-unknown",
    `Entry ${entry.position} of "${entry.source}" (${entry.type} v${entry.version}) cannot be read: ${why}.`,
  );
}

/** No code can read an entry whose store has lost it. */
export function assertWhole({ form, position, source, key }: Entry): void {
  if (form !== TORN) return;
  const which = `The parked entry at position ${position} of "${source}" (key ${JSON.stringify(key)})`;
  throw new BanyanError("entry-torn", `${which} cannot be delivered: what is stored of it cannot be read.`);
}

/** Whether an error says that this code cannot read the entry, so that trying again with the same code is pointless. */
export function isUnreadable(error: unknown): boolean {
  return isBanyanError(error) && (error.code === "event-unknown" || error.code === "event-undecodable");
}

/** An entry as a CloudEvents 1.0 event in structured JSON form, with the extension attributes Banyan uses. */
export function toCloudEvent(entry: Entry, incarnation: string, codec: Codec): Record<string, unknown> {
  return {
    specversion: "1.0",
    id: entry.id,
    source: `/contexts/${entry.source}`,
    type: entry.type,
    subject: entry.key,
    time: rfc3339(entry.at),
    datacontenttype: "application/json",
    dataversion: String(entry.version),
    incarnation,
    sequence: String(entry.position),
    partitionkey: entry.key,
    tenant: entry.tenant,
    principal: entry.principal,
    correlationid: entry.correlation,
    causationid: entry.causation,
    ...(entry.traceparent === undefined ? {} : { traceparent: entry.traceparent }),
    data: codec.decode(entry.body),
  };
}
