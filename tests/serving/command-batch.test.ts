import { request as send } from "node:http";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Banyan, NotesFolder } from "./command.ts";
import { ServedNotes, type Answer, type Asking } from "./served-notes.ts";

const notes = new ServedNotes();
beforeAll(async () => {
  await notes.start();
});
afterAll(() => notes[Symbol.asyncDispose]());

interface Result {
  readonly status: number;
  readonly commandId?: string;
  readonly replayed?: boolean;
  readonly value?: unknown;
  readonly retryAfter?: number;
  readonly error?: Readonly<Record<string, unknown>>;
}
interface Given {
  readonly operation: unknown;
  readonly input?: unknown;
  readonly idempotencyKey?: unknown;
}

const PATH = "/_banyan/commands";
const operator = (): string => notes.served.token ?? "";
const ask = (json: unknown, more: Asking = {}): Promise<Answer> => notes.ask("POST", PATH, { json, ...more });

async function results(commands: readonly Given[], more?: Asking): Promise<readonly Result[]> {
  const answer = await ask({ commands }, more);
  expect(answer).toMatchObject({ status: 200, headers: { "content-type": "application/json" } });
  return answer.body["results"] as readonly Result[];
}

const add = (noteId: string, text = "x", idempotencyKey?: string): Given => ({
  operation: "notes.add-note",
  input: { noteId, text },
  ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
});
const exists = async (noteId: string): Promise<boolean> => (await notes.ask("GET", `/notes/${noteId}`)).status === 200;
const codes = (all: readonly Result[]): unknown[] => all.map(({ status, error }) => [status, error?.["code"]]);

test("each command is answered as it would be alone, in its place", async () => {
  const put = { operation: "notes.put-note", input: { noteId: "put", text: "x" } };
  const [added, empty, dropped] = await results(
    [add("b-1"), put, { operation: "notes.drop-note", input: { noteId: "none" } }],
    { token: operator() },
  );
  const commandId = expect.stringMatching(/^[0-9a-f-]{36}$/);
  expect(added).toEqual({ status: 202, commandId, value: { noteId: "b-1" } });
  expect(empty).toEqual({ status: 204, commandId });
  expect(dropped).toEqual({ status: 200, commandId, value: { dropped: 0 } });
  expect(new Set([added?.commandId, empty?.commandId, dropped?.commandId]).size).toBe(3);
  await expect.poll(() => [...notes.added.keys()]).toContain("b-1");
});

test("what is wrong with one is nothing to the others, and is said as its own route says it", async () => {
  const fail = (how: string): Given => ({ operation: "notes.fail-note", input: { how } });
  const all = [
    add("b-2"),
    { operation: "notes.add-note", input: { text: 7 } },
    { operation: "notes.add-note", input: [] },
    { operation: "notes.add-note" },
    { operation: "notes.put-note", input: { noteId: "b-2", text: "x" } },
    fail("conflict"),
    fail("unavailable"),
    fail("throw"),
    add("b-3"),
  ];
  const answers = await results(all);
  expect(codes(answers)).toEqual([
    [202, undefined],
    [400, "input-invalid"],
    [400, "input-invalid"],
    [400, "input-invalid"],
    [403, "not-allowed"],
    [409, "note-closed"],
    [503, "no-paper"],
    [500, "handler-failed"],
    [202, undefined],
  ]);
  const [conflict, unavailable, thrown] = answers.slice(5);
  const alone = await notes.ask("POST", "/failures/conflict", { json: {} });
  expect(conflict).toEqual({ status: 409, error: alone.body });
  expect(unavailable).toMatchObject({ retryAfter: 1 });
  expect(JSON.stringify(thrown)).not.toContain("secret");
  expect([await exists("b-2"), await exists("b-3")]).toEqual([true, true]);
});

test("what a batch cannot reach is refused: queries, what has no route, what is not there, what is no command at all", async () => {
  const answers = await results([
    { operation: "notes.get-note", input: { noteId: "b-1" } },
    { operation: "notes.inside", input: {} },
    { operation: "notes.nothing", input: {} },
    { operation: 7 },
    "notes.add-note" as never,
    { ...add("misspelt"), idempotencykey: "k" } as never,
    add("bad-key", "x", ""),
    { ...add("bad-key"), idempotencyKey: null },
  ]);
  expect(codes(answers)).toEqual([
    [400, "input-invalid"],
    [404, "operation-unknown"],
    [404, "operation-unknown"],
    [400, "input-invalid"],
    [400, "input-invalid"],
    [400, "input-invalid"],
    [400, "idempotency-key-invalid"],
    [400, "idempotency-key-invalid"],
  ]);
  expect([await exists("misspelt"), await exists("bad-key")]).toEqual([false, false]);
});

