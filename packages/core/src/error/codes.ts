/** What an error is, seen from outside; the HTTP edge maps it to a status, once. */
export type ErrorKind =
  | "invalid"
  | "unprocessable"
  | "unauthenticated"
  | "forbidden"
  | "not-found"
  | "conflict"
  | "too-large"
  | "unavailable"
  | "internal"
  | "configuration";

/** Every code Banyan itself uses: what it means and what to do; `retry` where its kind does not say it. The error reference in `docs/` is made from this table. */
export const ERROR_CODES = {
  // At a door: HTTP, a call from another context
  "input-invalid": {
    kind: "invalid",
    meaning: "The input does not match the schema of the operation.",
    remedy: "Correct the fields named in `details.issues` and send it again.",
  },
  "body-malformed": {
    kind: "invalid",
    meaning: "The body is not valid JSON.",
    remedy: "Send a JSON document with `content-type: application/json`.",
  },
  "body-too-large": {
    kind: "too-large",
    meaning: "The body is larger than the limit.",
    remedy: "Send less at once, or raise `limits.bodyBytes`.",
  },
  "media-type-unsupported": {
    kind: "invalid",
    meaning: "The body is not declared as JSON.",
    remedy: "Send `content-type: application/json`.",
  },
  "request-malformed": {
    kind: "invalid",
    meaning: "What came is not an HTTP request this process accepts.",
    remedy: "Send HTTP/1.1 with a path that starts with `/` and one `host` header.",
  },
  "request-timeout": {
    kind: "invalid",
    meaning: "The request did not arrive in full within the time limit.",
    remedy: "Send headers and body without pausing; nothing was executed.",
  },
  "headers-too-large": {
    kind: "too-large",
    meaning: "The headers are larger than the limit.",
    remedy: "Send fewer or shorter headers.",
  },
  "url-too-long": {
    kind: "too-large",
    meaning: "The URL is longer than the limit.",
    remedy: "Ask for less, or page the query.",
  },
  "host-refused": {
    kind: "forbidden",
    meaning:
      "In development on loopback, the `host` header must name this machine: a web page could otherwise reach it under a name of its own.",
    remedy: "Use `localhost` or `127.0.0.1` in the URL, or give `--host` to be reached from elsewhere.",
  },
  "route-unknown": {
    kind: "not-found",
    meaning: "No contract declares this route.",
    remedy: "`banyan graph` lists the routes.",
  },
  "method-not-allowed": {
    kind: "not-found",
    meaning: "The path exists, but not with this method.",
    remedy: "Use one of the methods in the `allow` header.",
  },
  "operation-unknown": {
    kind: "not-found",
    meaning: "No context of this process has this command or query.",
    remedy: "`banyan graph` lists the operations.",
  },
  "subscription-unknown": {
    kind: "not-found",
    meaning: "This process has no subscription of this name.",
    remedy: "`banyan events lag` lists them, written `context.name`.",
  },
  "subscription-held": {
    kind: "conflict",
    meaning: "The subscription stands still by `--hold`.",
    remedy: "Start without `--hold` for it, then ask again.",
  },
  "parked-unknown": {
    kind: "not-found",
    meaning: "There is no such parked entry or key: it may have been delivered or skipped meanwhile.",
    remedy: "`banyan events parked` lists what is parked now.",
  },
  "token-invalid": {
    kind: "unauthenticated",
    meaning: "The bearer token is not one this process accepts.",
    remedy: "Use a valid token, or none to be a guest.",
  },
  "not-allowed": {
    kind: "forbidden",
    meaning: "The policy of the operation refuses this principal.",
    remedy: "Ask with a principal whom `allow` admits.",
  },
  "idempotency-key-invalid": {
    kind: "invalid",
    meaning: "The idempotency key is empty, too long or has characters that do not print.",
    remedy: "Use 1 to 255 printable ASCII characters, for example a UUID.",
  },
  "idempotency-key-reused": {
    kind: "unprocessable",
    meaning: "The same idempotency key came with another body.",
    remedy: "Use a new key for a new request; repeat a request only with its own body.",
  },
  "in-flight": {
    kind: "conflict",
    retry: "later",
    meaning: "A request with this idempotency key is still running.",
    remedy: "Ask again with the same key after `retry-after`.",
  },
  "not-found": { kind: "not-found", meaning: "What was asked for does not exist.", remedy: "Check the identifier." },
  "output-invalid": {
    kind: "internal",
    meaning: "The handler returned something its contract does not allow.",
    remedy: "Correct the handler or the output schema of the contract.",
  },
  uncaught: {
    kind: "internal",
    meaning:
      "Something was thrown where nobody waits for it; the process ends, and recovers at its next start from what the disk has.",
    remedy: "The log names the cause: await every promise, and handle the errors of what runs beside the handlers.",
  },
  internal: {
    kind: "internal",
    meaning: "Something failed that is not the caller's fault.",
    remedy: "Ask again with the same key; the log names the cause under the same id.",
  },
  // Ask again later: nothing was decided
  draining: {
    kind: "unavailable",
    meaning: "The process is stopping and takes no new work.",
    remedy: "Ask again; another process or the next start answers.",
  },
  starting: { kind: "unavailable", meaning: "The process is not ready yet.", remedy: "Ask again after `retry-after`." },
  "before-timeout": {
    kind: "unavailable",
    meaning: "`before` did not finish within `beforeLimitMs`.",
    remedy: "Ask again; if it stays so, look at what `before` waits for.",
  },
  "unit-stalled": {
    kind: "unavailable",
    meaning: "The body of a unit waited for something that is not its transaction.",
    remedy: "Move every await that is not on `tx` to `before`.",
  },
  "commit-failed": {
    kind: "unavailable",
    meaning: "The store did not commit; nothing of the unit took effect.",
    remedy: "Ask again with the same key.",
  },
  "disk-full": {
    kind: "unavailable",
    meaning: "There is no room for what was to be written; nothing of the unit took effect.",
    remedy: "Make room on the disk of the data folder; work then goes on by itself, and reads are answered meanwhile.",
  },
  "database-corrupt": {
    kind: "unavailable",
    meaning: "The database is damaged: what is in its file is not what was written.",
    remedy: "Move the data folder aside and keep it; put the latest backup in its place with `banyan restore`.",
  },
  "store-failed": {
    kind: "unavailable",
    meaning: "The store cannot be trusted to write until it is opened again.",
    remedy: "Restart the process; it recovers from what the disk has.",
  },
  fenced: {
    kind: "unavailable",
    meaning: "Another owner took over; this one's writes are refused.",
    remedy: "Nothing to do: the new owner goes on.",
  },
  "call-failed": {
    kind: "unavailable",
    meaning: "A call to another context did not get an answer; its outcome is unknown.",
    remedy: "Ask again with the same key.",
  },
  "read-timeout": {
    kind: "unavailable",
    meaning: "A read took longer than its limit.",
    remedy: "Ask for less, add an index, or raise `readLimitMs`.",
  },
  "read-too-large": {
    kind: "unprocessable",
    meaning: "A read returned more rows or bytes than the limit.",
    remedy: "Page the query with a limit.",
  },
  overloaded: {
    kind: "unavailable",
    meaning: "More work waits than this process accepts.",
    remedy: "Ask again after `retry-after`.",
  },
  "fault-injected": {
    kind: "unavailable",
    meaning: "A development fault was injected on purpose.",
    remedy: "Handlers must stand being run again; `--no-faults` switches faults off.",
  },
  // In a handler
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
  "not-in-unit": {
    kind: "internal",
    meaning: "Something that writes was used where nothing may be written.",
    remedy: "Write in the body of a command or subscription.",
  },
  "effect-unknown": {
    kind: "conflict",
    meaning: "An act outside was begun with `once`, and the process ended before it knew the outcome.",
    remedy:
      "Give `once` a `reconcile`, or `idempotent: true` where the outside recognises its key, then redrive; or find out by hand and skip.",
  },
  "once-repeated": {
    kind: "internal",
    meaning: "`once` was used twice with one name for one entry.",
    remedy: "Give each act of a subscription a name of its own.",
  },
  "call-undeclared": {
    kind: "internal",
    meaning: "A context called an operation that its `uses` does not list.",
    remedy: "Add the contract to `uses: [...]` of the calling context.",
  },
  "call-command-in-before": {
    kind: "internal",
    meaning: "`before` of a command may call queries only.",
    remedy: "Emit an event, or start from a subscription.",
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
  "handler-failed": {
    kind: "internal",
    meaning: "A handler threw something that is not a Banyan error.",
    remedy: "The cause names it; the entry is tried again and then parked as `dead`.",
  },
  // At start: all of them reported together
  "registration-refused": {
    kind: "configuration",
    meaning: "The application cannot start as it is registered.",
    remedy: "Correct each violation listed; each has its own remedy.",
  },
  "name-invalid": {
    kind: "configuration",
    meaning: "A name is not in kebab-case, or lacks its context in front.",
    remedy: "Use `context.name` in lower case, digits and hyphens.",
  },
  "name-duplicate": {
    kind: "configuration",
    meaning: "Two things have the same name.",
    remedy: "Give each its own name.",
  },
  "option-unknown": {
    kind: "configuration",
    meaning: "An option is not known here.",
    remedy: "Remove it, or use the name suggested.",
  },
  "option-missing": {
    kind: "configuration",
    meaning: "A mandatory option is missing.",
    remedy: "Add the option named.",
  },
  "prefix-collision": {
    kind: "configuration",
    meaning: "The table prefix of a context begins that of another.",
    remedy: "Rename one of the two contexts.",
  },
  "handler-missing": {
    kind: "configuration",
    meaning: "A contract declares an operation that nothing handles.",
    remedy: "Add `handle` or `answer` for it, or remove it from the contract.",
  },
  "handler-duplicate": { kind: "configuration", meaning: "An operation is handled twice.", remedy: "Keep one." },
  "contract-foreign": {
    kind: "configuration",
    meaning: "A context registers something for a contract that is not its own.",
    remedy: "Register it on the owner, or export the contract from this context.",
  },
  "policy-missing": {
    kind: "configuration",
    meaning: "An operation does not say who may use it.",
    remedy: "Add `allow: anyone()`, `roles(...)` or a predicate.",
  },
  "subscription-unnamed": {
    kind: "configuration",
    meaning: "A subscription has no name; the name is its durable identity.",
    remedy: "Add `name`.",
  },
  "subscription-from-missing": {
    kind: "configuration",
    meaning: "A subscription does not say where it begins.",
    remedy: 'Add `from: "start"` or `from: "now"`.',
  },
  "source-undeclared": {
    kind: "configuration",
    meaning: "A subscription's event is in no contract of this application.",
    remedy: "Export the event from its owner's contract and add the owner to `contexts`.",
  },
  "source-missing": {
    kind: "configuration",
    meaning: "A subscription lists no event.",
    remedy: "Name the events it subscribes to, or remove it.",
  },
  "source-duplicate": {
    kind: "configuration",
    meaning: "A subscription lists the same event twice.",
    remedy: "List each event once.",
  },
  "source-mixed": {
    kind: "configuration",
    meaning: "One subscription lists events of several contexts; order holds within the log of one context only.",
    remedy: "Register one subscription per context whose events it reads.",
  },
  "key-missing": {
    kind: "configuration",
    meaning: "An event has no key.",
    remedy: "Name a field of its data as `key`, or write `key: none` on purpose.",
  },
  "personal-unknown": {
    kind: "configuration",
    meaning: "A personal field of an event, or its subject, is not in the event's data.",
    remedy: "Write the dotted path of a field of the data; only what is named is protected.",
  },
  "upcast-invalid": {
    kind: "configuration",
    meaning:
      "An event cannot read its earlier versions: its upcasts are no chain, or a sample does not come through them.",
    remedy:
      "Give `upcast` one synchronous function per version, without a gap, up to the one before `version`, so that each sample ends as the schema says.",
  },
  "uses-unknown": {
    kind: "configuration",
    meaning: "`uses` lists an operation no context of this application has.",
    remedy: "Add the owning context, or remove it from `uses`.",
  },
  "route-invalid": {
    kind: "configuration",
    meaning:
      "The `http` of a contract is not a method and a path, its parameters are not in the input, or a command would be reached by GET.",
    remedy: 'Write `"POST /orders"`; each `:name` must be a field of the input; only queries may be reached by GET.',
  },
  "route-duplicate": {
    kind: "configuration",
    meaning: "Two operations have the same route.",
    remedy: "Change one of them.",
  },
  "schema-unsupported": {
    kind: "configuration",
    meaning:
      "A schema does not implement Standard Schema with Standard JSON Schema, or cannot be written as JSON Schema.",
    remedy: "Use a schema that can be written as JSON: no transforms or dates without an encoding.",
  },
  "schema-not-rereadable": {
    kind: "configuration",
    meaning: "What the schema writes is not what it reads: a stored event could not be read back.",
    remedy: "Make the output of the schema acceptable as its input (no transforms that change the type).",
  },
  "ports-missing": {
    kind: "configuration",
    meaning: "A context needs ports that the application does not give.",
    remedy: "Add them under `ports` of the application.",
  },
  "handle-unsupported": {
    kind: "configuration",
    meaning: "The store cannot give the kind of handle the context asks for.",
    remedy: "Choose another store, or another `tx` for the context.",
  },
  "cursor-orphaned": {
    kind: "configuration",
    meaning: "The store has the cursor of a subscription that this code does not have.",
    remedy:
      "Bring the subscription back, say `rename: { old: new }` or `forget: [name]` in its context, or start with `--hold NAME` to let it stand still.",
  },
  "rename-invalid": {
    kind: "configuration",
    meaning: "`rename` of a context does not lead from a subscription that is gone to one that is there.",
    remedy: "Rename from a name the code no longer has to one it has, each at most once; or take the line out.",
  },
  "rename-taken": {
    kind: "configuration",
    meaning: "`rename` joins two subscriptions that both have a place in the store.",
    remedy: "Take the line out and `forget` the old name, or give the subscription a name that has no place yet.",
  },
  "name-spent": {
    kind: "configuration",
    meaning: "A new subscription has the name that another one had before it was renamed.",
    remedy: "Take another name; where the earlier code is back, give the place back with `rename` the other way round.",
  },
  "forget-invalid": {
    kind: "configuration",
    meaning: "`forget` of a context names a subscription that is there or is renamed.",
    remedy: "Forget only what the code no longer has; or take the line out.",
  },
  "hold-unknown": {
    kind: "configuration",
    meaning: "`--hold` names a subscription nothing knows.",
    remedy: "Use a name that the error or `banyan graph` lists.",
  },
  "config-invalid": {
    kind: "configuration",
    meaning: "The configuration is not valid.",
    remedy: "Correct what is named.",
  },
  "config-not-found": {
    kind: "configuration",
    meaning: "The configuration file does not exist.",
    remedy: "Give it with `--config FILE`, or run in its folder.",
  },
  "not-available-yet": {
    kind: "configuration",
    meaning: "This is planned and does not exist yet.",
    remedy: "Leave it out; the release notes say when it comes.",
  },
  // Store and data folder
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
    kind: "configuration",
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
    remedy: "Restore its text and write a new migration.",
  },
  "migration-failed": {
    kind: "configuration",
    meaning: "A migration could not be applied; nothing of it was kept.",
    remedy: "Correct its SQL; the cause has the database's words.",
  },
  "migration-invalid": {
    kind: "configuration",
    meaning: "A migration has an invalid name or touches what is not the context's own.",
    remedy: "Name files `001-what.sql`; use only the context's prefix.",
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
  // Scenario tests
  "scenario-stuck": {
    kind: "internal",
    meaning: "What a scenario test set off neither ends nor waits for virtual time.",
    remedy: "Let handlers wait for ports that the test answers itself; timers, sockets and threads are not waited for.",
  },
  "stub-missing": {
    kind: "configuration",
    meaning: "A context under test called an operation of a neighbour that no stub answers.",
    remedy: "Add the stub named in the message to `stubs`.",
  },
  "stub-invalid": {
    kind: "configuration",
    meaning:
      "A stub answers what the contract does not allow, or stands for an operation that the context does not use.",
    remedy: "Correct what the message names, or remove the stub.",
  },
  // Command line and `banyan check`
  "command-unknown": {
    kind: "configuration",
    meaning: "The command line has no such command.",
    remedy: "`banyan --help` lists the commands.",
  },
  "option-invalid": {
    kind: "configuration",
    meaning: "An option of the command line lacks its value, or has one it cannot have.",
    remedy: "`--help` after the command says what each option takes.",
  },
  "argument-unexpected": {
    kind: "configuration",
    meaning: "The command takes no such argument.",
    remedy: "Remove it; `--help` after the command says what it takes.",
  },
  "boundary-import": {
    kind: "configuration",
    meaning: "A file imports from a context's folder something other than its contract.",
    remedy: "Import from the contract, and publish there what others need.",
  },
  "contract-imports-contract": {
    kind: "configuration",
    meaning: "A contract imports the contract of another context.",
    remedy: "Repeat the field or schema in this contract; contexts share names of things, not code.",
  },
  "contract-not-plain": {
    kind: "configuration",
    meaning: "A contract imports something other than packages and files of its own `contract/` folder.",
    remedy: "Move what the contract needs into it, or into `contract/` beside it.",
  },
  "uses-unused": {
    kind: "configuration",
    meaning: "`uses` lists an operation the context never calls.",
    remedy: "Remove it from `uses`.",
  },
  "context-unreadable": {
    kind: "configuration",
    meaning: "A context is not written so that it can be known without running it.",
    remedy: 'Write its name as a string literal: `context("orders", { ... })`.',
  },
  "source-unreadable": {
    kind: "configuration",
    meaning: "A source file cannot be parsed, so nothing can be said about it.",
    remedy: "Correct the syntax at the place named.",
  },
  "import-unresolved": {
    kind: "configuration",
    meaning: "A file imports a file that does not exist, so what lies behind it cannot be judged.",
    remedy: "Correct the path; relative imports name the file with its ending.",
  },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;
