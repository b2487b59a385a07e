import { type Brought, broughtBy, type Lockfile } from "./lockfile.ts";
import { table } from "./markdown.ts";

/**
 * Why each package has each of its direct runtime dependencies. A peer is one that the application chooses and has anyway. Who adds one says here
 * what it does that is not worth writing.
 */
export const REASONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "@banyan/core": {},
  "@banyan/node": {
    "@hono/node-server": "turns Node's requests into `Request` and answers back, streams and aborts included",
    hono: "the router of the HTTP edge; nothing of it is in what users write",
    jose: "judges signed tokens and fetches public keys: cryptography is not ours to write",
    pino: "writes the lines of the log, whatever is in them (cycles, errors with causes), in a form other tools read",
  },
  banyan: {
    "oxc-parser":
      "reads sources for `banyan check`; TypeScript 7 has no interface for it. Loaded only where sources are read",
  },
  "@banyan/kysely": { kysely: "the library this is the handle of" },
  "@banyan/drizzle": { "drizzle-orm": "the library this is the handle of" },
  "@banyan/prisma": {
    "@prisma/client": "the library this is the handle of",
    "@prisma/driver-adapter-utils": "the types of an adapter, and the errors that the client understands",
  },
  "@banyan/testing": {
    "fast-check": "optional: only the suites that make up their cases need it",
    vitest: "optional: only the conformance suites need it",
  },
};

/** Licences that ask for no more than to be named. Another one is a decision, and is made before it is added here. */
export const LICENCES: readonly string[] = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"];

/** What `npm install banyan` may bring of others, at most: direct dependencies of our packages, and packages in all. */
const MOST_DIRECT = 5;
const MOST_PACKAGES = 18;

/** npm runs these of a package that somebody installs; `prepare` only of one that is in a repository. */
export const INSTALL_SCRIPTS: readonly string[] = ["preinstall", "install", "postinstall"];

export interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly scripts?: Readonly<Record<string, string>>;
}

/** What the dependencies are judged by. */
export interface Supply {
  readonly lockfile: Lockfile;
  /** Our packages, by folder. */
  readonly packages: ReadonlyMap<string, Manifest>;
  /** Scripts that an installed package runs when it is installed; none for one that this machine does not have. */
  readonly scriptsAt: (place: string) => readonly string[];
}

interface Direct {
  readonly by: string;
  readonly name: string;
  readonly peer: boolean;
  readonly reason: string | undefined;
}

/** What is wrong with what we bring to whoever installs us. */
export function dependencyProblems({ lockfile, packages, scriptsAt }: Supply): string[] {
  const direct = [...packages.values()].flatMap(directOf);
  const brought = allBrought({ lockfile, packages });
  return [
    ...direct
      .filter(({ reason }) => reason === undefined)
      .map(({ by, name }) => `${by} depends on ${name} without a reason`),
    ...[...packages.values()].flatMap(floating),
    ...goneReasons([...packages.values()]),
    ...brought
      .filter(({ license }) => !LICENCES.includes(license))
      .map(({ name, license }) => `${name} has the licence "${license}", which is not one of ${LICENCES.join(", ")}`),
    ...brought
      .filter(({ place }) => lockfile[place]?.hasInstallScript === true || scriptsAt(place).length > 0)
      .map(({ name, place }) => `${name} runs scripts when it is installed: ${scriptsAt(place).join(", ")}`),
    ...tooMany({ lockfile, packages }),
  ];
}

/** A peer is a range, since the application chooses. */
function floating({ name: by, dependencies = {} }: Manifest): string[] {
  const ranges = Object.entries(dependencies).filter(([, range]) => !/^\d+\.\d+\.\d+$/.test(range));
  return ranges.map(([name, range]) => `${by} depends on ${name} ${range}, which is not one version`);
}

