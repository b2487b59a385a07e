import { isBanyanError, reserveOf, sizeText } from "@banyan/core";
import type { Facts, FolderFacts } from "./facts.ts";
import { fail, ofData, pass, warn, type Check, type Finding } from "./finding.ts";

/** The oldest Node that everything is tried on. */
const NODE = [24, 15] as const;
/** What is a secret, or a door for the owner, whatever the rights of the folder. */
const OWN_FILES = ["dev-token", "banyan.sock"];
const OTHERS = 0o077;
const LARGE_WAL = 1024 * 1024 * 1024;
const CLOCK_AHEAD_MS = 60_000;

export const node: Check = {
  name: "node",
  judge: ({ node: own, data }) => {
    const running = data === undefined || isBanyanError(data) ? own : data.process.node;
    const old = [own, running].find((version) => !isSupported(version));
    if (old === undefined) return pass(`Node ${running}`);
    return fail(`This is Node ${old}.`, `Use Node ${NODE.join(".")} or newer.`);
  },
};

function isSupported(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > NODE[0] || (major === NODE[0] && minor >= NODE[1]);
}

/** A check of the folder itself. */
function ofFolder(name: string, judge: (folder: FolderFacts) => Finding): Check {
  return { name, judge: ({ folder }) => (folder === undefined ? pass("there is no data folder yet") : judge(folder)) };
}

export const rights: Check = {
  name: "rights",
  judge: ({ folder, platform }) => {
    if (folder === undefined) return pass("there is no data folder yet");
    if (platform === "win32") return pass("decided by the lists of the folder, which are not looked at here");
    const open = folder.files.filter(
      ({ name, mode }) => (mode & OTHERS) !== 0 && ((folder.mode & OTHERS) !== 0 || OWN_FILES.includes(name)),
    );
    const steps = [
      ...((folder.mode & OTHERS) === 0 ? [] : [`chmod 700 ${folder.path}`]),
      ...open.map(({ name }) => `chmod 600 ${folder.path}/${name}`),
    ];
    if (steps.length === 0) return pass(`${folder.path} is for its owner only`);
    return fail(`Others on this machine reach ${folder.path}.`, `As its owner: \`${steps.join(" && ")}\`.`);
  },
};

export const disk: Check = ofFolder("disk", ({ network, path }) => {
  if (network === undefined) return pass("on a local disk, as far as is known");
  return fail(
    `${path} is on ${network}, a network file system: its locks and flushes cannot be relied on.`,
    "Move the folder to a local disk, by `banyan backup` and `banyan restore`.",
  );
});

export const room: Check = ofFolder("room", ({ space }) => {
  const reserve = reserveOf(space);
  const words = `${sizeText(space.free)} are free, and ${sizeText(reserve)} are kept for what is under way`;
  const remedy = "Make room on the disk of the data folder; below the reserve no command begins.";
  if (space.free < reserve) return fail(`${words}: no command begins.`, remedy);
  return space.free < 2 * reserve ? warn(`${words}.`, remedy) : pass(words);
});

export const sizes: Check = {
  name: "sizes",
  judge: ({ folder, data }) => {
    if (folder === undefined) return pass("there is no data folder yet");
    const bytes = (name: string): number => folder.files.find((file) => file.name === name)?.bytes ?? 0;
    const [database, wal] = [bytes("banyan.db"), bytes("banyan.db-wal")];
    const words = [`database ${sizeText(database)}`, `its write-ahead log ${sizeText(wal)}`, ...rowsOf(data)].join(
      ", ",
    );
    if (wal <= LARGE_WAL) return pass(words);
    return warn(`${words}.`, "Something holds a read open for long: end programs that are open on the database.");
  },
};

function rowsOf(data: Facts["data"]): readonly string[] {
  if (data === undefined || isBanyanError(data)) return [];
  const entries = data.logs.reduce((sum, log) => sum + log.entries, 0);
  const parked = data.subscriptions.flatMap((one) => Object.values(one.parked)).reduce((sum, count) => sum + count, 0);
  return [`${entries} entries in ${data.logs.length} logs`, `${parked} parked`];
}

export const clock: Check = ofData("clock", ({ process }, { now }) => {
  const { lastEntryAt } = process.store ?? {};
  if (lastEntryAt === undefined) return pass("there is no entry to compare it with");
  if (lastEntryAt <= now + CLOCK_AHEAD_MS)
    return pass(`not behind the newest entry, of ${new Date(lastEntryAt).toISOString()}`);
  return fail(
    `The newest entry is of ${new Date(lastEntryAt).toISOString()}, and here it is ${new Date(now).toISOString()}.`,
    "Set the clock of this machine, by a time service; retries and retention go by it.",
  );
});

export const developmentToken: Check = {
  name: "development-token",
  judge: ({ folder, env }) => {
    if ((env["BANYAN_DEV_TOKEN"] ?? "") !== "")
      return warn("BANYAN_DEV_TOKEN is set.", "Unset it where `banyan start` runs: it refuses development tokens.");
    if (folder?.files.some(({ name }) => name === "dev-token") !== true) return pass("none");
    const file = `${folder.path}/dev-token`;
    return warn(
      `${file} is there: \`banyan dev\` has run on this data.`,
      "`banyan start` does not accept it. Remove it where this is production, and do not run `banyan dev` on it.",
    );
  },
};
