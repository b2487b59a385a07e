/** Headers by which a proxy says for whom it asks. */
const TOLD = ["x-forwarded-for", "forwarded"];

const WORDS =
  "A request came with `x-forwarded-for` or `forwarded`, and `http.trustProxy` is not set. If a proxy stands in front, all callers " +
  "have its address, and so one limit: whoever sends it refused tokens or forged webhooks gets everybody 429. Say " +
  "`http: { trustProxy: { hops: 1 } }`, or list its `addresses`. This is said once.";

/** Says once that a proxy seems to stand in front that nobody named. The header is anybody's to send, so it is a hint and changes nothing. */
export function unnamedProxy(trustProxy: unknown, warn: (message: string) => void): (headers: Headers) => void {
  let isOpen = trustProxy === undefined;
  return (headers) => {
    if (!isOpen || !TOLD.some((name) => headers.has(name))) return;
    isOpen = false;
    warn(WORDS);
  };
}
