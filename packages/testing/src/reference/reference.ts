import type { Limits, RawHandle } from "@banyan/core";
import type { Client, Scenario, Settled, Simulation, World } from "../simulation/simulation.ts";
import {
  AccountTotals,
  centsOf,
  FirstMoneySent,
  LedgerTotals,
  OpenAccount,
  StatementTotals,
  Transfer,
} from "./contracts.ts";
import { bank } from "./contexts.ts";
import { NotaryOffice, type Papers } from "./notary.ts";

const CLIENTS = 3;
const TRANSFERS = 8;
/** Everybody pays here. */
const HOT = "account-0";
const OPENING_CENTS = 1_000;

const MUST_HAPPEN: readonly string[] = [
  "deployed back",
  "deployed forward",
  "entry parked, unknown",
  "operator redrove",
  "operator skipped",
  "subscription paused",
];

/** A small bank that uses everything a store is for: what a new store is simulated with. `kind` is the handle the store gives. */
export function reference(kind: RawHandle["kind"]): Simulation {
  return { scenario: (world) => scenario(kind, world), mustHappen: MUST_HAPPEN, faults: { restart: 0.001 } };
}

function scenario(kind: RawHandle["kind"], { random }: World): Scenario {
  const notary = new NotaryOffice();
  const { limits, suspiciousAbove } = MANNERS[random.u32() % MANNERS.length] as Manner;
  const options = { notary: () => notary.desk(), suspiciousAbove };
  return {
    app: bank(kind, options),
    earlier: bank(kind, { ...options, sent: FirstMoneySent }),
    limits,
    clients: Array.from({ length: CLIENTS }, (_, i) => (client: Client) => pay(client, i)),
    operator: { skips: ["ledger.screen"] },
    invariants: (settled) => judge(settled, notary),
    mayDie: (entry, subscription) =>
      subscription === "ledger.screen" && centsOf(JSON.parse(entry.body)) > suspiciousAbove,
  };
}

interface Manner {
  readonly limits: Partial<Limits>;
  readonly suspiciousAbove: number;
}

/** With the usual room; with so little that lanes and batches are always full; with so few places for parked entries that lanes stop at times. */
const MANNERS: readonly Manner[] = [
  { limits: {}, suspiciousAbove: 350 },
  { limits: { unitLimitMs: 0, inFlight: 3, batchUnits: 4, retries: 1 }, suspiciousAbove: 350 },
  {
    limits: {
      unitLimitMs: 0,
      inFlight: 8,
      parkedRows: 3,
      circuitKeys: 2,
      circuitPauseMs: 200,
      circuitPauseCapMs: 2_000,
    },
    suspiciousAbove: Infinity,
  },
];

async function pay(client: Client, index: number): Promise<void> {
  const own = `account-${index}`;
  await client.command(OpenAccount, { accountId: own, cents: OPENING_CENTS });
  for (let i = 0; i < TRANSFERS; i += 2) {
    await client.sleep(client.random.u32() % 400);
    await Promise.all([0, 1].map((j) => client.command(Transfer, transferOf(client, own, `${index}-${i + j}`))));
  }
}

function transferOf(
  client: Client,
  source: string,
  transferId: string,
): { transferId: string; source: string; target: string; cents: number } {
  const dice = client.random.u32();
  const target = dice % 2 === 0 ? HOT : `account-${dice % (CLIENTS + 1)}`;
  return { transferId, source, target, cents: 1 + ((dice >>> 8) % 400) };
}

async function judge({ client, history }: Settled, notary: NotaryOffice): Promise<readonly string[]> {
  const sent = history.filter(({ event, operation }) => event === "ok" && operation === Transfer.name);
  const transfers = new Set(sent.map(({ key }) => key)).size;
  const accounts = valueOf(await client.query(AccountTotals, {}));
  const ledger = valueOf(await client.query(LedgerTotals, {}));
  const statements = valueOf(await client.query(StatementTotals, {}));
  const expected: readonly (readonly [what: string, found: number, expected: number])[] = [
    ["transfers that are there", accounts.transfers, transfers],
    ["cents held", accounts.held, accounts.opened + transfers],
    ["bonuses given", accounts.bonuses, transfers],
    ["lines of the ledger", ledger.lines, transfers],
    ["lines of statements", statements.lines, transfers],
    ["lines out of order", statements.outOfOrder, 0],
    ["bonuses noted", statements.bonuses, transfers],
  ];
  return [
    ...expected.flatMap(([what, found, right]) => (found === right ? [] : `${what}: ${found} instead of ${right}`)),
    ...notary.disagreements(JSON.parse(ledger.papers) as readonly Papers[]),
  ];
}

function valueOf<Value>(
  outcome: { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly code: string },
): Value {
  if (outcome.ok) return outcome.value;
  throw new Error(`A query of the judge was refused: ${outcome.code}`);
}
