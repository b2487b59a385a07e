import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { faultsIn, readLedgers } from "../crash/ledgers.ts";
import { repeatedEvents } from "../drill/judge.ts";
import { judge, median, type Judged } from "./judge.ts";
import type { Loaded, Phase } from "./load.ts";
import { reconcile, type Reconciled } from "./outcomes.ts";
import type { Second } from "./seconds.ts";
import { ServedShop } from "./served-shop.ts";
import { Watch, type Sample } from "./watch.ts";

export interface RunOptions {
  readonly data: string;
  readonly port: number;
  /** How long it is overloaded. */
  readonly seconds: number;
  /** By how many times the sustainable rate. */
  readonly times: number;
  /** How long it is watched afterwards. */
  readonly settleSeconds: number;
  readonly tell: (words: string) => void;
}

export interface Ran extends Judged {
  readonly orders: Reconciled;
  /** Health and an operator's question during the overload; null = one was not answered. */
  readonly healthMaxMs: number | null;
  readonly operatorMaxMs: number | null;
  readonly loopP99MaxMs: number;
  /** Entries that were not delivered yet, at most. */
  readonly lagMax: number;
  readonly rssAfterBytes: number;
  /** Of one processor, as far as the system tells. */
  readonly shopCpu: number | null;
  readonly senderCpu: number;
  /** Processor time of the shop for each order that was done in time: what others do to the machine is not in it, what refusals cost is. */
  readonly peakCpuMs: number | null;
  readonly overloadCpuMs: number | null;
  readonly connections: number;
}

const WARM_S = 10;
const LEVEL_S = 4;
/** How many clients take their turns while the peak is looked for. */
const LEVELS = [16, 32, 64, 128];
const PEAK_INTERVALS = 3;
const PEAK_S = 5;
const BEFORE_S = 10;
/** Of the peak, what is offered before and after. */
const EASY = 0.5;

/** The shop in a process of its own, the sender in another; both on this machine. */
export async function run(options: RunOptions): Promise<Ran> {
  const shop = new ServedShop(options.data, options.port);
  await shop.start();
  try {
    const { peaks, cpuMs } = await findPeak(shop, options);
    const measured = await overload(shop, median(peaks), options);
    const { rssBytes } = (await shop.health()).process;
    await shop.drained();
    await shop.stop();
    const orders = reconcile(shop.outcomes, orderIds(options.data));
    const faults = faultsOf(options.data);
    const judged = judge({ peaks, ...measured, orders, faults });
    const figures = figuresOf(measured);
    const overloadCpuMs = figures.shopCpu === null ? null : (figures.shopCpu * 1_000) / judged.goodPerSecond;
    return { ...judged, orders, ...figures, peakCpuMs: cpuMs, overloadCpuMs, rssAfterBytes: rssBytes };
  } finally {
    await shop.stop();
  }
}

interface Peak {
  readonly peaks: readonly number[];
  /** Processor time of the shop for each order. */
  readonly cpuMs: number | null;
}

/** The goodput of each interval at the number of clients at which it is best: more of them would only wait. */
async function findPeak(shop: ServedShop, { tell }: RunOptions): Promise<Peak> {
  const taking = async (clients: number, seconds: number, warm = 0): Promise<number> => {
    const phases: Phase[] = [...(warm > 0 ? [{ clients, seconds: warm }] : []), { clients, seconds }];
    return goodOf((await shop.load(phases)).seconds.slice(warm, warm + seconds));
  };
  const levels: (readonly [number, number])[] = [];
  for (const clients of LEVELS)
    levels.push([clients, await taking(clients, LEVEL_S, levels.length === 0 ? WARM_S : 0)]);
  const [clients] = levels.reduce((best, level) => (level[1] > best[1] ? level : best));
  const peaks: number[] = [];
  const cpuBefore = shop.cpuS;
  while (peaks.length < PEAK_INTERVALS) peaks.push(await taking(clients, PEAK_S));
  const words = levels.map(([count, good]) => `${count}: ${Math.round(good)}`).join(", ");
  tell(`Orders a second by clients: ${words}; at ${clients} ${peaks.map(Math.round).join(", ")}.`);
  const cpuS = cpuBefore === null || shop.cpuS === null ? null : shop.cpuS - cpuBefore;
  const good = PEAK_S * peaks.reduce((sum, perSecond) => sum + perSecond, 0);
  return { peaks, cpuMs: cpuS === null ? null : (cpuS * 1_000) / good };
}

interface Measured {
  readonly before: readonly Second[];
  readonly overload: readonly Second[];
  readonly after: readonly Second[];
  readonly samples: readonly Sample[];
  readonly loaded: Loaded;
}

async function overload(shop: ServedShop, peak: number, options: RunOptions): Promise<Measured> {
  const { seconds, times, settleSeconds, tell } = options;
  tell(`Offering ${Math.round(times * peak)} a second for ${seconds} s.`);
  const watch = new Watch(shop);
  const phases: Phase[] = [
    { perSecond: EASY * peak, seconds: BEFORE_S },
    { perSecond: times * peak, seconds },
    { perSecond: EASY * peak, seconds: settleSeconds },
  ];
  const loaded = await shop.load(phases).finally(() => watch.stop());
  const end = BEFORE_S + seconds;
  return {
    before: loaded.seconds.slice(0, BEFORE_S),
    overload: loaded.seconds.slice(BEFORE_S, end),
    after: loaded.seconds.slice(end),
    samples: (await watch.stop()).filter(({ atMs }) => atMs >= BEFORE_S * 1_000 && atMs < end * 1_000),
    loaded,
  };
}

function figuresOf({ samples, loaded }: Measured) {
  const most = (values: readonly (number | null)[]): number | null =>
    values.includes(null) ? null : Math.max(...(values as readonly number[]));
  const [first, last] = [samples[0], samples.at(-1)];
  const elapsedS = ((last?.atMs ?? 0) - (first?.atMs ?? 0)) / 1_000;
  const [from, to] = [first?.cpuS ?? null, last?.cpuS ?? null];
  return {
    healthMaxMs: most(samples.map(({ healthMs }) => healthMs)),
    operatorMaxMs: most(samples.map(({ operatorMs }) => operatorMs)),
    loopP99MaxMs: Math.max(...samples.map(({ loopP99Ms }) => loopP99Ms)),
    lagMax: Math.max(...samples.map(({ lag }) => lag)),
    shopCpu: from === null || to === null ? null : (to - from) / elapsedS,
    senderCpu: loaded.cpuS / loaded.seconds.length,
    connections: loaded.connections,
  };
}

function goodOf(seconds: readonly Second[]): number {
  return seconds.reduce((sum, { good }) => sum + good, 0) / seconds.length;
}

/** What the files say when everything has stopped. */
function faultsOf(data: string): readonly string[] {
  const repeated = repeatedEvents(join(data, "banyan.db"));
  return [...faultsIn(readLedgers(data)), ...(repeated > 0 ? [`events that an order has twice: ${repeated}`] : [])];
}

function* orderIds(data: string): Iterable<string> {
  using db = new DatabaseSync(join(data, "banyan.db"), { readOnly: true });
  for (const row of db.prepare("SELECT order_id AS id FROM orders_order").iterate()) yield String(row["id"]);
}
