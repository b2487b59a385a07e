import { noteLoadedFiles } from "./loaded-files.ts";

/** Set by the supervisor of `banyan dev` for the processes it starts. */
export const WATCHED = "BANYAN_WATCHED";

/**
 * How one process of `banyan dev` takes over from another. The supervisor says when each step may be taken: `load` the code, `listen` on the
 * port, `open` the data.
 *
 * I1. A process is told to listen once its predecessor has left the port, and to open once that has left the data or has ended.
 * I2. Before it is told to listen it holds nothing that anybody waits for: it may be killed.
 */
export type Step = "load" | "listen" | "open";

/** How far a process is: its code is loaded and registers; it serves; it takes no connection any more; its data is closed. */
export type Stage = "prepared" | "serving" | "off-port" | "off-data";

/** What a process says to its supervisor. */
export type Said = { readonly stage: Stage } | { readonly loaded: readonly string[] };

export interface SupervisorLink {
  readonly watched: boolean;
  /** Resolves when the step may be taken. */
  readonly may: (step: Step) => Promise<void>;
  /** Says which files the application is made of, also when it could not be loaded. */
  readonly tellFiles: () => void;
  readonly tell: (stage: Stage) => void;
  readonly leave: () => void;
}

/** The link to the supervisor, or one that waits for nothing where there is none. */
export function connectToSupervisor(env: Readonly<Record<string, string | undefined>>): SupervisorLink {
  if (env[WATCHED] !== "1" || process.send === undefined) {
    return { watched: false, may: async () => {}, tellFiles: () => {}, tell: () => {}, leave: () => {} };
  }
  const files = noteLoadedFiles();
  const steps = {
    load: Promise.withResolvers<void>(),
    listen: Promise.withResolvers<void>(),
    open: Promise.withResolvers<void>(),
  };
  let opened = false;
  const told = (step: Step): void => {
    opened ||= step === "open";
    steps[step].resolve();
  };
  const abandoned = (): void => void (opened ? process.kill(process.pid, "SIGTERM") : process.exit(0));
  process.on("message", told).on("disconnect", abandoned);
  const send = (said: Said): void => void (process.connected && process.send?.(said));
  return {
    watched: true,
    may: (step) => steps[step].promise,
    tellFiles: () => send({ loaded: [...files] }),
    tell: (stage) => send({ stage }),
    leave: () => {
      process.off("message", told).off("disconnect", abandoned);
      if (process.connected) process.disconnect?.();
    },
  };
}
