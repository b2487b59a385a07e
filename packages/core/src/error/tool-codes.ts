/** The command line, `banyan check`, and scenario tests. */
export const TOOL_CODES = {
  "scenario-stuck": {
    kind: "internal",
    meaning: "What a scenario test set off neither ends nor waits for virtual time.",
    remedy: "Let handlers wait for ports that the test answers itself; timers, sockets and threads are not waited for.",
  },
  "simulation-failed": {
    kind: "configuration",
    meaning: "A seed of a simulation broke a law of delivery or an invariant of the application.",
    remedy: "Repeat the seed as the message says, mend the application, and keep the seed as a test.",
  },
  "simulation-unjudged": {
    kind: "configuration",
    meaning: "A simulation of a hundred seeds or more ended without something that must have happened in it.",
    remedy:
      "Let the workload ask for more, over a longer time, or leave the kind of fault out on purpose with odds of 0.",
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
  "seed-failed": {
    kind: "configuration",
    meaning: "One of the application's seeds could not be executed.",
    remedy:
      "Correct it, or what refuses it, and start again: it goes on from there. `--reset` begins afresh, `--no-seed` without seeds.",
  },
  "seed-changed": {
    kind: "configuration",
    meaning: "The seeds were changed after some of them had been executed on this data.",
    remedy: "Begin afresh with `banyan dev --reset`, or bring the earlier seeds back.",
  },
  "init-conflict": {
    kind: "configuration",
    meaning: "`banyan init` would write something that is there already, and it writes over nothing.",
    remedy: "Move away what is named, or begin in another folder: `banyan init DIR`.",
  },
  "types-file-foreign": {
    kind: "configuration",
    meaning: "A file that `banyan types` would write exists, and it was not written by it.",
    remedy: "Move it away, or give another folder with `--out DIR`.",
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