describe("keys", () => {
  test("are each command's own: one execution, whichever door the repeat comes through", async () => {
    const headers = { "idempotency-key": "door" };
    const alone = await notes.ask("POST", "/notes", { json: { noteId: "keyed", text: "x" }, headers });
    const [again, other] = await results([add("keyed", "x", "door"), add("keyed", "y", "door")]);
    const commandId = alone.headers["x-command-id"];
    expect(again).toEqual({ status: 202, commandId, replayed: true, value: { noteId: "keyed" } });
    expect(other).toMatchObject({ status: 422, error: { code: "idempotency-key-reused" } });
  });

  test("the same twice in one batch are two requests: one is executed, the other gets its answer or is 422", async () => {
    // #region twice
    const [first, second, other] = await results([
      add("twice", "x", "twice"),
      add("twice", "x", "twice"),
      add("twice", "y", "twice"),
    ]);
    expect(first).toMatchObject({ status: 202 });
    expect(second).toEqual({ ...first, replayed: true });
    expect(other).toMatchObject({ status: 422, error: { code: "idempotency-key-reused" } });
    // #endregion
  });

  test("one for the whole batch is refused: it would protect nothing", async () => {
    const answer = await ask({ commands: [add("whole")] }, { headers: { "idempotency-key": "k" } as never });
    expect(answer).toMatchObject({ status: 400, body: { code: "idempotency-key-invalid" } });
    expect(await exists("whole")).toBe(false);
  });
});

test.each([
  [[], 400, "input-invalid"],
  [{}, 400, "input-invalid"],
  [{ commands: {} }, 400, "input-invalid"],
  [{ commands: [], atomic: true }, 400, "input-invalid"],
  [{ commands: Array.from({ length: 101 }, (_, i) => add(`many-${i}`)) }, 413, "batch-too-large"],
  [{ commands: [add("long", "x".repeat(1024 * 1024))] }, 413, "body-too-large"],
])("%o is no batch", async (body, status, code) => {
  expect(await ask(body)).toMatchObject({
    status,
    headers: { "content-type": "application/problem+json" },
    body: { code },
  });
});

test("nothing of a batch that is too large was executed, a hundred are, and so is none", async () => {
  expect(await exists("many-0")).toBe(false);
  const hundred = await results(Array.from({ length: 100 }, (_, i) => add(`hundred-${i}`)));
  expect(hundred.map(({ status }) => status)).toEqual(Array.from({ length: 100 }, () => 202));
  expect(await results([])).toEqual([]);
  expect(await notes.ask("GET", PATH)).toMatchObject({ status: 405, headers: { allow: "POST" } });
  const [guest] = await results([add("token")], { token: operator() });
  expect(guest).toMatchObject({ status: 202 });
  expect(await ask({ commands: [] }, { token: "wrong" })).toMatchObject({ status: 401 });
});

test("commands wait for nobody: a held one does not keep the others from being done", async () => {
  const held = results([{ operation: "notes.hold-note", input: { noteId: "held" } }, add("beside-held")]);
  await notes.reached("held");
  await expect.poll(() => exists("beside-held")).toBe(true);
  notes.release("held");
  expect((await held).map(({ status }) => status)).toEqual([204, 202]);
});

test("many that wait at once are no leak to Node", async () => {
  const warnings: string[] = [];
  const warn = ({ name }: Error): void => void warnings.push(name);
  process.on("warning", warn);
  const ids = Array.from({ length: 30 }, (_, i) => `crowd-${i}`);
  const held = results(ids.map((noteId) => ({ operation: "notes.hold-note", input: { noteId } })));
  for (const noteId of ids) await notes.reached(noteId);
  for (const noteId of ids) notes.release(noteId);
  expect(new Set((await held).map(({ status }) => status))).toEqual(new Set([204]));
  process.off("warning", warn);
  expect(warnings).toEqual([]);
});

test("killed in the middle: the same batch again gives the answers of what was done, and does the rest", async () => {
  using folder = new NotesFolder();
  const args = ["dev", "--no-watch", "--no-faults", "--port", "0", "--data", "data"];
  const commands = [
    ...Array.from({ length: 5 }, (_, i) => add(`done-${i}`, "x", `key-${i}`)),
    { operation: "notes.hold-note", input: { noteId: "open" }, idempotencyKey: "key-open" },
  ];
  const ids = new Map<string, string>();
  {
    await using first = new Banyan(folder.path, args, { NOTES_HOLD_MS: "600000" });
    const port = Number(await first.said(/http:\/\/127\.0\.0\.1:(\d+)/));
    const headers = { "content-type": "application/json" };
    const lost = send({ host: "127.0.0.1", port, method: "POST", path: PATH, headers, agent: false });
    lost.end(JSON.stringify({ commands }));
    const broken = once(lost, "error");
    const single = async (i: number): Promise<Response> => {
      const body = JSON.stringify({ noteId: `done-${i}`, text: "x" });
      const keyed = { ...headers, "idempotency-key": `key-${i}` };
      return fetch(`http://127.0.0.1:${port}/notes`, { method: "POST", headers: keyed, body });
    };
    for (let i = 0; i < 5; i++) {
      await expect.poll(async () => (await fetch(`http://127.0.0.1:${port}/notes/done-${i}`)).status).toBe(200);
      ids.set(`done-${i}`, (await single(i)).headers.get("x-command-id") ?? "");
    }
    first.child.kill("SIGKILL");
    await broken;
    await first.ended;
  }
  await using second = new Banyan(folder.path, args);
  const port = Number(await second.said(/http:\/\/127\.0\.0\.1:(\d+)/));
  const url = `http://127.0.0.1:${port}`;
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ commands }) };
  const { results: all } = (await (await fetch(`${url}${PATH}`, init)).json()) as { results: Result[] };
  expect(all.slice(0, 5)).toEqual(
    Array.from(ids, ([noteId, commandId]) => ({ status: 202, commandId, replayed: true, value: { noteId } })),
  );
  expect(all[5]).toEqual({ status: 204, commandId: expect.any(String) });
  expect(await (await fetch(`${url}/notes/count`)).json()).toMatchObject({ count: 6 });
});
