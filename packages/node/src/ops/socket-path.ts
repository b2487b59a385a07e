import { join, resolve } from "node:path";
import { BanyanError } from "@banyan/core";

/** What every system takes; the shortest limit in use is 104, with an end mark. */
const MOST_BYTES = 100;

/** Where the operations socket of a data folder is. Throws `socket-path-long`. */
export function socketPath(data: string): string {
  const path = join(resolve(data), "banyan.sock");
  const bytes = Buffer.byteLength(path);
  if (bytes <= MOST_BYTES) return path;
  throw new BanyanError(
    "socket-path-long",
    `The operations socket would be ${path}: ${bytes} bytes, and a socket may have ${MOST_BYTES}.`,
  );
}
