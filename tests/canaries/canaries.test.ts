import { expect, test } from "vitest";
import { seen, type Said } from "./canary.ts";
import { asBytes, ENDS, throughEveryDoor, withKeys } from "./doors.ts";
import { CANARIES, EMAIL, NOTE, OPERATOR, PeopleFolder, PHONE } from "./people-folder.ts";

const URL_LINE = { dev: /serving url=(\S+)/, start: /"url":"([^"]+)"/ } as const;
/** Enough for the subscription to be paused, which is told with its reason. */
const PARKED = ["recorded", "refused", "before", "sql", ...Array.from({ length: 20 }, (_, n) => `body-${n}`)];
const OF = ["--subscription", "people.greet"];
const WHY = ["--why", "to see", "--as", "olga"];
const WRONG = ["--token", CANARIES.option.text];

/** What looks at a running process, or fails to, and how it ends. */
const COMMANDS = (url: string): readonly (readonly [ends: number, ...words: readonly string[]])[] => [
  [0, "events", "parked"],
  [0, "events", "lag"],
  [0, "events", "tail", "--no-follow"],
  [1, "events", "replay", ...OF, "--dry", "--parked"],
  [0, "events", "redrive", ...OF, "--key", "sql", ...WHY],
  [2, "events", "skip", ...OF, "--position", "1000", ...WHY],
  [0, "events", "audit"],
  [0, "graph"],
  [0, "check"],
  [0, "doctor"],
  [0, "events", "parked", "--url", url],
  [2, "events", "lag", "--url", url, ...WRONG],
  [2, "events", "lag", "--url", `http://olga:${CANARIES.option.text}@127.0.0.1:1`, ...WRONG],
  [2, "events", "lag", "--url", "http://127.0.0.1:1", ...WRONG],
];

async function printed(folder: PeopleFolder, ends: number, words: readonly string[]): Promise<Said> {
  await using banyan = folder.run(words, { BANYAN_TOKEN: OPERATOR });
  const what = words.join(" ").slice(0, 24);
  const code = await banyan.ended;
  expect([what, code, banyan.err]).toEqual([what, ends, expect.any(String)]);
  return [
    [what, banyan.out],
    [`${what} on stderr`, banyan.err],
  ];
}

async function asOperator(url: string): Promise<Said> {
  const said: [string, string][] = [];
  const delivery = ["parked", "subscriptions", "logs", "scheduled", "tail?source=people"];
  for (const path of [...delivery.map((one) => `delivery/${one}`), "audit", "process"]) {
    const answer = await fetch(`${url}/_banyan/ops/${path}`, { headers: { authorization: `Bearer ${OPERATOR}` } });
    expect([path, answer.status]).toEqual([path, 200]);
    said.push([`ops ${path}`, await answer.text()]);
  }
  return said;
}

async function join(url: string, id: string, how: string): Promise<number> {
  const headers = { "content-type": "application/json" };
  const sent = { method: "POST", headers, body: JSON.stringify({ id, email: EMAIL, phone: PHONE, note: NOTE }) };
  return fetch(`${url}/people/${how}`, sent).then(
    ({ status }) => status,
    () => 0,
  );
}

async function dead(url: string): Promise<unknown> {
  const ready = (await (await fetch(`${url}/_banyan/health/ready`)).json()) as Record<string, unknown>;
  return ready["dead"];
}

