import { anyone, app, backoff, command, context, event, isErased, mount } from "banyan";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { z } from "zod";
import { Banyan } from "./command.ts";

const CANARY = "canary@example.org";
const Person = z.object({ id: z.string(), email: z.string() });
const Joined = event("people.joined", {
  version: 1,
  key: "id",
  personal: { subject: "id", fields: ["email"] },
  data: Person,
});
const Join = command("people.join", { http: "POST /people", input: Person });

/** Joining fails for "bad" people, and the greeting of everybody else. */
function people() {
  const whole = context("people", { contract: { Joined, Join } });
  const fail = (email: string): never => {
    throw new Error(`mailbox of ${email} is full`, { cause: new TypeError(`no ${email}`) });
  };
  whole.handle(Join, { allow: anyone() }, (data, { emit }) =>
    data.id === "bad" ? fail(data.email) : emit(Joined, data),
  );
  const options = { name: "greet", from: "start", retry: backoff("1ms", "1ms", 2) } as const;
  whole.on(Joined, options, ({ data }) => fail(isErased(data.email) ? "nobody" : data.email));
  return app({ contexts: [whole] });
}

test("no personal data in answers, logs and what the command line shows of errors", { timeout: 60_000 }, async () => {
  const data = mkdtempSync(join(tmpdir(), "banyan-personal-"));
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const mounted = await mount(people(), { mode: "start", data, env: {}, write });
  try {
    const answers: string[] = [];
    for (const id of ["bad", "good"]) {
      const headers = { "content-type": "application/json" };
      const init = { method: "POST", headers, body: JSON.stringify({ id, email: CANARY }) };
      const answer = await mounted.fetch(new Request("http://localhost/people", init));
      answers.push(`${answer.status} ${await answer.text()}`);
    }
    await expect.poll(() => mounted.runtime.status.dead, { timeout: 15_000 }).toBe(1);
    const shown: string[] = [];
    for (const more of [[], ["--json"]]) {
      await using parked = new Banyan(data, ["events", "parked", "--data", data, ...more]);
      expect(await parked.ended).toBe(0);
      shown.push(parked.out, parked.err);
    }
    expect(answers.map((answer) => answer.slice(0, 3))).toEqual(["500", "204"]);
    expect(lines.join("\n")).toContain("mailbox of [personal] is full");
    expect(shown.join("\n")).toContain("mailbox of [personal] is full");
    expect([...answers, ...lines, ...shown].join("\n")).not.toContain(CANARY);
  } finally {
    await mounted.stop();
    rmSync(data, { recursive: true });
  }
});
