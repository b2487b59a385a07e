import { AsyncLocalStorage } from "node:async_hooks";
import nodeProcesses from "node:child_process";
import nodeCrypto from "node:crypto";
import nodeDns from "node:dns";
import nodeFs from "node:fs";
import filesPromises from "node:fs/promises";
import nodeHttp from "node:http";
import nodeHttps from "node:https";
import { syncBuiltinESMExports } from "node:module";
import nodeNet from "node:net";
import nodeTimers from "node:timers";
import timersPromises from "node:timers/promises";
import nodeZlib from "node:zlib";

const TIMERS = ["setTimeout", "setInterval", "setImmediate"];
const SUBTLE =
  "decrypt deriveBits deriveKey digest encrypt exportKey generateKey importKey sign unwrapKey verify wrapKey";
const CHANCE = "randomUUID randomBytes randomInt randomFill randomFillSync";
/** They are done beside the event loop, in an order of their own. */
const BESIDE = "pbkdf2 scrypt hkdf generateKey generateKeyPair";
const FILES = "access appendFile copyFile mkdir open readFile readdir rename rm stat unlink writeFile";
const ZIPS = "brotliCompress brotliDecompress deflate gzip gunzip inflate unzip";

/** What would let real time, real chance or the outside into a run. */
const GUARDED: readonly (readonly [module: string, owner: object, names: readonly string[]])[] = [
  ["Math.", Math, ["random"]],
  ["performance.", performance, ["now"]],
  ["process.hrtime.", process.hrtime, ["bigint"]],
  ["process.", process, ["hrtime", "uptime"]],
  ["crypto.", crypto, ["randomUUID", "getRandomValues"]],
  ["crypto.subtle.", crypto.subtle, SUBTLE.split(" ")],
  ["AbortSignal.", AbortSignal, ["timeout"]],
  ["", globalThis, [...TIMERS, "fetch"]],
  ["node:crypto ", nodeCrypto, `${CHANCE} ${BESIDE}`.split(" ")],
  ["node:timers ", nodeTimers, TIMERS],
  ["node:timers/promises ", timersPromises, TIMERS],
  ["node:timers/promises scheduler.", timersPromises.scheduler, ["wait", "yield"]],
  ["node:fs ", nodeFs, FILES.split(" ")],
  ["node:fs/promises ", filesPromises, FILES.split(" ")],
  ["node:zlib ", nodeZlib, ZIPS.split(" ")],
  ["node:dns ", nodeDns, ["lookup", "resolve"]],
  ["node:net ", nodeNet, ["connect", "createConnection"]],
  ["node:http ", nodeHttp, ["request", "get"]],
  ["node:https ", nodeHttps, ["request", "get"]],
  ["node:child_process ", nodeProcesses, ["spawn", "exec", "execFile", "fork"]],
];

const simulated = new AsyncLocalStorage<(leak: string) => void>();
let users = 0;
let undo: (() => void)[] = [];

/**
 * Runs `body` with real time and chance out of its reach: whatever it calls, directly or later, gets an error that names the call, and
 * `leaked` hears of it. Code outside `body`, such as a test runner's, is not affected.
 */
export async function guarded<T>(leaked: (leak: string) => void, body: () => Promise<T>): Promise<T> {
  return whileReplaced(() => simulated.run(leaked, body));
}

/** Keeps the replacements in place for many runs: putting them there takes longer than a short run. */
export async function whileReplaced<T>(body: () => Promise<T>): Promise<T> {
  if (users++ === 0) replaceAll();
  try {
    return await body();
  } finally {
    if (--users === 0) restoreAll();
  }
}

function replaceAll(): void {
  const functions = GUARDED.flatMap(([module, owner, names]) =>
    names.map((name) => replace(owner, name, guard(module + name))),
  );
  undo = [...functions, replace(globalThis, "Date", guardedDate)];
  syncBuiltinESMExports();
}

function restoreAll(): void {
  for (const restore of undo.splice(0)) restore();
  syncBuiltinESMExports();
}

type Callable = (...values: unknown[]) => unknown;

function replace(owner: object, name: string, by: (real: never) => unknown): () => void {
  const own = Object.getOwnPropertyDescriptor(owner, name);
  const value = by(Reflect.get(owner, name) as never);
  Object.defineProperty(owner, name, { value, configurable: true, writable: true });
  return () => {
    if (own === undefined) Reflect.deleteProperty(owner, name);
    else Object.defineProperty(owner, name, own);
  };
}

function guard(name: string): (real: Callable) => Callable {
  return (real) => {
    const guarded = function (this: unknown, ...values: unknown[]): unknown {
      refuse(name);
      return real.apply(this, values);
    };
    // such as hrtime.bigint, and what a function is promisified to
    return Object.defineProperties(guarded, Object.getOwnPropertyDescriptors(real));
  };
}

/** A date of a given time is harmless; one of now is not. */
function guardedDate(real: DateConstructor): DateConstructor {
  const now = guard("Date.now")(real.now);
  return new Proxy(real, {
    get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
    construct: (target, values, made) => {
      if (values.length === 0) refuse("new Date()");
      return Reflect.construct(target, values, made) as object;
    },
    apply: (target) => {
      refuse("Date()");
      return target();
    },
  });
}

function refuse(name: string): void {
  const leaked = simulated.getStore();
  if (leaked === undefined) return;
  leaked(name);
  throw new Error(
    `${name} was called in a simulation, which must not depend on it; the clock, random and turn ports are its own.`,
  );
}
