/** Raised by every change to the tables below that older code could not read. */
export const FORMAT = 2;

/** Apart, because databases from before it get it when they are restored, too. */
export const ERA_SCHEMA = `
  -- Which incarnation the entries of a log behind the position in after were appended under, up to the next row's; since is when it began.
  CREATE TABLE IF NOT EXISTS banyan_era (
    context TEXT NOT NULL, incarnation TEXT NOT NULL, after INTEGER NOT NULL, since INTEGER NOT NULL,
    PRIMARY KEY (context, incarnation)
  ) STRICT;`;

/** Apart for the same reason: a restore is audited. */
export const AUDIT_SCHEMA = `
  -- How much each log has, by block of 1024 positions and type: entries, and bytes of their bodies. last is the last position counted.
  CREATE TABLE IF NOT EXISTS banyan_volume (
    context TEXT NOT NULL, block INTEGER NOT NULL, type TEXT NOT NULL,
    entries INTEGER NOT NULL, bytes INTEGER NOT NULL, last INTEGER NOT NULL,
    PRIMARY KEY (context, block, type)
  ) STRICT, WITHOUT ROWID;

  -- What operators did, and why: action skip, redrive, replay or restore, subject a JSON object.
  CREATE TABLE IF NOT EXISTS banyan_audit (
    id TEXT PRIMARY KEY, at INTEGER NOT NULL, operator TEXT NOT NULL, why TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;`;

/**
 * The runtime's own tables. They are plain: any SQLite tool reads them, and an application may leave with them. Times are wall-clock
 * milliseconds since 1970; JSON is text.
 */
export const SCHEMA: string = `
  -- Facts about the file: format (this number rises when older code could not read the tables), and for each row of banyan_cursor
  -- "cursor of" and its subscription, so that one whose row is lost is not taken for a new one.
  CREATE TABLE IF NOT EXISTS banyan_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

  -- Contexts that have lived here, and the identity of each one's log for its lifetime; new after a restore.
  CREATE TABLE IF NOT EXISTS banyan_context (
    name TEXT PRIMARY KEY, incarnation TEXT NOT NULL, log TEXT NOT NULL, created_at INTEGER NOT NULL
  ) STRICT;

  ${ERA_SCHEMA.trim()}

  -- Schema changes that were applied, with the SHA-256 of their text.
  CREATE TABLE IF NOT EXISTS banyan_migration (
    context TEXT NOT NULL, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL,
    PRIMARY KEY (context, name)
  ) STRICT;

  -- Where each subscription stands: everything up to pos is settled, except the positions in open (a JSON array).
  -- fence rises when somebody takes the cursor over; a writer with an older one is refused. first_name is that of a
  -- subscription that was renamed, '' otherwise: stable keys are made of it.
  CREATE TABLE IF NOT EXISTS banyan_cursor (
    subscription TEXT NOT NULL, source TEXT NOT NULL, lane TEXT NOT NULL,
    incarnation TEXT NOT NULL, pos INTEGER NOT NULL, open TEXT NOT NULL, fence INTEGER NOT NULL,
    first_name TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (subscription, source, lane)
  ) STRICT, WITHOUT ROWID;

  -- Entries set aside. state: retrying and unknown stand at the head of their key, waiting behind it, dead holds it.
  -- errors is a JSON array, entry a JSON copy of the entry, so that the log need not be kept for it.
  CREATE TABLE IF NOT EXISTS banyan_park (
    subscription TEXT NOT NULL, source TEXT NOT NULL, position INTEGER NOT NULL,
    incarnation TEXT NOT NULL, slot INTEGER NOT NULL, key TEXT NOT NULL, state TEXT NOT NULL,
    attempts INTEGER NOT NULL, due INTEGER NOT NULL, errors TEXT NOT NULL, entry TEXT NOT NULL,
    PRIMARY KEY (subscription, source, position)
  ) STRICT;

  -- Answers of commands that were executed under an idempotency key; digest is that of the input, outcome result or error.
  CREATE TABLE IF NOT EXISTS banyan_command (
    tenant TEXT NOT NULL, principal TEXT NOT NULL, operation TEXT NOT NULL, key TEXT NOT NULL,
    digest TEXT NOT NULL, command_id TEXT NOT NULL, outcome TEXT NOT NULL, body TEXT NOT NULL,
    at INTEGER NOT NULL, expires INTEGER NOT NULL,
    PRIMARY KEY (tenant, principal, operation, key)
  ) STRICT;
  -- What subscriptions do outside: state intent (it may have happened), failed (it threw), done (outcome is the encoded outcome).
  -- subscription is its first name: a rename leaves these rows as they are.
  CREATE TABLE IF NOT EXISTS banyan_act (
    key TEXT PRIMARY KEY, subscription TEXT NOT NULL, source TEXT NOT NULL, position INTEGER NOT NULL,
    name TEXT NOT NULL, state TEXT NOT NULL, outcome TEXT NOT NULL, at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS banyan_act_place ON banyan_act (subscription, source, position);

  -- Events that are to enter the log of their context when they are due; entry is a JSON copy.
  CREATE TABLE IF NOT EXISTS banyan_schedule (
    context TEXT NOT NULL, id TEXT NOT NULL, due INTEGER NOT NULL, entry TEXT NOT NULL, PRIMARY KEY (context, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS banyan_schedule_of ON banyan_schedule (context, due, id);
  DROP INDEX IF EXISTS banyan_schedule_due;

  ${AUDIT_SCHEMA.trim()}
  CREATE INDEX IF NOT EXISTS banyan_command_expires ON banyan_command (expires);
`;

/** The log of one context: entries in order of position, which is never used twice. `at` says when, never in which order. */
export function logSchema(table: string): string {
  return `
  CREATE TABLE IF NOT EXISTS ${table} (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL, type TEXT NOT NULL, version INTEGER NOT NULL, key TEXT NOT NULL, slot INTEGER NOT NULL,
    at INTEGER NOT NULL, form TEXT NOT NULL, body TEXT NOT NULL,
    tenant TEXT NOT NULL, principal TEXT NOT NULL, correlation TEXT NOT NULL, causation TEXT NOT NULL, traceparent TEXT
  ) STRICT;`;
}

/** `banyan_log_orders` for the context whose tables start with `orders_`. */
export function logTable(prefix: string): string {
  return `banyan_log_${prefix.replace(/_$/, "")}`;
}
