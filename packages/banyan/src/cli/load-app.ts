import { pathToFileURL } from "node:url";
import { BanyanError, isBanyanError, type App } from "@banyan/core";
import { loadRemedy } from "./load-remedy.ts";

/** Runs the config file and answers the application it exports. What goes wrong on the way is said with the file. */
export async function loadApp(config: string): Promise<App> {
  let exported: { readonly default?: unknown };
  try {
    exported = (await import(pathToFileURL(config).href)) as { readonly default?: unknown };
  } catch (thrown) {
    throw unloadable(config, thrown);
  }
  if (isApp(exported.default)) return exported.default;
  throw new BanyanError("config-invalid", `${config} does not export an application by default.`, {
    remedy: "Write `export default app({ contexts: [...] })`.",
    details: { at: config },
  });
}

function isApp(value: unknown): value is App {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "app";
}

function unloadable(config: string, thrown: unknown): BanyanError {
  const at = placeOf(thrown) ?? config;
  if (isBanyanError(thrown)) {
    const { code, message, remedy, details } = thrown;
    return new BanyanError(code, `${at}: ${message}`, { cause: thrown, remedy, details: { ...details, at } });
  }
  const words = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  const where = at === config ? "" : `${at}: `;
  return new BanyanError("config-invalid", `${config} cannot be loaded: ${where}${words}`, {
    cause: thrown,
    remedy: loadRemedy(thrown),
    details: { at },
  });
}

/** The file that failed, with the line where the stack says it: the first place in it that is the application's own. */
function placeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error)) return undefined;
  for (const line of (thrown.stack ?? "").split("\n")) {
    const [, path] = /(?:^|[\s(]|file:\/\/)(\/[^()]*?:\d+(?::\d+)?)\)?$/.exec(line.trim()) ?? [];
    if (path !== undefined && !isInstalled(path)) return decoded(path);
  }
  return /imported from (\/.+)$/m.exec(thrown.message)?.[1];
}

/** The sources of Banyan itself, where it is not installed but checked out. */
const CHECKOUT = import.meta.url.includes("/node_modules/")
  ? undefined
  : new URL("../../../", import.meta.url).pathname;

function isInstalled(path: string): boolean {
  return path.includes("/node_modules/") || (CHECKOUT !== undefined && path.startsWith(CHECKOUT));
}

function decoded(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
