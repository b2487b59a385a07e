import { appendFileSync } from "node:fs";
import type { Store, StoreTransaction } from "@banyan/core";
import { runProcess, serve, sqlite } from "banyan";
import type { TillPlan } from "./till-child.ts";
import { tillApp, type Trouble } from "./till.ts";

/** The program of `TillChild`: tills in a process of their own, with the trouble that its plan asks for. */
const plan = JSON.parse(process.argv[2] ?? "{}") as TillPlan;
let times = 0;

/** Nothing of this process runs after this, and nothing is flushed or closed. */
function die(): void {
  process.kill(process.pid, "SIGKILL");
}

function dieAtThe(nth: number | undefined): void {
  if (++times === nth) die();
}

const pay = (key: string): string => {
  appendFileSync(plan.outside ?? "", `${key}\n`);
  if (plan.dies === "after it has acted outside") dieAtThe(plan.at);
  return "paid";
};

const troubles: Readonly<Record<string, Trouble>> = {
  "before its commit": { booked: () => dieAtThe(plan.at) },
  "after it has acted outside": {
    before: (sale, { once }) => once("pay", { idempotent: true }, ({ key }) => pay(`${sale.till}/${sale.n} ${key}`)),
  },
  "that acts outside slowly": {
    before: (sale, { once }) =>
      once("pay", { idempotent: true }, async ({ key }) => {
        await new Promise((resolve) => setTimeout(resolve, 300));
        return pay(`${sale.till}/${sale.n} ${key}`);
      }),
  },
  "that computes for long": {
    booked: ({ sale }) => {
      const until = performance.now() + (sale.note === "long" ? (plan.blockMs ?? 0) : 0);
      while (performance.now() < until);
    },
  },
  "that loses a rejection": {
    before: (sale) => {
      if (sale.note === "lost") void Promise.reject(new Error(`lost by ${sale.till}`));
    },
    booked: ({ sale }) => {
      if (sale.note === "lost") void Promise.reject(new Error(`lost again by ${sale.till}`));
    },
  },
};

/** Dies when the disk has the `at`-th commit and before anybody is told: not the caller, not the subscriptions. */
function dyingAfterCommit(inner: Store): Store {
  const begin = async (): Promise<StoreTransaction> => {
    const transaction = await inner.begin();
    const commit = async (): Promise<void> => {
      await transaction.commit();
      dieAtThe(plan.at);
    };
    return replaced(transaction, { commit });
  };
  return replaced(inner, { begin });
}

function replaced<T extends object>(inner: T, methods: Partial<T>): T {
  const get = (target: T, name: string | symbol): unknown => {
    const value: unknown = Reflect.get(methods, name) ?? Reflect.get(target, name, target);
    return typeof value === "function" ? value.bind(target) : value;
  };
  return new Proxy(inner, { get });
}

const sound = sqlite({ path: plan.data, readLimitMs: plan.readLimitMs ?? 5_000 });
process.exitCode = await runProcess(async () => {
  const served = await serve(tillApp(troubles[plan.dies ?? plan.with ?? ""]), {
    mode: "start",
    data: plan.data,
    port: 0,
    env: {},
    store: plan.dies === "after its commit" ? dyingAfterCommit(sound) : sound,
    limits: plan.limits ?? {},
  });
  process.stdout.write(`serving at ${served.url}\n`);
  return served;
});
