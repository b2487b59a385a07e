import type { ProcessQuarter } from "./shop-process.ts";
import type { Summary } from "./summary.ts";

/** The closing summary for people. */
export function reportOf(summary: Summary): string {
  const lines = [
    `replay: ${summary.verdict}`,
    ...summary.faults.map((fault) => `  ! ${fault}`),
    ...orderLines(summary),
    ...speedLines(summary),
    ...processLines(summary),
    ...checkLines(summary),
  ];
  return `${lines.join("\n")}\n`;
}

function orderLines({ orders, cancellations, stock, ...summary }: Summary): string[] {
  const malformed = Object.entries(summary.malformedRows).map(
    ([code, { count, firstLine }]) => `${code} ${count} (first in line ${firstLine})`,
  );
  const sent = `${orders.acknowledged} of ${orders.planned} acknowledged`;
  const unanswered = orders.unanswered > 0 ? `, ${orders.unanswered} without an answer` : "";
  const matched = `${cancellations.accepted} accepted, ${cancellations.unmatched} unmatched`;
  return [
    row("file", `${summary.file}: ${summary.rows} rows, ${summary.invoices} invoices`),
    ...(malformed.length > 0 ? [row("malformed rows", malformed.join(", "))] : []),
    row("stock", `${stock.set} set, ${stock.existing} were there${also("refused", stock.refused)}`),
    row("orders", `${sent}${unanswered}`),
    row("by outcome", list(orders.byStatus)),
    ...(isEmpty(orders.byReason) ? [] : [row("by reason", list(orders.byReason))]),
    row("refused", list(orders.refused)),
    row("not sent", list(orders.notSent)),
    row("cancellations", `${matched}${also("refused", cancellations.refused)}`),
  ];
}

function speedLines({ acceptedPerSecond, latencyMs, sendS, drainS, repeats }: Summary): string[] {
  const latency = latencyMs
    ? `p50 ${latencyMs.p50} ms, p90 ${latencyMs.p90} ms, p99 ${latencyMs.p99} ms, max ${latencyMs.max} ms`
    : "nothing measured";
  return [
    row("rate", `${acceptedPerSecond} orders accepted per second, over ${sendS} s`),
    row("POST /orders", latency),
    row("drain", drainS === null ? "not waited for" : `${drainS} s after the last answer`),
    row("asked again", list(repeats)),
  ];
}

function processLines({ shopProcess }: Summary): string[] {
  if (!shopProcess) return [row("shop process", "it tells nothing about itself")];
  const { rssFirstBytes, rssLastBytes, rssLastOverThird, quarters } = shopProcess;
  const memory = `${mebibytes(rssFirstBytes)} at first, ${mebibytes(rssLastBytes)} at last`;
  const ratio = rssLastOverThird === null ? "" : `, last quarter ${rssLastOverThird} times the third`;
  return [
    row("restarts seen", String(shopProcess.restartsSeen)),
    row("memory", `${memory}${ratio}`),
    row("  by quarter", quarters.map(({ rssMedianBytes }) => mebibytes(rssMedianBytes ?? null)).join(", ")),
    row("event-loop delay", `p99 by quarter ${quarters.map(delayOf).join(", ")}`),
  ];
}

function delayOf({ eventLoopDelayP99MsMedian: usual, eventLoopDelayP99MsMax: most }: ProcessQuarter): string {
  return usual === undefined || most === undefined ? "-" : `${usual.toFixed(1)} ms (max ${most.toFixed(1)})`;
}

function checkLines({ audit, lost, unsettled }: Summary): string[] {
  if (!audit || !lost || !unsettled) return [row("audit", "not taken"), row("acknowledged", "not checked")];
  const { orders, ...rest } = audit;
  const figures = Object.entries(rest).map(([name, value]) => `${name} ${value ?? "-"}`);
  return [
    row("audit", figures.join(", ")),
    row("  all orders", list(orders)),
    row("acknowledged", lost.length === 0 ? "0 lost" : `${lost.length} lost: ${lost.join(" ")}`),
    ...(unsettled.length > 0 ? [row("not ended", unsettled.join(" "))] : []),
  ];
}

const row = (name: string, text: string): string => `${name.padEnd(17)} ${text}`;

const isEmpty = (counts: Readonly<Record<string, number>>): boolean => Object.keys(counts).length === 0;

function list(counts: Readonly<Record<string, number>>): string {
  return isEmpty(counts)
    ? "none"
    : Object.entries(counts)
        .map(([name, count]) => `${name} ${count}`)
        .join(", ");
}

function also(what: string, counts: Readonly<Record<string, number>>): string {
  return isEmpty(counts) ? "" : `, ${what}: ${list(counts)}`;
}

function mebibytes(bytes: number | null): string {
  return bytes === null ? "-" : `${(bytes / 1024 / 1024).toFixed(0)} MiB`;
}
