import { pino } from "pino";
import { prettyLine } from "./pretty-line.ts";

/** Plain data beside a message. Never payloads: ids, names, codes, counts and durations. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where a process says what happens to it. */
export interface Log {
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  /** `cause` is written with its stack; it is for the log only and never reaches a caller. */
  error(message: string, fields?: LogFields & { readonly cause?: unknown }): void;
}

/** `json`: one document per line, for machines. `pretty`: one line for people. */
export type LogForm = "json" | "pretty";

/** A log that writes whole lines, in the order they were said, before the call returns. */
export function openLog(form: LogForm, write: (line: string) => void): Log {
  const sink = form === "json" ? write : (line: string): void => write(prettyLine(line));
  const logger = pino(
    {
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      serializers: { cause: pino.stdSerializers.err },
    },
    { write: sink },
  );
  return {
    info: (message, fields = {}) => logger.info(fields, message),
    warn: (message, fields = {}) => logger.warn(fields, message),
    error: (message, fields = {}) => logger.error(fields, message),
  };
}

/** Standard output, written through: what was said before a crash is there after it. */
export function standardOutput(): (line: string) => void {
  const destination = pino.destination({ fd: 1, sync: true });
  // whoever read it has gone away: that must not end the process
  destination.on("error", () => {});
  return (line) => void destination.write(line);
}
