/** Whether an address to listen on is reached from this machine only. */
export function isLoopbackAddress(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/**
 * Whether a `host` header names this machine. A web page can make a name of its own point to 127.0.0.1 and reach a server there;
 * its requests come with that name.
 */
export function namesThisMachine(header: string | undefined): boolean {
  const [, name] = /^(\[[0-9a-fA-F:]+\]|[^:]+)(?::\d{1,5})?$/.exec(header ?? "") ?? [];
  if (name === undefined) return false;
  const host = name.toLowerCase();
  return host === "[::1]" || host.endsWith(".localhost") || isLoopbackAddress(host);
}
