/** At a door (HTTP, a call from another context), and what is asked again later because nothing was decided. */
export const REQUEST_CODES = {
  "input-invalid": {
    kind: "invalid",
    meaning: "The input does not match the schema of the operation.",
    remedy: "Correct the fields named in `issues` and send it again.",
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
  "body-consumed": {
    kind: "configuration",
    meaning: "The server around this application has read the body before it handed the request over.",
    remedy:
      'Hand requests over before any body parser of the host (`app.use("/shop", shop.listener)` above `express.json()`); see docs/how-to/mount.md.',
  },
  "batch-too-large": {
    kind: "too-large",
    meaning: "The batch has more commands than the limit; none of them was executed.",
    remedy: "Send fewer at once, or raise `limits.batchCommands`.",
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
  "cross-site-refused": {
    kind: "forbidden",
    meaning: "A browser sent a request that changes something from a page of another site.",
    remedy: "Send it from a page of the application's own origin, or from something that is no browser.",
  },
  "route-unknown": {
    kind: "not-found",
    meaning: "No contract and no raw route has this path.",
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
  "not-running": {
    kind: "conflict",
    meaning: "What was asked for needs the code of the application, and no process runs it on this data.",
    remedy: "Start the application on this data, then ask again.",
  },
  "log-unknown": {
    kind: "not-found",
    meaning: "No context of this name has a log here.",
    remedy: "`banyan events lag` lists the logs.",
  },
  "event-type-unknown": {
    kind: "not-found",
    meaning: "No event of this name is known here, and none is in the log.",
    remedy: "Give the event's name as its contract has it, written context.event-name; `banyan graph` lists them.",
  },
  "replay-undeclared": {
    kind: "unprocessable",
    meaning: "The subscription does not declare `rebuild`: its effects cannot be cleared and made anew.",
    remedy: "Add `rebuild: { clear }` where its effects are made of the log alone; nothing was changed.",
  },
  "replay-in-progress": {
    kind: "conflict",
    retry: "later",
    meaning: "The subscription is being put back to the start of its log, and nothing else of it is changed meanwhile.",
    remedy: "Ask again in a moment; `banyan events lag` shows where it stands.",
  },
  "log-trimmed": {
    kind: "conflict",
    meaning: "The log does not begin with its first entry any more: what is made anew from it would lack what is gone.",
    remedy:
      "Nothing was changed. Keep the log of a context whole (no `keep`) where projections are to be made anew from it.",
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
  "session-invalid": {
    kind: "unauthenticated",
    meaning: "The session of the browser has ended, or its cookie is not one of this application.",
    remedy: "Log in again, or ask again as a guest: the answer takes the cookie away.",
  },
  "origin-refused": {
    kind: "forbidden",
    meaning: "A page of another origin tried to change something with the cookie of its visitor.",
    remedy:
      "Send it from a page of this application, whose browser says so in `origin`; pages of other origins are named in `http.cors`, and programs use a bearer token.",
  },
  "signature-invalid": {
    kind: "unauthenticated",
    meaning: "The request is not signed with a secret that this route knows, or something of it was changed.",
    remedy: "Sign the bytes of the body as they are sent, with the secret of this route; nothing was executed.",
  },
  "signature-expired": {
    kind: "unauthenticated",
    meaning: "The request was signed too long ago, or for a time that is yet to come.",
    remedy: "Sign each attempt anew, by a clock that is right; nothing was executed.",
  },
  "delivery-id-invalid": {
    kind: "invalid",
    meaning: "The delivery is rightly signed, and has no id by which it could be known when it comes again.",
    remedy:
      "Sign with each delivery an id of 1 to 255 printable ASCII characters, the same in each repetition; that of Standard Webhooks has no full stop, comma or space. Where it has one, look at the `id` of `hmac(…)`, or at the scheme. Nothing was executed.",
  },
  "keys-unavailable": {
    kind: "unavailable",
    meaning: "The keys of the identity provider cannot be fetched at the moment, so none of its tokens can be judged.",
    remedy: "Ask again after `retry-after`; if it stays so, look at the address in `jwks` from this machine.",
  },
  "authentication-timeout": {
    kind: "unavailable",
    meaning: "It was not found out within 10 seconds who asks, so nobody was let in.",
    remedy: "Ask again; if it stays so, look at what `stillValid`, or an authenticator of your own, waits for.",
  },
  "not-allowed": {
    kind: "forbidden",
    meaning: "The policy of the operation refuses this principal.",
    remedy: "Ask with a principal whom `allow` admits.",
  },
  "tenant-foreign": {
    kind: "forbidden",
    meaning: "The principal is not of the tenant it asks for.",
    remedy: "Ask for a tenant of the principal's own; an operation across tenants needs a principal of every tenant.",
  },
  "tenant-missing": {
    kind: "invalid",
    meaning: "The principal is of several tenants, and the request does not say for which it asks.",
    remedy: "Name one of its tenants in the header `x-banyan-tenant`.",
  },
  "tenant-invalid": {
    kind: "invalid",
    meaning: "The name of a tenant is not valid.",
    remedy: "Use 1 to 64 letters, digits, `.`, `_` and `-`, beginning with a letter or digit.",
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
  "version-conflict": {
    kind: "conflict",
    meaning: "What was to be changed is no longer the version that the change was decided upon.",
    remedy: "Read it again, decide again, and send the new decision with the new version and a new idempotency key.",
  },
  "not-found": { kind: "not-found", meaning: "What was asked for does not exist.", remedy: "Check the identifier." },
  "output-invalid": {
    kind: "internal",
    meaning: "The handler returned something its contract does not allow.",
    remedy: "Correct the handler or the output schema of the contract.",
  },
  "rejection-lost": {
    kind: "internal",
    meaning:
      "A promise was rejected and nobody handled that; nothing of the runtime's was lost by it, and the process goes on.",
    remedy: "The log names the cause: await every promise, and handle the errors of what runs beside the handlers.",
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
  "caller-gone": {
    kind: "unavailable",
    meaning: "Whoever asked went away before there was an answer, and nothing was decided.",
    remedy: "Ask again with the same key.",
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
  "disk-low": {
    kind: "unavailable",
    meaning: "The disk of the data is almost full: no command begins, so that what is under way can end.",
    remedy:
      "Make room on the disk of the data folder; commands are then taken again by themselves. Reads and delivery go on meanwhile.",
  },
  "backlog-full": {
    kind: "unavailable",
    meaning: "More of the log of the context waits for its slowest subscription than its budget allows.",
    remedy:
      "Ask again after `retry-after`. `banyan events lag` says why the subscription is behind: speed it up, resume or forget it, or raise `backlog` of the context.",
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
  "rate-limited": {
    kind: "unavailable",
    meaning: "The caller asks more often, or more at once, than one caller may; nothing was decided.",
    remedy: "Ask again after `retry-after`, and less often; `http.rate` of the application sets how often.",
  },
  "route-timeout": {
    kind: "unavailable",
    meaning: "A raw route gave no answer within its time.",
    remedy: "Ask again; if it stays so, look at what its body waits for, or raise `limits.time` of the route.",
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
} as const;
