import { expect, test } from "vitest";
import { otherProcess, outputOf } from "./fixture.ts";

const url = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href);
/** A unit whose body is `body`, ended a turn later; prints how it ended and how many still listen for lost rejections. */
const unit = (body: string): string => `
  const { store } = await fixture.openStore({ memory: true });
  const turn = () => new Promise(setImmediate);
  const transaction = await store.begin();
  const unit = transaction.unit("orders", "orders.place-order");
  const tx = unit.raw;
  const listening = process.listenerCount("unhandledRejection");
  await (async () => { ${body} })();
  if ((unit.activity().failed ?? 0) > 0) await turn();
  try { unit.end(); console.log("ended well"); } catch (error) { console.log(error.code, error.message); }
  await transaction.rollback();
  for (let i = 0; i < 4; i++) await turn();
  console.log("listeners", process.listenerCount("unhandledRejection") - listening);
`;

async function run(code: string): Promise<{ said: string[]; exit: number | null }> {
  const child = otherProcess(code);
  const ended = new Promise<number | null>((resolve) => child.on("close", resolve));
  const said = (await outputOf(child)).trim().split("\n");
  return { said, exit: await ended };
}

const SERVING = `
  import { runProcess } from ${url("../process/run-process.ts")};
  void runProcess(async () => ({ failed: new Promise(() => {}), stop: async () => {} }));
`;

test.for([
  ["alone", ""],
  ["as a served process", SERVING],
] as const)("a failed statement that nobody heard of fails its unit, not the process (%s)", async ([, around]) => {
  const { said, exit } = await run(`${around}${unit('void tx.execute("INSERT INTO orders_none VALUES (1)");')}`);
  expect(said).toEqual([
    expect.stringMatching(/^query-floating A statement of "orders\.place-order" failed .*no such table: orders_none/),
    "listeners 0",
  ]);
  expect(exit).toBe(0);
});

test.for([
  ["caught", 'await tx.execute("nonsense").catch(() => {});'],
  ["tried", 'try { await tx.execute("nonsense"); } catch {}'],
  ["heard later", 'const lost = tx.execute("nonsense"); await tx.execute("SELECT 1"); await lost.catch(() => {});'],
  [
    "heard a turn later",
    'const lost = tx.execute("nonsense"); await turn(); await turn(); await lost.catch(() => {});',
  ],
  ["settled", 'await Promise.allSettled([tx.execute("nonsense"), tx.execute("nonsense")]);'],
  ["an inner part", 'await tx.savepoint((inner) => inner.execute("nonsense")).catch(() => {});'],
] as const)("a failure that the body hears of is its own affair: %s", async ([, body]) => {
  expect(await run(unit(body))).toEqual({ said: ["ended well", "listeners 0"], exit: 0 });
});

test.for([
  ["handed on", 'void tx.execute("nonsense").then(() => {});'],
  [
    "wrapped",
    'void (async () => { await tx.execute("nonsense").catch((cause) => { throw new Error("x", { cause }); }); })();',
  ],
  ["an inner part that goes on after its unit", "void tx.savepoint(async () => { await turn(); await turn(); });"],
  [
    "and asks for more",
    'void tx.savepoint(async (inner) => { await turn(); await turn(); await inner.execute("SELECT 1"); });',
  ],
  ["of an inner part", 'void tx.savepoint((inner) => inner.execute("nonsense"));'],
  ["beside an inner part", 'await tx.savepoint(async (inner) => { void tx.execute("SELECT 1"); });'],
] as const)("whoever lost it: %s", async ([, body]) => {
  const { said, exit } = await run(unit(body));
  expect(said).toEqual([expect.stringMatching(/^query-floating /), "listeners 0"]);
  expect(exit).toBe(0);
});

test("a statement asked for after its unit is nobody's to take back: lost, it ends the process by its unit's name", async () => {
  const last =
    "process.once('uncaughtException', ({ code, message }) => { console.log(code, message); process.exit(7); });";
  const { said, exit } = await run(`${last}${unit('setImmediate(() => void tx.execute("SELECT 1"));')}`);
  expect(said).toEqual(["ended well", expect.stringMatching(/^handle-dead .*"orders\.place-order"/)]);
  expect(exit).toBe(7);
});

test("any other lost rejection ends the process as ever, also while a failure is watched", async () => {
  const last = "process.once('uncaughtException', ({ message }) => { console.log(message); process.exit(7); });";
  const body = 'await tx.execute("nonsense").catch(() => {}); void Promise.reject(new Error("of somebody else"));';
  expect(await run(`${last}${unit(body)}`)).toEqual({ said: ["of somebody else"], exit: 7 });
});
