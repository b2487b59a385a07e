import { setTimeout as pause } from "node:timers/promises";
import { application, HOT, type Spread } from "./application.ts";
import { BY, open } from "./open.ts";

const EVERY_MS = 20;
const PARTS = 4;

export interface Live {
  readonly entries: number;
  readonly ms: number;
  readonly parked: number;
  /** From the emission to the effect, p99 in milliseconds, by quarter of the run. */
  readonly hotP99Ms: readonly number[];
  readonly othersP99Ms: readonly number[];
}

interface Delay {
  readonly hot: boolean;
  readonly ms: number;
}

/** Appends at a steady rate while a reader reads, and looks how late it is, for the hot key and for the others. */
export async function live(
  path: string,
  entries: number,
  by: { readonly rate: number; readonly spread: Spread },
): Promise<Live> {
  const { rate, spread } = by;
  const delays = new Map<number, Delay>();
  const seen = ({ at, key, position }: { at: number; key: string; position: number }): void =>
    void delays.set(position, { hot: key === HOT, ms: Date.now() - at });
  const { runtime, now, end } = await open(application({ spread, seen }), path);
  const began = now();
  for (let from = 0; from < entries;) {
    const due = Math.min(entries, Math.ceil(((now() - began) / 1_000) * rate));
    if (due > from) await runtime.execute({ operation: "source.fill", input: { from, count: due - from }, ...BY });
    from = Math.max(from, due);
    await pause(EVERY_MS);
  }
  while (runtime.status.lag > 0) await pause(EVERY_MS);
  const ms = now() - began;
  const { parked } = runtime.status;
  await end();
  const inOrder = [...delays].sort(([a], [b]) => a - b).map(([, delay]) => delay);
  const quarter = (hot: boolean): number[] => {
    const of = inOrder.filter((delay) => delay.hot === hot).map((delay) => delay.ms);
    const size = Math.ceil(of.length / PARTS);
    return Array.from({ length: PARTS }, (_, i) => p99(of.slice(i * size, (i + 1) * size)));
  };
  return { entries: delays.size, ms, parked, hotP99Ms: quarter(true), othersP99Ms: quarter(false) };
}

function p99(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? 0;
}
