/** The store and its data folder. */
export const DATA_CODES = {
  "data-locked": {
    kind: "configuration",
    meaning: "Another process owns the data folder.",
    remedy: "Stop that process, or use another `--data` folder.",
  },
  "data-unusable": {
    kind: "configuration",
    meaning: "The data folder cannot be used.",
    remedy: "Give a folder on a local disk that this user can write.",
  },
  "backup-exists": {
    kind: "conflict",
    meaning: "The file a backup should become exists already; backups never overwrite.",
    remedy: "Give another name, or move that file away.",
  },
  "backup-failed": {
    kind: "unavailable",
    meaning: "A backup could not be written or did not pass its check; nothing is left of it.",
    remedy: "Give a file in a folder on a disk with room that this user can write; then ask again.",
  },
  "backup-invalid": {
    kind: "configuration",
    meaning: "The file is no sound backup of a data folder.",
    remedy: "Give a file that `banyan backup` has written.",
  },
  "restore-target-used": {
    kind: "configuration",
    meaning: "The data folder to restore into has a database.",
    remedy: "Move that database and what is named like it to a folder of their own, or give another `--data DIR`.",
  },
  "database-busy": {
    kind: "configuration",
    meaning: "Something that is no process of Banyan holds the database in a transaction that writes.",
    remedy: "End that transaction, or close the shell or tool that is open on the file; then start again.",
  },
  "database-locked": {
    kind: "unavailable",
    meaning: "A transaction of a host could not begin, because others were writing all the while.",
    remedy: "Try again; keep transactions short, and wait for nothing outside while one is open.",
  },
  "emit-outside": {
    kind: "configuration",
    meaning:
      "A host emitted an event while no transaction of its own was open: it would be kept apart from the rows that belong to it.",
    remedy: "Emit between BEGIN and COMMIT, on the connection that has the transaction.",
  },
  "emit-unready": {
    kind: "configuration",
    meaning: "A database does not take events of a host as it is; nothing was written.",
    remedy:
      "Start the application once on the data folder, with this version; connect to its `banyan.db` itself, with no other file attached, with SQLite 3.51.3 or newer and `PRAGMA synchronous = FULL`.",
  },
  "emit-unsafe": {
    kind: "configuration",
    meaning:
      "The process that runs Banyan, or was to run it, has another copy of SQLite writing to the same file. A file's locks belong to a process, so neither would see the other's, and commits would be lost.",
    remedy:
      "In that process, in all its threads, give the emitter a `DatabaseSync` of `node:sqlite`; or run Banyan as a process of its own.",
  },
  "emit-unsure": {
    kind: "configuration",
    meaning:
      "The function that a host gave to the emitter ran the statement and did not answer with how many rows it changed. The event may be in the transaction that is open.",
    remedy:
      "Roll that transaction back: let the error leave it. Give `emitter` a function that returns, or promises, the number of rows that were changed.",
  },
  "cursor-lost": {
    kind: "configuration",
    meaning:
      "A subscription that had a place in a log has none any more; it would deliver everything again, or pass over what waits.",
    remedy: "Restore a backup; the message says what else may be done.",
  },
  "cursor-incarnation": {
    kind: "configuration",
    meaning: "A stored cursor is a place in another incarnation of the log than the one that is there.",
    remedy: "Restore a whole backup with `banyan restore`: parts of databases do not fit together.",
  },
  "format-newer": {
    kind: "configuration",
    meaning: "The data was written by a newer version.",
    remedy: "Start the newer version, or restore a backup made by this one.",
  },
  "sqlite-unsafe": {
    kind: "configuration",
    meaning: "SQLite is too old or one of its settings is not what durability needs.",
    remedy: "Use the Node version of this project; do not change pragmas.",
  },
  "migration-changed": {
    kind: "configuration",
    meaning: "A migration that was applied has another text now.",
    remedy:
      "Restore its text and write a new migration; in development `banyan dev --reset` begins afresh and keeps the old data.",
  },
  "migration-failed": {
    kind: "configuration",
    meaning: "A migration could not be applied; nothing of it was kept.",
    remedy: "Correct its SQL; the cause has the database's words.",
  },
  "migrations-empty": {
    kind: "configuration",
    meaning: "The folder that a context names for its migrations has none, so the context has no tables.",
    remedy: "Put a first file `001-what.sql` into it, or leave `migrations` out where the context needs no tables.",
  },
  "migration-invalid": {
    kind: "configuration",
    meaning:
      "A migration has an invalid name, touches what is not the context's own, or makes a table that only the runtime could use.",
    remedy: "Name files `001-what.sql`; use only the context's prefix, and `banyan_tenant()` in a DEFAULT only.",
  },
  "dev-token-refused": {
    kind: "configuration",
    meaning: "Production was started with a development token.",
    remedy: "Unset BANYAN_DEV_TOKEN; `start` accepts no development tokens.",
  },
  "port-in-use": {
    kind: "configuration",
    meaning: "The network port is taken.",
    remedy: "Use another with `--port N`, or stop what holds it.",
  },
  "socket-path-long": {
    kind: "configuration",
    meaning: "The path of the operations socket is longer than systems allow.",
    remedy: "Use a `--data` folder with a shorter path.",
  },
  "ops-unreachable": {
    kind: "unavailable",
    meaning: "No process answers on the operations socket of the data folder.",
    remedy: "Start the application with this data folder, or name the one it runs on with `--data DIR`.",
  },
} as const;