function goneReasons(manifests: readonly Manifest[]): string[] {
  return Object.entries(REASONS).flatMap(([by, reasons]) => {
    const manifest = manifests.find(({ name }) => name === by);
    const listed = manifest === undefined ? [] : directOf(manifest).map(({ name }) => name);
    const gone = Object.keys(reasons).filter((name) => !listed.includes(name));
    return gone.map((name) => `there is a reason for ${name} of ${by}, which does not depend on it`);
  });
}

function tooMany({ lockfile, packages }: Pick<Supply, "lockfile" | "packages">): string[] {
  const installed = broughtBy(lockfile, folderOf(packages, "banyan"));
  const others = installed.filter(({ ours, optional }) => !ours && !optional);
  const direct = [...packages.values()]
    .filter(({ name }) => installed.some((one) => one.ours && one.name === name))
    .flatMap(directOf);
  return [
    ...(direct.length > MOST_DIRECT ? [`banyan has ${direct.length} direct dependencies, over ${MOST_DIRECT}`] : []),
    ...(others.length > MOST_PACKAGES ? [`banyan brings ${others.length} packages, over ${MOST_PACKAGES}`] : []),
  ];
}

/** Those of others, in the order of the manifest; a package of ours is no dependency but a part. */
function directOf({ name: by, dependencies = {}, peerDependencies = {} }: Manifest): Direct[] {
  const all = [...Object.keys(dependencies), ...Object.keys(peerDependencies)];
  return all
    .filter((name) => !(name in REASONS))
    .map((name) => ({ by, name, peer: name in peerDependencies, reason: REASONS[by]?.[name] }));
}

/** Of all our packages together, each once. */
function allBrought({ lockfile, packages }: Pick<Supply, "lockfile" | "packages">): readonly Brought[] {
  const all = [...packages.keys()].flatMap((folder) => broughtBy(lockfile, folder));
  return [...new Map(all.map((one) => [one.place, one])).values()];
}

/** The table of direct dependencies, in Markdown. */
export function directTable({ lockfile, packages, scriptsAt }: Supply): string {
  const rows = [...packages].flatMap(([folder, manifest]) => {
    const direct = directOf(manifest);
    if (direct.length === 0) return [[`\`${manifest.name}\``, "none", "", "", "", ""]];
    const brought = broughtBy(lockfile, folder);
    return direct.map(({ name, peer, reason = "" }, index) => {
      const one = brought.find((candidate) => candidate.name === name);
      const brings = one === undefined ? "" : othersOf(lockfile, one.place);
      const scripts = one === undefined || scriptsAt(one.place).length === 0 ? "none" : "runs some";
      const by = index === 0 ? `\`${manifest.name}\`` : "";
      const licence = one?.license ?? "not installed with it";
      return [by, `\`${name}\`${peer ? " (yours)" : ""}`, reason, brings, licence, scripts];
    });
  });
  return table(["package", "depends on", "why", "brings", "licence", "install scripts"], rows);
}

/** How many packages stand behind one. */
function othersOf(lockfile: Lockfile, place: string): string {
  const [one, ...others] = broughtBy(lockfile, place);
  const must = others.filter(({ optional }) => !optional).length;
  const binaries = (one?.unpinned.length ?? 0) + others.filter(({ optional }) => optional).length;
  return binaries === 0 ? `${must}` : `${must}, and a binary for the machine`;
}

/** The table of licences, in Markdown: every package that any of ours brings, with the version that is tested. */
export function licenceTable(supply: Pick<Supply, "lockfile" | "packages">): string {
  const others = allBrought(supply).filter(({ ours }) => !ours);
  const rows = [...Map.groupBy(others, ({ license }) => license)].toSorted(([left], [right]) =>
    left < right ? -1 : 1,
  );
  const lines = rows.map(([licence, ones]) => {
    const names = ones.map(({ name, version }) => `\`${name}\` ${version}`).toSorted();
    return [licence, `${names.length}`, names.join(", ")];
  });
  return table(["licence", "packages", "which"], lines);
}

function folderOf(packages: Supply["packages"], wanted: string): string {
  for (const [folder, { name }] of packages) if (name === wanted) return folder;
  throw new Error(`There is no package ${wanted}.`);
}
