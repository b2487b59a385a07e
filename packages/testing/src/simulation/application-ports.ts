import type { App } from "@banyan/core";
import type { PortCalls } from "./port-calls.ts";

/** The application with every asynchronous function of its ports made a call that crashes, pauses and delays may strike. */
export function throughCalls(app: App, calls: PortCalls): App {
  return {
    ...app,
    ports: async (environment) => {
      const byContext = ((await app.ports(environment)) ?? {}) as Record<string, Record<string, unknown>>;
      return mapValues(byContext, (ports, context) =>
        mapValues(ports, (port, name) => portThrough(port, `${context}.${name}`, calls)),
      );
    },
  };
}

function portThrough(port: unknown, label: string, calls: PortCalls): unknown {
  if (typeof port === "function") return functionThrough(port as Callable, label, calls);
  if (typeof port !== "object" || port === null) return port;
  return new Proxy(port, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function"
        ? functionThrough(value.bind(target) as Callable, `${label}.${String(name)}`, calls)
        : value;
    },
  });
}

type Callable = (...values: unknown[]) => unknown;

/**
 * What answers at once is left alone: nobody can crash in the midst of it. A function that is not declared `async` tells only by its answer
 * that it answers later; its effect then comes before anything can strike.
 */
function functionThrough(called: Callable, label: string, calls: PortCalls): Callable {
  if (called.constructor.name === "AsyncFunction")
    return (...values) => calls.run(label, async () => called(...values));
  return (...values) => {
    const answer = called(...values);
    if (!(answer instanceof Promise)) return answer;
    answer.catch(() => {});
    return calls.run(label, () => answer);
  };
}

function mapValues<T, U>(record: Readonly<Record<string, T>>, map: (value: T, name: string) => U): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value, name)]));
}
