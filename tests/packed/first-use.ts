import { deepEqual, equal } from "node:assert/strict";
import { join } from "node:path";
import { type Place, run, whileServing } from "./process.ts";

/** What a newcomer does in the first minutes, with what is installed in `place`: throws with what was printed where a part fails. */
export async function firstUse(place: Place): Promise<void> {
  const banyan = join(place.cwd, "node_modules", ".bin", "banyan");
  await run(place, join(place.cwd, "node_modules", ".bin", "tsc"));
  await run(place, "node", "--test");
  await run(place, banyan, "check");
  await whileServing(place, [banyan, "dev", "--port", "0"], async (url) => {
    await sign(url, "Ada");
    await lag(place, banyan, true);
  });
  await whileServing(place, [banyan, "start", "--port", "0"], async (url) => sign(url, "Grace"));
  await lag(place, banyan, false);
}

async function sign(url: string, name: string): Promise<void> {
  const body = JSON.stringify({ name });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url}/guestbook`, { method: "POST", headers, body });
  equal(answer.status, 200, await answer.clone().text());
  deepEqual(Object.keys((await answer.json()) as object), ["entryId"]);
  const visitors = await fetch(`${url}/guestbook/visitors`);
  equal(visitors.status, 200, await visitors.text());
}

async function lag(place: Place, banyan: string, running: boolean): Promise<void> {
  const told = JSON.parse(await run(place, banyan, "events", "lag", "--json"));
  equal(told.running, running);
  equal(told.subscriptions[0].subscription, "guestbook.count-visits");
}
