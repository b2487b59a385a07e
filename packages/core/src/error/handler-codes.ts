/** In a handler: its transaction, what it emits and calls. */
export const HANDLER_CODES = {
  "handle-dead": {
    kind: "internal",
    meaning: "A database handle was used after its unit had ended.",
    remedy: "Await every query inside the body; keep no handle outside it.",
  },
  "query-floating": {
    kind: "internal",
    meaning: "A body ended while a query it started was still running, or had failed without anybody being told.",
    remedy: "Await every query of the body.",
  },
  "transaction-statement": {
    kind: "internal",
    meaning: "A body tried to begin, commit or roll back; the body is the transaction.",
    remedy: "Throw to roll back; return to commit.",
  },
  "savepoint-open": {
    kind: "internal",
    meaning: "A statement or another inner transaction was asked for beside an inner transaction that was still open.",
    remedy: "Inside an inner transaction use the handle it was given; run inner transactions one after another.",
  },
  "table-foreign": {
    kind: "internal",
    meaning: "A statement touches a table of another context or of the runtime.",
    remedy: "Use only tables that start with the context's prefix; ask other contexts by query or event.",
  },
  "tenant-guarded": {
    kind: "internal",
    meaning:
      "A statement reaches past the guard of a table with rows of tenants: it writes a row of another tenant, names the table in a way that is not followed, or works for no tenant.",
    remedy:
      'Write rows of the tenant the body works for, and name the table without its schema; an operation that is meant to reach across tenants says `tenants: "*"`.',
  },
  "statement-failed": {
    kind: "internal",
    meaning: "The database refused a statement.",
    remedy: "Correct the statement; the cause has the database's words.",
  },
  "body-ended": {
    kind: "internal",
    meaning: "`emit` was called after the body had ended.",
    remedy: "Emit before the body returns.",
  },
  "before-ended": {
    kind: "internal",
    meaning: "`call` or `once` was used after its `before` (or `allow`, or query) had ended or been given up.",
    remedy: "Await what `before` starts, and hand `abort` on to what may hang, so that it ends when it is given up.",
  },
  "not-in-unit": {
    kind: "internal",
    meaning: "Something that writes was used where nothing may be written.",
    remedy: "Write in the body of a command or subscription.",
  },
  "outcome-unknown": {
    kind: "conflict",
    meaning: "An act outside was begun with `once`, and the process ended before it knew the outcome.",
    remedy:
      "Give `once` a `reconcile`, or `idempotent: true` where the outside recognises its key, then redrive; or find out by hand and skip.",
  },
  "outcome-invalid": {
    kind: "conflict",
    meaning:
      "An act outside was done with `once` and what it came to is not JSON: it cannot be stored, and the act is not done again.",
    remedy:
      "Return plain JSON from the act, and give `once` a `reconcile` that finds out what it came to, then redrive; or see to the rest by hand and skip.",
  },
  "once-floating": {
    kind: "internal",
    meaning: "`before` ended while an act it had begun with `once` was under way.",
    remedy: "Await every `once`, then redrive.",
  },
  "call-floating": {
    kind: "internal",
    meaning: "`before` ended while a command it had called was under way.",
    remedy: "Await every `call`, then redrive.",
  },
  "once-repeated": {
    kind: "internal",
    meaning: "`once` was used twice with one name for one entry.",
    remedy: "Give each act of a subscription a name of its own.",
  },
  "rebuild-acts": {
    kind: "internal",
    meaning: "A subscription that declares `rebuild` emitted, or used `once`: made anew, it would do so again.",
    remedy: "Do it in another subscription, without `rebuild`.",
  },
  "not-in-dry-replay": {
    kind: "internal",
    meaning:
      "A dry replay does nothing outside: it calls no command and no port, and does nothing with `once` that is not recorded.",
    remedy: "Let it be thrown: the entry is reported as skipped.",
  },
  "call-undeclared": {
    kind: "internal",
    meaning: "A context called an operation that its `uses` does not list.",
    remedy: "Add the contract to `uses: [...]` of the calling context.",
  },
  "call-command-in-before": {
    kind: "internal",
    meaning: "`before` of a command, and of a subscription that declares `rebuild`, may call queries only.",
    remedy: "Emit an event, or call it from a subscription without `rebuild`.",
  },
  "guard-loose": {
    kind: "internal",
    meaning: "A write that was to change one row at one version changed several.",
    remedy: "Name one row in its WHERE: the key and the version.",
  },
  "event-foreign": {
    kind: "internal",
    meaning: "A context emitted an event of another context.",
    remedy: "Only its owner may emit an event; others subscribe to it.",
  },
  "event-invalid": {
    kind: "internal",
    meaning: "The data of an emitted event does not match its schema.",
    remedy: "Correct the handler or the schema of the event.",
  },
  "due-invalid": {
    kind: "unprocessable",
    meaning: "An event was scheduled for what is no time.",
    remedy:
      "Give `due` as wall-clock milliseconds from 0 to 8.64e15: `emit(Expired, data, { due: now + 86_400_000 })`. What has passed is due at once.",
  },
  "event-unknown": {
    kind: "internal",
    meaning: "An entry has a version this code does not know, or its data does not match the schema.",
    remedy: "Start code that knows the version; the entry waits parked as `unknown`.",
  },
  "event-undecodable": {
    kind: "internal",
    meaning: "The bytes of an entry cannot be decoded.",
    remedy: "The entry waits parked as `unknown`; start code that can read it.",
  },
  "entry-torn": {
    kind: "conflict",
    meaning: "What is stored of a parked entry cannot be read any more, whatever code is started.",
    remedy:
      "`banyan events skip` takes it out, and what stands behind it goes on; a backup may still have it. Check the disk: something has damaged the file.",
  },
  "handler-failed": {
    kind: "internal",
    meaning: "A handler threw something that is not a Banyan error.",
    remedy: "The cause names it; the entry is tried again and then parked as `dead`.",
  },
} as const;
