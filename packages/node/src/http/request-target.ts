import { BanyanError } from "@banyan/core";

export interface Target {
  /** As sent, still percent-encoded: a path is matched by its bytes, and only its parameters are decoded. */
  readonly path: string;
  readonly query: string;
}

const PATH = /^\/$|^(?:\/[A-Za-z0-9\-._~!$&'()*+,;=:@%]+)+$/;

/** The path and query of a request target. Throws for what is no path on this server, or is too long. */
export function targetOf(target: string, urlBytes: number): Target {
  if (target.length > urlBytes) throw new BanyanError("url-too-long", `The URL is longer than ${urlBytes} bytes.`);
  if (!target.startsWith("/")) throw new BanyanError("request-malformed", "The request target is not a path.");
  const end = target.indexOf("?");
  return end < 0 ? { path: target, query: "" } : { path: target.slice(0, end), query: target.slice(end + 1) };
}

/** The target without the base that a host has it below; undefined for what is not below it. */
export function below(base: string | undefined, target: Target): Target | undefined {
  if (base === undefined || base === "") return target;
  if (target.path === base) return { ...target, path: "/" };
  return target.path.startsWith(`${base}/`) ? { ...target, path: target.path.slice(base.length) } : undefined;
}

/**
 * Whether a path has the one form in which it is known here. Double and trailing slashes, dot segments (encoded ones too) and broken
 * escapes are other paths, which do not exist, so that no spelling of a path reaches a handler past what guards its usual one.
 */
export function isCanonical(path: string): boolean {
  if (!PATH.test(path)) return false;
  if (!path.includes("%") && !path.includes("/.")) return true;
  try {
    return path.split("/").every((segment) => ![".", ".."].includes(decodeURIComponent(segment)));
  } catch {
    return false;
  }
}
