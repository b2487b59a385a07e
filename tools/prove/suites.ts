/** What one step of a suite printed as JSON. */
export type Printed = Readonly<Record<string, unknown>>;

/** A long proof, in steps that are each bounded and can each be repeated. */
export interface Suite {
  readonly name: string;
  /** What is claimed if every step ends well. */
  readonly claim: string;
  /** One command a step, as `npm run` takes it after its name: `--json` is added. */
  readonly script: string;
  readonly steps: readonly (readonly string[])[];
  /** What the claim is about: files and folders. A proof grows old with the commits that touch them. */
  readonly paths: readonly string[];
  /** What the steps found together, in one line. */
  readonly figures: (printed: readonly Printed[]) => string;
}

/** Steps of seeds: each begins where the one before ended. */
function seeds(app: string, count: number, each: number): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(count / each) }, (_, i) => [
    "--app",
    app,
    "--seeds",
    String(Math.min(each, count - i * each)),
    "--from",
    String(1 + i * each),
  ]);
}

/** The same run again and again, each time with another seed. */
function rounds(count: number, args: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: count }, (_, i) => [...args, "--seed", String(i + 1)]);
}

/** The number that stands under these names, one inside the other. */
export function numberAt(printed: Printed, ...path: readonly string[]): number {
  const found = path.reduce<unknown>((value, name) => (value as Printed | undefined)?.[name], printed);
  return typeof found === "number" ? found : 0;
}

function total(printed: readonly Printed[], ...path: readonly string[]): number {
  return printed.reduce((sum, one) => sum + numberAt(one, ...path), 0);
}

const many = (value: number): string => Math.round(value).toLocaleString("en-US");

function simulated(printed: readonly Printed[]): string {
  // "crash" has many names: "crash before commit", "crash after open"
  const counted = (kind: string): string => {
    const counters = printed.flatMap((one) => Object.entries(one["counters"] as Readonly<Record<string, number>>));
    return many(counters.reduce((sum, [name, count]) => (name.startsWith(kind) ? sum + count : sum), 0));
  };
  const violations = printed.flatMap(({ breached }) => breached as readonly unknown[]).length;
  return (
    `${many(total(printed, "seeds"))} seeds, ${violations} violations: ${counted("entry settled")} deliveries, ` +
    `${counted("crash")} crashes, ${counted("takeover")} takeovers, ${counted("pause")} pauses, ${counted("clock jump")} clock jumps`
  );
}

const SIMULATED = "Nothing acknowledged is lost, every effect is there once and in order per key, and everything ends";

const RUNTIME = ["packages/core/src/runtime", "packages/core/src/ports"];
const SQLITE = ["packages/node/src/sqlite"];
const SIMULATION = ["packages/testing/src/simulation", "packages/testing/src/reference"];
const PROCESS = ["packages/node/src", "packages/banyan/src"];

