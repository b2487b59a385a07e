import type { Settled } from "../simulation/simulation.ts";
import {
  AccountTotals,
  DiaryTotals,
  LedgerTotals,
  OrderTotals,
  SetOrder,
  StatementTotals,
  Transfer,
  TurnoverTotals,
} from "./contracts.ts";
import type { NotaryOffice, Papers } from "./notary.ts";

/** What a sound bank shows once all is settled: every cent, every line, every story. */
export async function judge({ client, history }: Settled, notary: NotaryOffice): Promise<readonly string[]> {
  const done = (operation: string): number =>
    new Set(history.filter((line) => line.event === "ok" && line.operation === operation).map(({ key }) => key)).size;
  const accounts = valueOf(await client.query(AccountTotals, {}));
  const ledger = valueOf(await client.query(LedgerTotals, {}));
  const statements = valueOf(await client.query(StatementTotals, {}));
  const standing = valueOf(await client.query(OrderTotals, {}));
  const turnover = valueOf(await client.query(TurnoverTotals, {}));
  const stories = JSON.parse(valueOf(await client.query(DiaryTotals, {})).stories) as readonly string[];
  const transfers = done(Transfer.name) + standing.paid - accounts.unpaid;
  const telling = (letter: string): number => stories.filter((story) => story.includes(letter)).length;
  return [
    ...unequal([
      ["transfers that are there", accounts.transfers, transfers],
      ["cents held", accounts.held, accounts.opened + transfers],
      ["bonuses given", accounts.bonuses, transfers],
      ["lines of the ledger", ledger.lines, transfers],
      ["lines of statements", statements.lines, transfers],
      ["lines out of order", statements.outOfOrder, 0],
      ["bonuses noted", statements.bonuses, transfers],
      ["turnover", turnover.received, accounts.received],
      ["orders that are there", standing.orders, done(SetOrder.name)],
      ["stories", stories.length, standing.orders],
      ["stories of payments", telling("p"), standing.paid],
      ["stories of cancellations", telling("c"), standing.cancelled],
    ]),
    ...stories.filter((story) => !POSSIBLE.test(story)).map((story) => `the diary has "${story}"`),
    ...notary.disagreements(JSON.parse(ledger.papers) as readonly Papers[]),
  ];
}

/** Set; then due and paid, or cancelled, before it was due or just in time. */
const POSSIBLE = /^s(dp|cd?|dc)?$/;

type Figure = readonly [what: string, found: number | string, expected: number | string];

function unequal(figures: readonly Figure[]): readonly string[] {
  return figures.flatMap(([what, found, right]) => (found === right ? [] : `${what}: ${found} instead of ${right}`));
}

function valueOf<Value>(
  outcome: { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly code: string },
): Value {
  if (outcome.ok) return outcome.value;
  throw new Error(`A query of the judge was refused: ${outcome.code}`);
}
