import { ERROR_CODES } from "@banyan/core";
import { Flood } from "../log/flood.ts";
import { framesOf } from "../log/frames.ts";
import { belongsToUnit } from "../sqlite/unheard.ts";

/** What a process of its own runs, until it is told to stop or cannot go on. */
export interface Running {
  readonly failed: Promise<string>;
  readonly stop: () => Promise<void>;
}

export interface RunOptions {
  /** Tells what stray errors say, and not only where they come from: they may name people. For development. Default: no. */
  readonly words?: boolean;
}

const INTERRUPTED = 130;

/**
 * Owns the signals of this process for as long as an application runs in it. SIGTERM or SIGINT: drain, then 0; a second SIGINT ends at once.
 * Something nobody caught, or a store that cannot commit: say so, then 1; what was acknowledged is on disk, and the next start goes on from there.
 * A rejection that nobody handled is said, and ends nothing: it is of one handler, and the others have no part in it.
 */
export async function runProcess(begin: () => Promise<Running>, { words = false }: RunOptions = {}): Promise<number> {
  const said = words ? wordsOf : placesOf;
  const uncaught = (thrown: unknown): void => endBy(said(thrown));
  const unhandled = (reason: unknown): void => tellLost(reason, said);
  const told = Promise.withResolvers<number>();
  let interrupts = 0;
  const terminate = (): void => told.resolve(0);
  const interrupt = (): void => {
    if (++interrupts > 1) process.exit(INTERRUPTED);
    told.resolve(0);
  };
  process.on("SIGTERM", terminate).on("SIGINT", interrupt);
  process.on("uncaughtException", uncaught).on("unhandledRejection", unhandled);
  try {
    const running = await begin();
    const code = await Promise.race([told.promise, running.failed.then(() => 1)]);
    await running.stop();
    return code;
  } finally {
    process.off("SIGTERM", terminate).off("SIGINT", interrupt);
    process.off("uncaughtException", uncaught).off("unhandledRejection", unhandled);
  }
}

const lost = new Flood({ first: 10 });

/** A failed statement that a body forgot fails its unit, and nobody else. */
function tellLost(reason: unknown, said: (thrown: unknown) => string): void {
  if (belongsToUnit(reason)) return;
  lost.say(
    "rejection",
    () => say("rejection-lost", `A promise was rejected and nobody handled it.\n${said(reason)}`),
    (count) => say("rejection-lost", `${count} more promises were rejected and nobody handled them.`),
  );
}

function endBy(words: string): void {
  say("uncaught", `Something was thrown that nothing caught.\n${words}`);
  process.exit(1);
}

function say(code: "rejection-lost" | "uncaught", words: string): void {
  process.stderr.write(`banyan: ${code}: ${words}\n  remedy: ${ERROR_CODES[code].remedy}\n`);
}

function placesOf(thrown: unknown): string {
  return `${framesOf(thrown)}\n(what it says is told in development only: it may name people)`;
}

function wordsOf(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}
