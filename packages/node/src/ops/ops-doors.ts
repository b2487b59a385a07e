import { BanyanError } from "@banyan/core";
import { socketPath } from "./socket-path.ts";

/** Where the operations API of a process is reached. */
export interface OpsDoor {
  /** As people are told. */
  readonly place: string;
  readonly to: { readonly socketPath: string } | { readonly origin: URL };
  /** Before the path of every request. */
  readonly prefix: string;
  readonly token: string | undefined;
  /** What to do where nobody answers there; what the code says where it is undefined. */
  readonly remedy: string | undefined;
}

/** The socket in a data folder: who may open it is believed who it says it is. Throws `socket-path-long`. */
export function socketDoor(data: string): OpsDoor {
  const path = socketPath(data);
  return { place: path, to: { socketPath: path }, prefix: "", token: undefined, remedy: undefined };
}

/**
 * The application's own address: `http://127.0.0.1:3000`, or what stands before it. Whoever the token belongs to is who asks. Throws
 * `option-invalid` for what is no such address.
 */
export function urlDoor(url: string, token: string): OpsDoor {
  const origin = URL.parse(url);
  if (origin === null || !/^https?:$/.test(origin.protocol) || origin.username !== "" || origin.search !== "")
    throw new BanyanError(
      "option-invalid",
      "The address of an application is http://… or https://…, with nothing else.",
    );
  if (!/^[\x21-\x7e]{1,8192}$/.test(token))
    throw new BanyanError("option-invalid", "A token has printable characters without spaces.");
  return {
    place: origin.href,
    to: { origin },
    prefix: `${origin.pathname.replace(/\/$/, "")}/_banyan/ops`,
    token,
    remedy: "Name the address that the application serves with `--url URL`, and see that it runs and can be reached.",
  };
}