test(
  "`start` says nothing secret or personal: in answers, logs, audit, tools, or as it crashes",
  { timeout: 240_000 },
  async () => {
    using folder = new PeopleFolder();
    await using banyan = folder.run(["start", "--port", "0"]);
    const url = await banyan.said(URL_LINE.start);
    for (const id of PARKED) expect(await join(url, id, "ok")).toBe(200);
    const port = Number(new URL(url).port);
    const said = [...(await throughEveryDoor(url)), ...(await withKeys(url)), ...(await asBytes(port))];
    const ended = said.slice(0, ENDS.length).map(([where]) => Number(/^answer (\d+) to visitor 0/.exec(where)?.[1]));
    expect(ended).toEqual(ENDS);
    // not all of them: the subscription is paused before, and tries the others one by one
    await expect.poll(() => dead(url), { timeout: 20_000 }).toBeGreaterThanOrEqual(PARKED.length / 2);
    said.push(...(await asOperator(url)));
    for (const [ends, ...words] of COMMANDS(url)) {
      const both = await Promise.all([printed(folder, ends, words), printed(folder, ends, [...words, "--json"])]);
      said.push(...both.flat());
    }
    said.push(...(await printed(folder, 0, ["backup", "copy.db", "--json"])), ...(await asOperator(url)));
    await join(url, "gone", "crash");
    expect(await banyan.ended).toBe(1);
    said.push(["stdout", banyan.out], ["stderr", banyan.err], ...folder.left);
    // it was this process, and its failures were told
    expect(banyan.out).toContain("mailbox of [personal] is full");
    expect(banyan.out).toMatch(/"places":"Error\\n +at .*banyan\.config\.ts/);
    expect(banyan.out).toContain("answer cut off");
    expect(banyan.err).toMatch(/rejection-lost[\s\S]*uncaught/);
    expect(said.length).toBeGreaterThan(300);
    expect(banyan.out).toContain("subscription paused");
    // what is nobody's is shown where operators look at events
    const found = seen(CANARIES, said);
    expect(found.filter((one) => /tail.*: payload$/.test(one))).toHaveLength(4);
    expect(found.filter((one) => !/tail.*: payload$/.test(one))).toEqual([]);
  },
);

test("nor a start whose migration fails for what is in the data", { timeout: 60_000 }, async () => {
  using folder = new PeopleFolder();
  {
    await using banyan = folder.run(["start", "--port", "0"]);
    expect(await join(await banyan.said(URL_LINE.start), "one", "ok")).toBe(200);
  }
  folder.write("migrations/002-refused.sql", "INSERT INTO people_refused SELECT email FROM people_person;\n");
  const said = await printed(folder, 2, ["start", "--port", "0"]);
  expect(said.join("\n")).toContain("002-refused.sql");
  expect(seen(CANARIES, [...said, ...folder.left])).toEqual([]);
});

/** Its words go to the terminal of whoever develops; so do those of what nobody caught, which nothing can clean. */
test("`dev` says no more of what was caught, and no secret of what was not", { timeout: 60_000 }, async () => {
  using folder = new PeopleFolder();
  const env = { BANYAN_DEV_TOKEN: CANARIES.developmentToken.text };
  await using banyan = folder.run(["dev", "--no-watch", "--port", "0"], env);
  const url = await banyan.said(URL_LINE.dev);
  for (const id of PARKED) expect(await join(url, id, "ok")).toBe(200);
  const said = [...(await throughEveryDoor(url)), ...(await asOperator(url))];
  await join(url, "gone", "crash");
  expect(await banyan.ended).toBe(1);
  const out = banyan.out.replaceAll(/^development token: .*$/gm, "");
  expect(out).toContain("mailbox of [personal] is full");
  // what a raw route throws is told like what nobody caught: with its words
  expect(out).toMatch(/cannot read .*canary/);
  const ofContexts = out.replaceAll(/^.*(cannot read|TypeError: \{).*$/gm, "");
  const shown = seen(CANARIES, [...said, ["stdout", ofContexts], ...folder.left]);
  expect(shown).toEqual(["ops delivery/tail?source=people: payload"]);
  expect(seen(CANARIES, [["stderr", banyan.err]])).toEqual(["stderr: person"]);
});

test("a leak is found", { timeout: 60_000 }, async () => {
  using folder = new PeopleFolder();
  await using banyan = folder.run(["start", "--port", "0"]);
  const url = await banyan.said(URL_LINE.start);
  expect(await join(url, "one", "leak")).toBe(200);
  await banyan.said(/example\.org/);
  expect(seen(CANARIES, [["stdout", banyan.out]])).toEqual(["stdout: person", "stdout: providerKey"]);
});
