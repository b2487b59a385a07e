import type { Rows } from "./rows.ts";

interface Received {
  readonly accountId: string;
  readonly digest: number;
}

/** Adds what came to an account to one number, which depends on each transfer and on their order. */
export async function addReceived(
  tx: Rows,
  { target, transferId }: { readonly target: string; readonly transferId: string },
): Promise<void> {
  const { digest } = (await tx.get<Received>("received", target)) ?? { digest: 7 };
  let added = digest;
  for (let i = 0; i < transferId.length; i++) added = (added * 31 + transferId.charCodeAt(i)) % 1_000_003;
  await tx.put("received", target, { accountId: target, digest: added });
}

export async function receivedOf(read: Rows): Promise<string> {
  return JSON.stringify(await read.all<Received>("received"));
}
