import type { ParkState } from "./park.ts";

/** What the runtime says about itself, as plain data: logs, metrics and tests are made of it. Never payloads, never personal data. */
export type Signal =
  | {
      readonly name: "process.state";
      readonly state: "starting" | "ready" | "draining" | "stopped" | "failed";
      readonly reason?: string;
    }
  | { readonly name: "batch.committed"; readonly units: number; readonly entries: number; readonly ms: number }
  | { readonly name: "batch.rerun"; readonly units: number; readonly code: string }
  | {
      readonly name: "command.done";
      readonly operation: string;
      readonly commandId: string;
      readonly outcome: "result" | "replayed" | "refused" | "failed";
      readonly code?: string;
      readonly ms: number;
    }
  | {
      readonly name: "query.done";
      readonly operation: string;
      readonly outcome: "result" | "refused" | "failed";
      readonly code?: string;
      readonly ms: number;
    }
  | { readonly name: "entry.settled"; readonly subscription: string; readonly position: number; readonly id: string }
  | {
      readonly name: "entry.parked";
      readonly subscription: string;
      readonly position: number;
      readonly state: ParkState;
      readonly attempts: number;
      readonly code: string;
      readonly message: string;
    }
  | { readonly name: "entry.skipped"; readonly subscription: string; readonly position: number }
  | { readonly name: "key.released"; readonly subscription: string; readonly position: number }
  | { readonly name: "subscription.paused"; readonly subscription: string; readonly reason: string }
  | { readonly name: "subscription.resumed"; readonly subscription: string }
  | { readonly name: "subscription.rewound"; readonly subscription: string; readonly fence: number }
  | { readonly name: "log.trimmed"; readonly source: string; readonly entries: number }
  | { readonly name: "lane.idle"; readonly subscription: string; readonly pos: number }
  | {
      readonly name: "fault.injected";
      readonly fault: "commit-failed" | "reordered" | "delayed";
      readonly where: string;
    }
  | { readonly name: "warning"; readonly message: string };

/** Where signals go. */
export interface Telemetry {
  /** Never throws and never waits. */
  signal(signal: Signal): void;
}
