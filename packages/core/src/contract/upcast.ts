import type { EventContract } from "./event.ts";

export type Upcasted = { readonly ok: true; readonly data: unknown } | { readonly ok: false; readonly why: string };

/**
 * Data of this or an earlier version, as a newer one has it: each link in turn. The data is handed over. A link that fails is named without what it
 * threw, which may repeat the data.
 */
export function upcasted(contract: EventContract, version: number, data: unknown): Upcasted {
  let current = data;
  for (let from = version; from < contract.version; from++) {
    const link = Object.hasOwn(contract.upcast, from) ? contract.upcast[from] : undefined;
    if (typeof link !== "function") return { ok: false, why: missing(contract, { version, from }) };
    try {
      current = link(current);
    } catch {
      return { ok: false, why: `its upcast from version ${from} threw` };
    }
    if (isThenable(current)) {
      current.then(undefined, () => {});
      return { ok: false, why: `its upcast from version ${from} is asynchronous` };
    }
  }
  return { ok: true, data: current };
}

function missing(contract: EventContract, at: { readonly version: number; readonly from: number }): string {
  return `it has version ${at.version}, this code reads ${contract.version} and has no upcast from version ${at.from}`;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";
}

/** What is wrong with the chain itself: each link leads from an earlier version, and none is missing after the first. */
export function chainFaults({ version, upcast }: Pick<EventContract, "version" | "upcast">): string[] {
  const links = Object.entries(upcast);
  const isEarlier = (from: string): boolean => isVersion(from) && Number(from) < version;
  const faults = links.flatMap(([from, link]) => {
    if (!isEarlier(from)) return [`has an upcast from "${from}", which is no version before ${version}`];
    return typeof link === "function" ? [] : [`has an upcast from version ${from} that is not a function`];
  });
  const known = new Set(links.map(([from]) => from).filter(isEarlier));
  const first = Math.min(...Array.from(known, Number));
  for (let from = first; from < version; from++) {
    if (!known.has(String(from))) return [...faults, `has upcasts from version ${first} and none from ${from}`];
  }
  return faults;
}

/** Whether the name of a field of `upcast` or `samples` is a version. */
export const isVersion = (name: string): boolean => /^[1-9]\d*$/.test(name);
