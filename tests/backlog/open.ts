import { jsonCodec, Runtime, type App } from "@banyan/core";
import { nodeClock, nodeRandom, nodeTurn, sqlite } from "@banyan/node";

export interface Opened {
  readonly runtime: Runtime;
  /** Entries whose effects were committed, as the runtime said it of each. */
  readonly settled: () => number;
  readonly now: () => number;
  readonly end: () => Promise<void>;
}

/** The application on the real store in a folder, started. */
export async function open(app: App, path: string): Promise<Opened> {
  const clock = nodeClock();
  let settled = 0;
  const telemetry = {
    signal: ({ name }: { readonly name: string }): void => {
      if (name === "entry.settled") settled++;
    },
  };
  const platform = {
    clock,
    telemetry,
    random: nodeRandom(),
    turn: nodeTurn(),
    codec: jsonCodec,
    store: sqlite({ path }),
  };
  const runtime = new Runtime(app, { platform, data: path });
  await runtime.start();
  const end = async (): Promise<void> => {
    await runtime.stop();
    clock.release();
  };
  return { runtime, settled: () => settled, now: () => clock.mono(), end };
}

export const BY = { principal: { id: "guest", roles: [] }, tenant: "default", headers: {} } as const;
