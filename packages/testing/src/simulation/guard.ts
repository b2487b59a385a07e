import { AsyncLocalStorage } from "node:async_hooks";
import nodeCrypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import nodeTimers from "node:timers";
import timersPromises from "node:timers/promises";

/** What would let real time or real chance into a run. */
const GUARDED: readonly (readonly [module: string, owner: object, names: readonly string[]])[] = [
  ["Math.", Math, ["random"]],
  ["performance.", performance, ["now"]],
  ["crypto.", crypto, ["randomUUID", "getRandomValues"]],
  ["crypto.subtle.", crypto.subtle, ["digest", "sign", "encrypt"]],
  ["", globalThis, ["setTimeout", "setInterval", "setImmediate"]],
  ["node:crypto ", nodeCrypto, ["randomUUID", "randomBytes", "randomInt", "randomFillSync"]],
  ["node:timers ", nodeTimers, ["setTimeout", "setInterval", "setImmediate"]],
  ["node:timers/promises ", timersPromises, ["setTimeout", "setInterval", "setImmediate"]],
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
  return (real) =>
    function (this: unknown, ...values) {
      refuse(name);
      return real.apply(this, values);
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
