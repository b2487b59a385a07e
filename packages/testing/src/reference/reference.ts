import type { Limits, RawHandle } from "@banyan/core";
import type { Client, Scenario, Simulation, World } from "../simulation/simulation.ts";
import { centsOf, CancelOrder, OpenAccount, SetOrder, Transfer } from "./contracts.ts";
import { bank } from "./bank.ts";
import { judge } from "./judge.ts";
import { NotaryOffice } from "./notary.ts";

const CLIENTS = 3;
const TRANSFERS = 8;
/** Standing orders of each client. */
const ORDERS = 3;
const LONGEST_ORDER_MS = 6_000;
/** Everybody pays here. */
const HOT = "account-0";
const OPENING_CENTS = 1_000;

const DRY_REPLAYED = ["accounts.credit", "ledger.book", "ledger.screen", "statements.reward", "turnover.add-up"];

const MUST_HAPPEN: readonly string[] = [
  "deployed back",
  "deployed forward",
  "entry parked, unknown",
  "forgot diary.glance",
  "log trimmed",
  "refused for its backlog",
  "operator redrove",
  "operator replayed",
  "operator skipped",
  "dry replay, failed",
  "dry replay, ok",
  "dry replay, skipped",
  "renamed to diary.follow",
  "renamed to diary.track",
  "schedule entered",
  "schedule entered after another start",
  "subscription paused",
  "subscription rewound",
];

/** A small bank that uses everything a store is for: what a new store is simulated with. `kind` is the handle the store gives. */
export function reference(kind: RawHandle["kind"]): Simulation {
  return { scenario: (world) => scenario(kind, world), mustHappen: MUST_HAPPEN, faults: { restart: 0.001 } };
}

function scenario(kind: RawHandle["kind"], { random }: World): Scenario {
  const notary = new NotaryOffice();
  const { limits, suspiciousAbove, hotTenths } = MANNERS[random.u32() % MANNERS.length] as Manner;
  const options = { notary: () => notary.desk(), suspiciousAbove, keep: "1s" };
  return {
    app: bank(kind, options),
    earlier: bank(kind, { ...options, isEarlier: true }),
    limits: { ...limits, retentionEveryMs: 400 },
    clients: Array.from({ length: CLIENTS }, (_, i) => (client: Client) => live(client, i, hotTenths)),
    operator: { skips: ["ledger.screen"], replays: ["turnover.add-up"], dryReplays: DRY_REPLAYED },
    invariants: (settled) => judge(settled, notary),
    mayDie: (entry, subscription) =>
      subscription === "ledger.screen" && centsOf(JSON.parse(entry.body)) > suspiciousAbove,
  };
}

interface Manner {
  readonly limits: Partial<Limits>;
  readonly suspiciousAbove: number;
  /** How many of ten transfers go to one account. */
  readonly hotTenths: number;
}

/** With the usual room; with so little that lanes, batches and budgets are always full; with so few places for parked entries that lanes stop at times. */
const MANNERS: readonly Manner[] = [
  { limits: {}, suspiciousAbove: 350, hotTenths: 5 },
  {
    limits: {
      unitLimitMs: 0,
      inFlight: 3,
      inFlightFloor: 1,
      inFlightBytes: 300,
      attemptTargetMs: 3,
      batchUnits: 4,
      retries: 1,
      backlogBytes: 1_200,
      backlogDelayMs: 100,
    },
    suspiciousAbove: 350,
    hotTenths: 9,
  },
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
    hotTenths: 5,
  },
];

async function live(client: Client, index: number, hotTenths: number): Promise<void> {
  const own = `account-${index}`;
  await client.command(OpenAccount, { accountId: own, cents: OPENING_CENTS });
  for (let i = 0; i < TRANSFERS; i += 2) {
    await client.sleep(client.random.u32() % 400);
    const transfers = [0, 1].map((j) => ({ transferId: `${index}-${i + j}`, ...payment(client, own, hotTenths) }));
    await Promise.all(transfers.map((transfer) => client.command(Transfer, transfer)));
    if (i < ORDERS * 2) await order(client, { orderId: `order-${index}-${i}`, ...payment(client, own, hotTenths) });
  }
}

interface Payment {
  readonly source: string;
  readonly target: string;
  readonly cents: number;
}

function payment({ random }: Client, source: string, hotTenths: number): Payment {
  const dice = random.u32();
  const target = dice % 10 < hotTenths ? HOT : `account-${(dice >>> 4) % (CLIENTS + 1)}`;
  return { source, target, cents: 1 + ((dice >>> 8) % 400) };
}

/** Mostly due within seconds, at times in three days; one in four is cancelled, which may come too late. */
async function order(client: Client, payment: Payment & { readonly orderId: string }): Promise<void> {
  const dice = client.random.u32();
  const waitMs = dice % 8 === 0 ? 3 * 86_400_000 : (dice >>> 8) % LONGEST_ORDER_MS;
  await client.command(SetOrder, { ...payment, cents: Math.min(payment.cents, 300), waitMs });
  if ((dice >>> 4) % 4 > 0) return;
  await client.sleep((dice >>> 12) % LONGEST_ORDER_MS);
  await client.command(CancelOrder, { orderId: payment.orderId });
}
