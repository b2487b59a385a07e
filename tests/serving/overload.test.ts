import { createHash } from "node:crypto";
import { apiKeys, anyone, app, command, context, query, type App } from "banyan";
import { expect, test } from "vitest";
import { z } from "zod";
import { ServedApp } from "./served-app.ts";

const Work = command("desk.work", {
  http: "POST /work",
  input: z.object({ held: z.boolean().default(false), text: z.string().default("") }),
});
const Look = query("desk.look", { http: "GET /look", input: z.object({}), output: z.object({ seen: z.boolean() }) });

/** Keys that are told in the tests alone. */
const keyOf = (id: string): string => `bk_${id}_${id.padEnd(43, "A")}`;
const keys = ["greedy", "modest"].map((id) => ({
  id,
  hash: createHash("sha256").update(keyOf(id)).digest("hex"),
  roles: [],
}));

/** An application whose one command, where it is asked to, holds the store until it is let go. */
class Desk implements AsyncDisposable {
  readonly #served = new ServedApp();
  readonly #held = Promise.withResolvers<void>();
  readonly reached = Promise.withResolvers<void>();
  readonly #admitted = new Map<string, () => void>();

  async start(commandWaitMs: number): Promise<this> {
    const limits = { commandsAtOnce: 1, commandWaitMs, unitLimitMs: 60_000 };
    await this.#served.start(this.#app(), { limits });
    return this;
  }

  #app(): App {
    const desk = context("desk", { contract: { Work, Look } });
    const before = ({ text }: { readonly text: string }): void => this.#admitted.get(text)?.();
    desk.handle(Work, { allow: anyone(), before }, async ({ held }) => {
      if (held) this.reached.resolve();
      if (held) await this.#held.promise;
    });
    desk.answer(Look, { allow: anyone() }, () => ({ seen: true }));
    return app({ contexts: [desk], auth: [apiKeys({ keys })] });
  }

  work(input: object, id?: string): Promise<Response> {
    const headers = {
      "content-type": "application/json",
      ...(id === undefined ? {} : { authorization: `Bearer ${keyOf(id)}` }),
    };
    return this.#served.fetch("/work", { method: "POST", headers, body: JSON.stringify(input) });
  }

  look(): Promise<Response> {
    return this.#served.fetch("/look");
  }

  /** What is answered to these bytes, as soon as there is so much of it. */
  async bytes(text: string, enough: RegExp): Promise<string> {
    const socket = this.#served.socket();
    socket.write(text);
    let came = "";
    for await (const piece of socket.setEncoding("utf8")) {
      came += String(piece);
      if (enough.test(came)) break;
    }
    return came;
  }

  /** More and more that stand in line, until one is refused at once. */
  async untilRefused(id?: string): Promise<{ readonly refused: Response; readonly others: Promise<Response>[] }> {
    const others: Promise<Response>[] = [];
    for (;;) {
      const asked = this.work({}, id);
      const answered = await Promise.race([asked, new Promise<undefined>((r) => setTimeout(r, 50, undefined))]);
      // those who have waited for too long are refused, too: the line then begins anew
      if (answered !== undefined && !(await detailOf(answered)).startsWith("Commands wait"))
        return { refused: answered, others };
      others.push(asked);
    }
  }

  /** Resolves when a command with this text has been let in. */
  admitted(text: string): Promise<void> {
    return new Promise((resolve) => this.#admitted.set(text, resolve));
  }

  /** Whoever was refused asks again, and is taken. */
  async untilTaken(id?: string): Promise<void> {
    for (;;) {
      const { status } = await this.work({}, id);
      if (status === 204) return;
      if (status !== 429 && status !== 503) throw new Error(`It was answered ${status}.`);
    }
  }

  letGo(): void {
    this.#held.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.letGo();
    await this.#served[Symbol.asyncDispose]();
  }
}

async function detailOf(answer: Response): Promise<string> {
  const { detail } = (await answer.clone().json()) as { readonly detail: string };
  return detail;
}

test("while the line does not move the door is shut for commands alone, and says when to ask again; then it is open", async () => {
  await using desk = await new Desk().start(1_000);
  const first = desk.work({ held: true });
  await desk.reached.promise;
  const { refused } = await desk.untilRefused();
  expect(refused.status).toBe(503);
  expect(Object.fromEntries(refused.headers)).toMatchObject({
    "retry-after": "1",
    "content-type": "application/problem+json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  expect(await refused.json()).toMatchObject({
    status: 503,
    code: "overloaded",
    detail: "More commands wait than can be done in time.",
    remedy: expect.stringMatching(/./) as string,
  });
  expect((await desk.look()).status).toBe(200);
  desk.letGo();
  expect((await first).status).toBe(204);
  await desk.untilTaken();
});

test("a connection on which a command was refused unread takes the next request", async () => {
  await using desk = await new Desk().start(1_000);
  const first = desk.work({ held: true });
  await desk.reached.promise;
  await desk.untilRefused();
  const body = JSON.stringify({ text: "x".repeat(40_000) });
  const host = "host: 127.0.0.1\r\n";
  const post = `POST /work HTTP/1.1\r\n${host}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`;
  const came = await desk.bytes(`${post}GET /look HTTP/1.1\r\n${host}\r\n`, /"seen":true/);
  expect(came.match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 503", "HTTP/1.1 200"]);
  desk.letGo();
  expect((await first).status).toBe(204);
});

test("in a crowded line whoever has more than others is told so, and they are let in", async () => {
  await using desk = await new Desk().start(8_000);
  const first = desk.work({ held: true });
  await desk.reached.promise;
  const modest = [desk.work({}, "modest")];
  const { refused, others } = await desk.untilRefused("greedy");
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
  expect(await refused.json()).toMatchObject({ code: "rate-limited", detail: expect.stringContaining("share") });
  const admitted = desk.admitted("one more");
  modest.push(desk.work({ text: "one more" }, "modest"));
  await admitted;
  desk.letGo();
  const statuses = async (answers: readonly Promise<Response>[]): Promise<ReadonlySet<number>> =>
    new Set((await Promise.all(answers)).map(({ status }) => status));
  expect(await statuses([first, ...modest, ...others])).toEqual(new Set([204]));
  await desk.untilTaken("greedy");
});
