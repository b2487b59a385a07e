import { withDefaults } from "./defaults.ts";
import { erasedIn, isErasedAt, replaced, type ExactPath } from "./erased.ts";
import type { EventContract } from "./event.ts";
import { jsonSchemaOf } from "./json-schema.ts";
import { isWithin, NOT_AS_SCHEMA, withoutPersonal } from "./personal.ts";
import { upcasted } from "./upcast.ts";
import { validate, type Issue } from "./validate.ts";

export type ReadEvent = { readonly ok: true; readonly data: unknown } | { readonly ok: false; readonly why: string };

/**
 * Stored data of any version as this code knows the event, or why it cannot be read, in words that repeat nothing personal.
 * An earlier version goes through the upcasts, a later one is taken as it is; both are then judged by the schema. The data is
 * handed over.
 */
export function readEvent(contract: EventContract, version: number, stored: unknown): ReadEvent {
  const current = upcasted(contract, version, stored);
  if (!current.ok) return current;
  const erased = erasedIn(current.data, contract.personal?.fields ?? []);
  const read = erased.length === 0 ? plainly(contract, current.data) : aroundErased(contract, current.data, erased);
  if (!("issues" in read)) return read;
  // What was personal in an earlier version, and where a link left it, nobody knows here.
  const isOld = version < contract.version;
  return { ok: false, why: inWords(isOld ? read.issues.map(withoutWords) : withoutPersonal(contract, read.issues)) };
}

/** `issues` are in the words of the schema library, which may repeat values. */
type Read = ReadEvent | { readonly issues: readonly Issue[] };

function plainly({ schema }: EventContract, data: unknown): Read {
  const checked = validate(schema, data);
  return checked.ok ? { ok: true, data: checked.value } : { issues: checked.issues };
}

/**
 * No schema knows of erased fields, so it judges the data without them and may miss nothing else. Where it can do without them,
 * its own result is delivered with the marks put back. Where it cannot, it gives none, and the stored data is delivered with the
 * defaults its JSON Schema names; what a transform would have made of it cannot be known then, and where a field is still missing
 * the entry is not read.
 */
function aroundErased({ schema }: EventContract, data: unknown, erased: readonly ExactPath[]): Read {
  const without = erased.reduce((rest, path) => replaced(rest, path, undefined), data);
  const checked = validate(schema, without, Infinity);
  if (checked.ok) return withMarks(checked.value, erased);
  const places = erased.map(inDots);
  const issues = checked.issues.filter(({ path }) => !places.some((place) => isWithin(path, place)));
  if (issues.length > 0) return { issues };
  const written = jsonSchemaOf(schema, "output");
  const { whole, missing } = withDefaults(typeof written === "string" ? {} : written, data);
  if (missing.length === 0) return { ok: true, data: whole };
  return { ok: false, why: `${missing.join(", ")}: missing, and not to be added while a field is erased` };
}

function withMarks(value: unknown, erased: readonly ExactPath[]): ReadEvent {
  const whole = erased.reduce((rest, path) => replaced(rest, path, { erased: true }), value);
  const lost = erased.filter((path) => !isErasedAt(whole, path));
  if (lost.length === 0) return { ok: true, data: whole };
  return { ok: false, why: `${lost.map(inDots).join(", ")}: erased, and the schema leaves no place for that` };
}

const inDots = (path: ExactPath): string => path.join(".");

const withoutWords = ({ path }: Issue): Issue => ({ path, message: NOT_AS_SCHEMA });

const inWords = (issues: readonly Issue[]): string =>
  issues
    .slice(0, 20)
    .map(({ path, message }) => (path === "" ? message : `${path}: ${message}`))
    .join("; ");
