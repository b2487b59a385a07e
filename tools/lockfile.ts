import { posix } from "node:path";

/** One package of `package-lock.json`, as far as it is asked here. */
export interface Locked {
  readonly name?: string;
  readonly version?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

export type Lockfile = Readonly<Record<string, Locked>>;

/** A package that an installation brings. */
export interface Brought {
  readonly place: string;
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly integrity: string | undefined;
  /** One of ours, by its folder. */
  readonly ours: boolean;
  /** There for some machines only. */
  readonly optional: boolean;
  /** Whom it stands on itself, by place. */
  readonly needs: readonly string[];
  /** Optional packages it names that the lockfile does not pin as they are named: binaries for machines it was not made on. */
  readonly unpinned: readonly string[];
}

interface Need {
  readonly name: string;
  readonly range: string;
  readonly optional: boolean;
}

/** What `npm install` of one of our packages brings beside itself, by place, with the package itself first. Throws for what the lockfile lacks. */
export function broughtBy(lockfile: Lockfile, folder: string): readonly Brought[] {
  const found = new Map<string, Brought>();
  const left = [{ place: folder, optional: false }];
  for (let next = left.shift(); next !== undefined; next = left.shift()) {
    const { place, optional } = next;
    if (found.has(place)) continue;
    const locked = lockfile[place] ?? {};
    const needs = needsOf(locked).map((need) => ({ ...need, at: placeOf(lockfile, place, need) }));
    const missing = needs.find((need) => need.at === undefined && !need.optional);
    if (missing !== undefined)
      throw new Error(`package-lock.json lacks ${missing.name}, which ${place} needs: run npm install`);
    const pinned = needs.flatMap(({ at, ...need }) =>
      at === undefined ? [] : [{ place: at, optional: need.optional }],
    );
    found.set(place, {
      place,
      name: locked.name ?? nameAt(place),
      version: locked.version ?? "",
      license: locked.license ?? "",
      integrity: locked.integrity,
      ours: !place.includes("node_modules/"),
      optional,
      needs: pinned.map((need) => need.place),
      unpinned: needs.filter(({ at }) => at === undefined).map(({ name }) => name),
    });
    left.push(...pinned.map((need) => ({ ...need, optional: optional || need.optional })));
  }
  return [...found.values()];
}

/** npm installs peers that are not optional, too. */
function needsOf({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta }: Locked): Need[] {
  const peers = Object.entries(peerDependencies ?? {}).filter(([name]) => !peerDependenciesMeta?.[name]?.optional);
  const must = { ...Object.fromEntries(peers), ...dependencies };
  return [
    ...Object.entries(must).map(([name, range]) => ({ name, range, optional: false })),
    ...Object.entries(optionalDependencies ?? {}).map(([name, range]) => ({ name, range, optional: true })),
  ];
}

/** Where Node would find it from there; undefined for an optional one that is pinned to another version than is named. */
function placeOf(lockfile: Lockfile, from: string, { name, range, optional }: Need): string | undefined {
  const place = foldersAbove(from)
    .map((folder) => `${folder}node_modules/${name}`)
    .find((candidate) => candidate in lockfile);
  const locked = lockfile[place ?? ""];
  if (locked?.link === true) return locked.resolved;
  return optional && /^\d/.test(range) && locked?.version !== range ? undefined : place;
}

/** `node_modules/a/node_modules/b` -> itself, `node_modules/a` and the root, each with its slash. */
function foldersAbove(place: string): string[] {
  const end = place.lastIndexOf("/node_modules/");
  return [`${place}/`, ...(end < 0 ? [""] : foldersAbove(place.slice(0, end)))];
}

/** npm leaves the name out where the folder says it. */
function nameAt(place: string): string {
  return place.includes("node_modules/") ? (place.split("node_modules/").at(-1) ?? "") : posix.basename(place);
}
