import { noteLoadedFiles } from "./loaded-files.ts";

/** Set by the supervisor of `banyan dev` for the process it starts again and again. */
export const WATCHED = "BANYAN_WATCHED";

/** What the process says to its supervisor. */
export interface LoadedFiles {
  readonly loaded: readonly string[];
}

export interface SupervisorLink {
  /** Says which files the application is made of, also when it could not be loaded. */
  readonly tellFiles: () => void;
  readonly leave: () => void;
}

/** The link to the supervisor, or one that does nothing where there is none. */
export function connectToSupervisor(env: Readonly<Record<string, string | undefined>>): SupervisorLink {
  if (env[WATCHED] !== "1" || process.send === undefined) return { tellFiles: () => {}, leave: () => {} };
  const files = noteLoadedFiles();
  const abandoned = (): void => void process.kill(process.pid, "SIGTERM");
  process.on("disconnect", abandoned);
  return {
    tellFiles: () => {
      const message: LoadedFiles = { loaded: [...files] };
      process.send?.(message);
    },
    leave: () => {
      process.off("disconnect", abandoned);
      if (process.connected) process.disconnect?.();
    },
  };
}
