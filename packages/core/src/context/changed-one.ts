import { BanyanError } from "../error/index.ts";

/** What a write says of how much it changed: raw SQL and Drizzle (`changes`), Kysely's results, Prisma's `count`, or the rows that RETURNING gave. */
export type Written =
  | { readonly changes: number | bigint }
  | { readonly numUpdatedRows: bigint }
  | { readonly numDeletedRows: bigint }
  | { readonly count: number }
  | readonly object[];

type Version = number | bigint | string;

/** What was to be changed, and as which version. */
export interface Guarded {
  /** For people: `order 42`. Callers see it. */
  readonly what: string;
  /** The version that the decision was made upon. */
  readonly version: Version;
  /** The version there is now, undefined where there is nothing. Asked for only when nothing was changed, to tell `not-found` from a conflict. */
  readonly present?: () => Version | undefined | Promise<Version | undefined>;
}

/**
 * Lets a guarded write go on only where it changed its one row: `await changedOne(tx.execute("UPDATE … SET …, version = version + 1 WHERE
 * id = ? AND version = ?", […]), { what: "order 42", version })`. Otherwise it throws `version-conflict`, or `not-found` where `present` finds nothing.
 */
export async function changedOne(written: Written | PromiseLike<Written>, guarded: Guarded): Promise<void> {
  const count = countOf(await written);
  if (count === 1) return;
  if (count > 1) {
    const words = `The guarded write of ${guarded.what} changed ${count} rows.`;
    throw new BanyanError("guard-loose", words);
  }
  throw await unchangedError(guarded);
}

function countOf(written: Written): number {
  if ("changes" in written) return Number(written.changes);
  if ("numUpdatedRows" in written) return Number(written.numUpdatedRows);
  if ("numDeletedRows" in written) return Number(written.numDeletedRows);
  if ("count" in written) return written.count;
  const [only] = written;
  // Kysely's `execute()` gives its one result in an array, as it gives rows
  return written.length === 1 && isCount(only) ? countOf(only) : written.length;
}

function isCount(value: unknown): value is Written {
  const { numUpdatedRows, numDeletedRows } = value as Readonly<Record<string, unknown>>;
  return typeof numUpdatedRows === "bigint" || typeof numDeletedRows === "bigint";
}

async function unchangedError({ what, version, present }: Guarded): Promise<BanyanError> {
  const expected = plain(version);
  if (present === undefined) {
    const words = `There is no ${what} at version ${expected} any more.`;
    return new BanyanError("version-conflict", words, { details: { expected } });
  }
  const now = await present();
  if (now === undefined) return new BanyanError("not-found", `There is no ${what}.`);
  const words = `Version ${expected} of ${what} was expected, and it is at ${now}.`;
  return new BanyanError("version-conflict", words, { details: { expected, found: plain(now) } });
}

/** As JSON has it. */
function plain(version: Version): number | string {
  return typeof version === "bigint" ? String(version) : version;
}