/** The suites, in the order in which they are run. */
export const SUITES: readonly Suite[] = [
  {
    name: "simulate-shop",
    claim: `${SIMULATED}: the shop.`,
    script: "simulate",
    steps: seeds("shop", 10_000, 250),
    paths: [...RUNTIME, ...SQLITE, ...SIMULATION, "examples/shop"],
    figures: simulated,
  },
  {
    name: "simulate-reference",
    claim: `${SIMULATED}: the reference bank on SQLite.`,
    script: "simulate",
    steps: seeds("reference", 5_000, 250),
    paths: [...RUNTIME, ...SQLITE, ...SIMULATION],
    figures: simulated,
  },
  {
    name: "simulate-memory",
    claim: `${SIMULATED}: the reference bank on the memory store.`,
    script: "simulate",
    steps: seeds("reference-memory", 5_000, 250),
    paths: [...RUNTIME, "packages/core/src/memory", ...SIMULATION],
    figures: simulated,
  },
  {
    name: "planted",
    claim: "The simulation finds every bug that is planted.",
    script: "simulate",
    steps: [["--planted"]],
    paths: [...RUNTIME, "packages/core/src/memory", ...SIMULATION],
    figures: ([only = {}]) =>
      `${numberAt(only, "caught")} of ${numberAt(only, "planted")} caught, after ${numberAt(only, "medianSeeds")} seeds in the median`,
  },
  {
    name: "crash",
    claim: "Killed with SIGKILL and stopped beyond every timeout, the shop loses, repeats and misorders nothing.",
    script: "crash",
    steps: rounds(10, ["--kills", "20", "--pauses", "5"]),
    paths: [...RUNTIME, ...SQLITE, ...PROCESS, "tests/crash", "examples/shop"],
    figures: (printed) =>
      `${total(printed, "kills")} kills, ${total(printed, "pauses")} pauses, ` +
      `${many(total(printed, "acknowledged"))} orders acknowledged, ${total(printed, "lost")} lost, ` +
      `${total(printed, "ledgers", "chargedTwice")} charged twice; ${many(total(printed, "sight", "seen"))} deliveries to a witness, ` +
      `${total(printed, "sight", "seenTwice")} twice, ${total(printed, "sight", "seenOutOfOrder")} out of order`,
  },
  {
    name: "power",
    claim: "What was acknowledged is there after a power cut, and a store that acknowledges too early is found out.",
    script: "power",
    steps: rounds(5, ["--cuts", "10", "--calibration", "3"]),
    paths: [...RUNTIME, ...SQLITE, "tests/power"],
    figures: (printed) =>
      `${total(printed, "durable", "cuts")} cuts, ${many(total(printed, "durable", "acknowledged"))} commands acknowledged, ` +
      `${total(printed, "durable", "lost")} lost, ${total(printed, "durable", "damaged")} files damaged; ` +
      `calibration: ${many(total(printed, "calibration", "lost"))} of ${many(total(printed, "calibration", "acknowledged"))} lost`,
  },
  {
    name: "drill",
    claim: "A backup taken while orders come in goes on elsewhere, and differs by charges of newer orders alone.",
    script: "drill",
    steps: [[]],
    paths: [...RUNTIME, ...SQLITE, ...PROCESS, "tests/drill", "examples/shop"],
    figures: ([only = {}]) => `${many(numberAt(only, "orders"))} orders, ${checksOf(only)}`,
  },
  {
    name: "fuzz",
    claim: "No input ends the process, has an answer without a code, or takes more than 100 ms of the processor.",
    script: "fuzz",
    steps: rounds(10, ["--inputs", "20000"]),
    paths: [...PROCESS, "packages/core/src/runtime", "packages/core/src/contract", "tests/fuzz"],
    figures: (printed) => {
      const found = printed.flatMap(({ findings }) => findings as readonly unknown[]).length;
      const slowest = Math.max(...printed.map((one) => numberAt(one, "slowestMs")));
      return `${many(total(printed, "inputs"))} inputs, ${found} findings, slowest ${Math.round(slowest)} ms`;
    },
  },
  {
    name: "backlog",
    claim: "A backlog of a million drains at a steady rate in flat memory, and what is told of it is true within 10 %.",
    script: "backlog",
    steps: [[]],
    paths: [...RUNTIME, ...SQLITE, "tests/backlog"],
    figures: ([only = {}]) =>
      `${many(numberAt(only, "entries"))} entries, ${many(numberAt(only, "entries") / (numberAt(only, "ms") / 1_000))} a second`,
  },
  {
    name: "overload",
    claim:
      "At five times what it can do for five minutes, the shop does four fifths of it in bounded memory, and is soon as before.",
    script: "overload",
    steps: [["--minutes", "5", "--times", "5"]],
    paths: [...RUNTIME, ...SQLITE, "packages/node/src/http", "tests/overload", "examples/shop"],
    figures: ([only = {}]) => {
      const back = only["backToNormalS"];
      return (
        `${many(numberAt(only, "offeredPerSecond"))} orders a second for ${numberAt(only, "seconds")} s, ` +
        `${many(numberAt(only, "goodPerSecond"))} of ${many(numberAt(only, "peakPerSecond"))} done in time, ` +
        `p95 ${numberAt(only, "acceptedP95Ms")} ms, ${Math.round(numberAt(only, "rssMaxBytes") / 2 ** 20)} MiB, ` +
        `${many(numberAt(only, "orders", "acknowledged"))} acknowledged, ${numberAt(only, "orders", "lost")} lost, ` +
        `as before after ${typeof back === "number" ? `${back} s` : "more than was watched"}`
      );
    },
  },
];

function checksOf(printed: Printed): string {
  const checks = printed["checks"] as readonly { readonly passed: boolean }[];
  return `${checks.filter(({ passed }) => passed).length} of ${checks.length} checks passed`;
}
