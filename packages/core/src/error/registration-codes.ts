/** At start, all of them reported together. */
export const REGISTRATION_CODES = {
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
    meaning: "An operation or a raw route does not say who may use it.",
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
  "rebuild-invalid": {
    kind: "configuration",
    meaning:
      "A subscription that declares `rebuild` does not say how to clear, or does not begin at the start of the log.",
    remedy: 'Write `from: "start", rebuild: { clear: (tx) => … }`; what is made anew begins at the start.',
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
  "key-personal": {
    kind: "configuration",
    meaning:
      "The key of an event is one of its personal fields; keys are shown to operators, and no entry ever loses its own.",
    remedy: "Use an opaque id as the key, made for the purpose, and look up whose it is in a table.",
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
      "A route is not a method and a path, is the runtime's own, or cannot be what it is to be: parameters that are not in the input, a command or a signed body by GET.",
    remedy:
      'Write `"POST /orders"`, not under `/_banyan`; of a contract each `:name` must be a field of the input, and only queries may be reached by GET.',
  },
  "route-duplicate": {
    kind: "configuration",
    meaning: "Two operations or raw routes have the same route.",
    remedy: "Change one of them.",
  },
  "signer-duplicate": {
    kind: "configuration",
    meaning:
      "Two raw routes are signed by one name, each with a policy of its own: their senders would be one principal.",
    remedy:
      'Give each sender a name of its own. Where one sender sends to several routes, write `const sender = signed("name", …)` once and give it to each of them.',
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
  "tenants-unsupported": {
    kind: "configuration",
    meaning: "A context has tables that hold rows of tenants, on a store that does not keep them apart.",
    remedy: "Choose a store that does, or take `tenants` out of the context.",
  },
  "tenant-table-invalid": {
    kind: "configuration",
    meaning: "A table named in `tenants` is not one that can keep rows of tenants apart.",
    remedy:
      "Name tables of the context itself with a column `tenant TEXT NOT NULL` that is part of every unique key, and no triggers or external-content indexes on them.",
  },
  "tenants-invalid": {
    kind: "configuration",
    meaning: "The option `tenants` of an operation or subscription is not one there is.",
    remedy: 'Leave it out to work for the tenant that asks, or say `tenants: "*"`.',
  },
  "cursor-orphaned": {
    kind: "configuration",
    meaning: "The store has the cursor of a subscription that this code does not have.",
    remedy:
      "Bring the subscription back, say `rename: { old: new }` or `forget: [name]` in its context, or `banyan start --hold NAME` to let it stand still; in development `banyan dev --reset` begins afresh and keeps the old data.",
  },
  "rename-invalid": {
    kind: "configuration",
    meaning: "`rename` of a context does not lead from a subscription that is gone to one that is there.",
    remedy: "Rename from a name the code no longer has to one it has; or take the line out.",
  },
  "rename-taken": {
    kind: "configuration",
    meaning: "`rename` joins subscriptions of which more than one has a place in the store.",
    remedy:
      "Keep the one whose place goes on: take the lines of the others out of `rename` and `forget` them, or hold them by `--hold`. If it is the new name's own, that is all old ones.",
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
  "settings-invalid": {
    kind: "configuration",
    meaning: "What is set from outside is not what the application declares in `settings`.",
    remedy: "Correct each setting listed, where it comes from; values are never shown.",
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
} as const;
