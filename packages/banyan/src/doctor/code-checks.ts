import { CONTEXT_ROLE, isBanyanError, rolesOf, type CommandDefinition, type SettingState } from "@banyan/core";
import { fail, ofCode, pass, unjudged, warn, type Check, type Finding } from "./finding.ts";

export const code: Check = {
  name: "code",
  judge: ({ code: found }) => {
    if (!isBanyanError(found)) return pass(`contexts: ${found.app.contexts.map(({ name }) => name).join(", ")}`);
    return { status: "UNKNOWN", message: `${found.code}: ${found.message}`, remedy: found.remedy };
  },
};

/** What a start refuses; an operation that does not say who may use it among it. */
export const registration: Check = ofCode("registration", ({ violations }) => {
  if (violations.length === 0) return pass("a start accepts it; every operation says who may use it");
  const words = violations.map(({ code: what, message }) => `${what}: ${message}`).join(" ");
  return fail(words, "`banyan check` names file and line of each.");
});

/** On purpose or not, whoever reads this should know them. */
export const open: Check = ofCode("open", ({ app }) => {
  const commands = app.contexts.flatMap((context) => context.commands);
  const free = commands.filter(isForAnybody).map(({ contract }) => contract.name);
  return pass(free.length === 0 ? "no command is for anybody" : `commands that anybody may send: ${free.join(", ")}`);
});

function isForAnybody({ allow }: CommandDefinition): boolean {
  return typeof allow === "object" && allow.policy === "anyone";
}

/** Where a process runs on the data, it may have been told other things than whoever asks here. */
export const settings: Check = ofCode("settings", ({ settings: { problems, states } }, { data }) => {
  const words = problems.map(({ message }) => message).join(" ");
  const running = data !== undefined && !isBanyanError(data) && data.running;
  const remedy = "Set each as a start has them: `banyan graph` lists all, and `--settings FILE` names their file.";
  if (words !== "") return running ? warn(`Of those that this command finds: ${words}`, remedy) : fail(words, remedy);
  if (states.length === 0) return pass("none are declared");
  return pass(states.map(settingWords).join("; "));
});

/** Never a value. */
function settingWords({ name, secret, expected, source }: SettingState): string {
  return `${name} (${secret ? "secret, " : ""}${expected}) ${source === undefined ? "is not set" : `from ${source}`}`;
}

export const authentication: Check = ofCode("authentication", ({ app, auth }) => {
  if (auth === undefined) return unjudged("settings");
  const ways = [...new Set(auth.map(({ prefix }) => prefix))];
  if (ways.length > 0) return pass(`callers are known as ${ways.map((prefix) => `${prefix}:…`).join(", ")}`);
  // contexts have theirs by themselves
  const roles = rolesOf(app)
    .filter((role) => role !== CONTEXT_ROLE)
    .join(", ");
  return warn(
    `Outside of \`banyan dev\` everybody over HTTP is a guest: nobody can have a role (${roles}).`,
    "Name `auth` in the configuration, for example `apiKeys`; `banyan key` makes a key.",
  );
});

export const transport: Check = ofCode("transport", ({ app, auth }) => {
  if (app.http?.tls === "in-front") return inFront(app.http.trustProxy !== undefined);
  if (auth === undefined) return unjudged("settings");
  if (auth.length === 0) return pass("no caller brings a token");
  return warn(
    "Callers bring tokens, and nothing says that TLS ends in front of the application.",
    'Let a proxy end TLS, and say `http: { tls: "in-front" }`; on a network of your own this may stay as it is.',
  );
});

/** What ends TLS is a proxy, and without its name every caller has its address, and one limit with all others. */
function inFront(isNamed: boolean): Finding {
  if (isNamed) return pass("TLS ends in front of the application, by a proxy that is named");
  return warn(
    "TLS ends in front of the application, by what `http.trustProxy` does not name: all callers have its address, and whoever sends refused tokens or forged webhooks gets everybody 429.",
    "Say `http: { trustProxy: { hops: 1 } }` for one proxy, or list its `addresses`.",
  );
}

export const otherOrigins: Check = ofCode("other-origins", ({ app }) => {
  const { origins = [], credentials = false } = app.http?.cors ?? {};
  if (origins.length === 0) return pass("no page of another origin may use the routes");
  const plain = origins.filter((origin) => origin.startsWith("http://"));
  const words = `pages of ${origins.join(", ")} may use the routes${credentials ? ", with the session of their visitors" : ""}`;
  if (!credentials || plain.length === 0) return pass(words);
  return warn(
    `With the session of their visitors act pages of ${plain.join(", ")}, which whoever is on their way can replace.`,
    "Name origins that begin with https:// in `http.cors`.",
  );
});
