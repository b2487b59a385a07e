import { fieldOf } from "./answers.ts";
import type { Transport } from "./http.ts";
import { median } from "./figures.ts";

/** The shop's process as it describes itself in the readiness answer. */
export interface ProcessSample {
  readonly atMs: number;
  readonly rssBytes: number;
  readonly eventLoopDelayP99Ms: number | undefined;
  readonly uptimeS: number | undefined;
}

export interface ProcessQuarter {
  readonly samples: number;
  readonly rssMedianBytes: number | undefined;
  readonly eventLoopDelayP99MsMedian: number | undefined;
  readonly eventLoopDelayP99MsMax: number | undefined;
}

/** Asks once per second; a shop that is restarting or says nothing about its process leaves a gap. */
export class ProcessSampler {
  readonly samples: ProcessSample[] = [];
  readonly #transport: Transport;
  readonly #timer: NodeJS.Timeout;
  #asking = false;

  constructor(transport: Transport, everyMs: number = 1_000) {
    this.#transport = transport;
    this.#timer = setInterval(() => void this.sample(), everyMs);
    this.#timer.unref();
  }

  async sample(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      const { body } = await this.#transport.ask({ method: "GET", path: "/_banyan/health/ready", timeoutMs: 5_000 });
      const sample = sampleOf(body, performance.now());
      if (sample) this.samples.push(sample);
    } catch {
      // no answer is no sample; whether the shop is there is judged by the requests that matter
    } finally {
      this.#asking = false;
    }
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

function sampleOf(body: unknown, atMs: number): ProcessSample | undefined {
  const about = fieldOf(body, "process");
  const rssBytes = fieldOf(about, "rssBytes");
  if (typeof rssBytes !== "number") return undefined;
  const number = (name: string): number | undefined => {
    const value = fieldOf(about, name);
    return typeof value === "number" ? value : undefined;
  };
  return { atMs, rssBytes, eventLoopDelayP99Ms: number("eventLoopDelayP99Ms"), uptimeS: number("uptimeS") };
}

export function quartersOf(samples: readonly ProcessSample[], fromMs: number, toMs: number): ProcessQuarter[] {
  return [0, 1, 2, 3].map((quarter) => {
    const start = fromMs + ((toMs - fromMs) * quarter) / 4;
    const end = quarter === 3 ? Infinity : fromMs + ((toMs - fromMs) * (quarter + 1)) / 4;
    return quarterOf(samples.filter(({ atMs }) => atMs >= start && atMs < end));
  });
}

function quarterOf(samples: readonly ProcessSample[]): ProcessQuarter {
  const delays = samples.flatMap(({ eventLoopDelayP99Ms: delay }) => (delay === undefined ? [] : [delay]));
  return {
    samples: samples.length,
    rssMedianBytes: median(samples.map(({ rssBytes }) => rssBytes)),
    eventLoopDelayP99MsMedian: median(delays),
    eventLoopDelayP99MsMax: delays.length === 0 ? undefined : Math.max(...delays),
  };
}

/** An uptime that went back means another process answered. */
export function restartsSeen(samples: readonly ProcessSample[]): number {
  return samples.filter((sample, index) => {
    const before = samples[index - 1]?.uptimeS;
    return before !== undefined && sample.uptimeS !== undefined && sample.uptimeS < before;
  }).length;
}
