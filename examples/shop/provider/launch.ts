import { spawn } from "node:child_process";
import { closeSync, openSync, mkdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Agent } from "node:http";
import { exchange } from "./exchange.ts";
import { type Place, providerFolder, readPlace } from "./place.ts";

export interface LaunchedProvider {
  readonly pid: number;
  readonly port: number;
  /** True when a provider was already serving the folder, for example after the shop was killed. */
  readonly adopted: boolean;
  /** Ends the provider, adopted or not. Safe to call twice, and when it has ended by itself. */
  stop(): Promise<void>;
}

export interface LaunchOptions {
  readonly data: string;
  readonly idleSeconds?: number;
  /** How long it may take to answer /health. Default 10000. */
  readonly withinMs?: number;
}

/** Starts the provider of a data folder as a process that outlives this one, unless one already serves it. */
export async function launchProvider(options: LaunchOptions): Promise<LaunchedProvider> {
  const running = await findProvider(options.data);
  if (running) return launched(running, true);
  const child = start(options);
  const place = await untilServing(options, child);
  return launched(place, place.pid !== child.pid);
}

function launched(place: Place, adopted: boolean): LaunchedProvider {
  return { ...place, adopted, stop: () => stop(place) };
}

interface Started {
  readonly pid: number | undefined;
  /** When it ended by itself, on the monotonic clock. */
  readonly endedAt: () => number;
}

function start({ data, idleSeconds }: LaunchOptions): Started {
  mkdirSync(providerFolder(data), { recursive: true });
  const log = openSync(logFile(data), "a", 0o600);
  const idle = idleSeconds === undefined ? [] : ["--idle-seconds", String(idleSeconds)];
  const args = [join(import.meta.dirname, "main.ts"), "--data", resolve(data), ...idle];
  // its own process group: Ctrl-C in the terminal reaches the shop, which then stops it in order
  const child = spawn(process.execPath, args, { detached: true, stdio: ["ignore", log, log] });
  closeSync(log);
  let endedAt = Infinity;
  const ended = (): number => (endedAt = performance.now());
  child.on("exit", ended);
  child.on("error", ended);
  child.unref();
  return { pid: child.pid, endedAt: () => endedAt };
}

/** When another start wins the folder, our child ends at once and the winner, which may still be starting, is adopted. */
async function untilServing({ data, withinMs = 10_000 }: LaunchOptions, child: Started): Promise<Place> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const place = await findProvider(data);
    if (place) return place;
    if (performance.now() > Math.min(deadline, child.endedAt() + 1_500)) throw new Error(notServing(data));
    await pause(25);
  }
}

function notServing(data: string): string {
  const tail = readFileSync(logFile(data), "utf8").trim().split("\n").slice(-3).join("\n");
  return `The payment provider did not start. Its last words in ${logFile(data)}:\n${tail}`;
}

/** The provider that answers for this folder right now; a port file alone proves nothing. */
async function findProvider(data: string): Promise<Place | undefined> {
  const place = readPlace(data);
  return place && (await answers(place)) ? place : undefined;
}

async function answers(place: Place, withinMs = 1_000): Promise<boolean> {
  const agent = new Agent({ keepAlive: false });
  try {
    const { body } = await exchange(place.port, agent, { method: "GET", path: "/health", timeoutMs: withinMs });
    return (JSON.parse(body) as { pid?: unknown }).pid === place.pid;
  } catch {
    return false;
  }
}

/** Signals the pid only after /health confirmed it, because a pid may have been given to another process since. */
async function stop(place: Place): Promise<void> {
  // one that is busy is waited for: it would go on alone
  if (!(await answers(place, 5_000))) return;
  send(place.pid, "SIGTERM");
  const deadline = performance.now() + 5_000;
  while (isAlive(place.pid)) {
    if (performance.now() > deadline) return send(place.pid, "SIGKILL");
    await pause(20);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

const logFile = (data: string): string => join(providerFolder(data), "log");

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
