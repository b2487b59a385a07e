import type { ActExtent, ReadSession } from "@banyan/core";
import type { Policy } from "./authorizer.ts";

/** Reads of the runtime's own tables, for which no context is at work; no context can have this name. */
export const RUNTIME: Policy = { context: "the runtime", prefix: "banyan_", may: "read" };

const EXTENTS = `SELECT subscription, source, count(*) AS records, sum(octet_length(outcome)) AS bytes
  FROM banyan_act GROUP BY subscription, source ORDER BY subscription, source`;

/** How much banyan_act has. It grows with every act outside, so whoever writes does not wait until it is counted. */
export async function actExtents(session: ReadSession): Promise<readonly ActExtent[]> {
  try {
    if (session.raw.kind !== "sql") return [];
    const { rows } = await session.raw.execute(EXTENTS);
    return rows.map(({ subscription, source, records, bytes }) => {
      return {
        subscription: String(subscription),
        source: String(source),
        records: Number(records),
        bytes: Number(bytes),
      };
    });
  } finally {
    await session.end();
  }
}
