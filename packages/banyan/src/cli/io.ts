import { calledFrom } from "./called-from.ts";

/** What a command knows of the world around it. */
export interface Io {
  /** Writes to standard output as it is. */
  out(text: string): void;
  /** Writes to standard error as it is. */
  err(text: string): void;
  /** The folder the user stands in: relative paths of options begin here. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The world of this process. That nobody reads what it says any more (`| head`) ends no process that has other work. */
export function processIo(): Io {
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    cwd: calledFrom(process.cwd(), process.env),
    env: process.env,
  };
}
