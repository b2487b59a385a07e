import assert from "node:assert/strict";
import {
  LAST_INSTANT,
  utf8Length,
  type AuditRecord,
  type CommandRecord,
  type ActRecord,
  type ParkRow,
  type Scheduled,
} from "@banyan/core";
import type { StoreCase } from "./case.ts";
import { entry, NOON, ODD_TEXTS, parked, record, type StoreWorld } from "./world.ts";

const park = (world: StoreWorld, ...rows: readonly ParkRow[]): Promise<void> =>
  world.commit(async (transaction) => {
    for (const row of rows) await transaction.park(row);
  });

const remember = (world: StoreWorld, one: CommandRecord): Promise<boolean> =>
  world.commit((transaction) => transaction.remember(one));

const late = (id: string, due: number, context = "orders"): Scheduled => ({ context, due, entry: entry({ id }) });

/** What no row can hold as a time. */
const NO_INSTANTS = [-1, 0.5, LAST_INSTANT + 1, 2 ** 60, 1e300, -1e300, Infinity, NaN];

const act = (over: Partial<ActRecord> = {}): ActRecord => ({
  key: "key-1",
  subscription: "billing.charge",
  source: "orders",
  position: 3,
  name: "charge",
  state: "intent",
  outcome: "",
  at: NOON,
  ...over,
});

const audited = (id: string, why = "it was asked for"): AuditRecord => ({
  id,
  at: NOON,
  operator: "ann",
  why,
  action: "skip",
  subject: { subscription: "billing.charge", source: "orders", position: 3, key: "order-1" },
});

export const RECORD_CASES: readonly StoreCase[] = [
  {
    promise: "a parked entry comes back whole, and is listed at the next start without its entry",
    async run(world) {
      const row = parked({ errors: [...parked().errors, { at: NOON + 1, code: "x", message: "日本語" }] });
      await park(world, row);
      assert.deepEqual(await world.store.parkedEntry(row), row);
      await world.crash();
      assert.deepEqual(await world.store.parkedEntry(row), row);
      const { entry: whole, errors, ...listed } = row;
      const expected = { ...listed, bytes: utf8Length(whole.body), failedAt: errors.at(-1)?.at };
      assert.deepEqual([...world.state.parked], [expected]);
    },
  },
  {
    promise: "a parked entry that never failed is listed with no time of a failure",
    async run(world) {
      await park(world, parked({ position: 1, state: "waiting", attempts: 0, due: 0, errors: [] }));
      await world.crash();
      assert.deepEqual(
        world.state.parked.map(({ failedAt }) => failedAt),
        [0],
      );
    },
  },
  {
    promise: "what is parked is due at any time a date can name; at any other it is refused, and nothing is kept",
    async run(world) {
      const dues = [0, 1, LAST_INSTANT];
      await park(world, ...dues.map((due, i) => parked({ position: i + 1, due })));
      await world.crash();
      assert.deepEqual(
        world.state.parked.map(({ due }) => due),
        dues,
      );
      for (const due of NO_INSTANTS) await assert.rejects(park(world, parked({ position: 9, due })));
      await world.crash();
      assert.deepEqual((await world.store.parkedRows()).length, dues.length);
    },
  },
  {
    promise: "what is scheduled is due at any time a date can name; at any other it is refused, and nothing is kept",
    async run(world) {
      const dues = [LAST_INSTANT, 1, 0, LAST_INSTANT - 1];
      const schedule = (due: number): Promise<void> =>
        world.commit((transaction) => transaction.schedule({ context: "orders", due, entry: entry({ id: `${due}` }) }));
      for (const due of dues) await schedule(due);
      for (const due of NO_INSTANTS) await assert.rejects(schedule(due));
      await world.crash();
      const told = await world.store.scheduled("orders", 10);
      assert.deepEqual(
        told.map(({ due }) => due),
        [0, 1, LAST_INSTANT - 1, LAST_INSTANT],
      );
    },
  },
  {
    promise: "parking again replaces the row; unparking deletes it, and only it",
    async run(world) {
      await park(world, parked({ position: 3 }), parked({ position: 4, state: "waiting" }));
      await park(world, parked({ position: 3, state: "dead", attempts: 8, due: 0 }));
      const dead = await world.store.parkedEntry(parked({ position: 3 }));
      assert.deepEqual([dead?.state, dead?.attempts, dead?.due], ["dead", 8, 0]);
      await world.commit((transaction) => transaction.unpark(parked({ position: 3 })));
      await world.commit((transaction) => transaction.unpark(parked({ position: 99 })));
      assert.equal(await world.store.parkedEntry(parked({ position: 3 })), undefined);
      await world.crash();
      assert.deepEqual(
        world.state.parked.map(({ position, state }) => [position, state]),
        [[4, "waiting"]],
      );
    },
  },
  {
    promise: "parked entries are listed by subscription, source and position, whatever their keys",
    async run(world) {
      const odd = ODD_TEXTS.map((key, i) => parked({ position: 20 - i, key }));
      await park(
        world,
        ...odd,
        parked({ position: 1, source: "billing" }),
        parked({ position: 9, subscription: "a.first" }),
      );
      await world.crash();
      const expected = [...odd].reverse().map(({ position, key }) => ["billing.charge", "orders", position, key]);
      assert.deepEqual(
        world.state.parked.map(({ subscription, source, position, key }) => [subscription, source, position, key]),
        [["a.first", "orders", 9, "order-1"], ["billing.charge", "billing", 1, "order-1"], ...expected],
      );
    },
  },
  {
    promise: "how much is parked is told without the entries: the bytes of their bodies, now and at the next start",
    async run(world) {
      const bodies = ['{"orderId":"order-1"}', "", "grüße 🌳", "\u0000x", '"'.repeat(10)];
      const rows = bodies.map((body, i) =>
        parked({ position: i + 1, entry: { ...entry({ body }), source: "orders", position: i + 1 } }),
      );
      await park(world, ...rows);
      const expected = bodies.map((body) => utf8Length(body));
      const told = async (): Promise<number[]> => (await world.store.parkedRows()).map(({ bytes }) => bytes);
      assert.deepEqual(await told(), expected);
      const transaction = await world.store.begin();
      await transaction.unpark(parked({ position: 1 }));
      assert.deepEqual(await told(), expected);
      await transaction.rollback();
      await world.crash();
      assert.deepEqual(await told(), expected);
      assert.deepEqual(
        world.state.parked.map(({ bytes }) => bytes),
        expected,
      );
    },
  },
  {
    promise: "what is parked, unparked or remembered in an open transaction is not seen outside it",
    async run(world) {
      await park(world, parked({ position: 1 }));
      const transaction = await world.store.begin();
      await transaction.park(parked({ position: 1, state: "dead" }));
      await transaction.park(parked({ position: 2 }));
      await transaction.remember(record());
      const rows = await world.store.parkedRows();
      assert.deepEqual(
        rows.map(({ position, state }) => [position, state]),
        [[1, "retrying"]],
      );
      assert.equal((await world.store.parkedEntry(parked({ position: 1 })))?.state, "retrying");
      assert.equal(await world.store.parkedEntry(parked({ position: 2 })), undefined);
      assert.equal(await world.store.recall(record()), undefined);
      await transaction.unpark(parked({ position: 1 }));
      assert.equal((await world.store.parkedEntry(parked({ position: 1 })))?.state, "retrying");
      await transaction.commit();
      assert.equal(await world.store.parkedEntry(parked({ position: 1 })), undefined);
      assert.equal((await world.store.recall(record()))?.commandId, "command-1");
    },
  },
  {
    promise: "a command is remembered once per tenant, principal, operation and key; the first record stays",
    async run(world) {
      assert.equal(await remember(world, record()), true);
      assert.equal(await remember(world, record({ commandId: "other", body: "other" })), false);
      assert.deepEqual(await world.store.recall(record()), record());
      for (const part of ["tenant", "principal", "operation", "key"] as const) {
        const other = record({ [part]: "other", outcome: "error" });
        assert.equal(await world.store.recall(other), undefined);
        assert.equal(await remember(world, other), true);
      }
      await world.crash();
      assert.deepEqual(await world.store.recall(record()), record());
      assert.equal(await remember(world, record()), false);
    },
  },
  {
    promise: "an expired record is neither recalled nor in the way of a new one",
    async run(world) {
      await remember(world, record({ expires: NOON + 10 }));
      world.now = NOON + 9;
      assert.equal((await world.store.recall(record()))?.commandId, "command-1");
      world.now = NOON + 10;
      assert.equal(await world.store.recall(record()), undefined);
      const next = record({ commandId: "command-2", digest: "digest-2", at: NOON + 10 });
      assert.equal(await remember(world, next), true);
      assert.deepEqual(await world.store.recall(record()), next);
    },
  },
  {
    promise: "scopes and bodies hold any text",
    async run(world) {
      for (const text of ODD_TEXTS) {
        const one = record({ tenant: text, principal: text, key: text, body: text });
        assert.equal(await remember(world, one), true);
        assert.deepEqual(await world.store.recall(one), one);
      }
    },
  },
  {
    promise: "a refusal that is forgotten is remembered anew, with its commit; a result is never forgotten so",
    async run(world) {
      const refused = record({ outcome: "error" });
      const done = record({ key: "key-2" });
      for (const one of [refused, done]) assert.equal(await remember(world, one), true);
      const lost = await world.store.begin();
      await lost.forgetRefusal(refused);
      await lost.rollback();
      assert.deepEqual(await world.store.recall(refused), refused);
      await world.commit(async (transaction) => {
        for (const part of ["tenant", "principal", "operation"] as const)
          await transaction.forgetRefusal({ ...refused, [part]: "other" });
      });
      assert.deepEqual(await world.store.recall(refused), refused);
      await world.commit(async (transaction) => {
        for (const one of [refused, done]) await transaction.forgetRefusal(one);
      });
      await world.crash();
      assert.deepEqual([await world.store.recall(refused), await world.store.recall(done)], [undefined, done]);
      assert.equal(await remember(world, record({ commandId: "command-2" })), true);
    },
  },
  {
    promise: "what an operator did is kept with its commit, and told newest first",
    async run(world) {
      await world.commit((transaction) => transaction.audit(audited("1", "日本語 'quoted'")));
      const lost = await world.store.begin();
      await lost.audit(audited("2"));
      assert.deepEqual(await world.store.audits(10), [audited("1", "日本語 'quoted'")]);
      await lost.rollback();
      await world.commit((transaction) => transaction.audit(audited("3")));
      await world.crash();
      assert.deepEqual(await world.store.audits(10), [audited("3"), audited("1", "日本語 'quoted'")]);
      assert.deepEqual(await world.store.audits(1), [audited("3")]);
    },
  },
  {
    promise: "what is known of an act outside is kept with its commit, and replaced under its key",
    async run(world) {
      assert.equal(await world.store.actOf("key-1"), undefined);
      await world.commit((transaction) => transaction.recordAct(act()));
      const open = await world.store.begin();
      await open.recordAct(act({ state: "done", outcome: "{}" }));
      await open.recordAct(act({ key: "key-2" }));
      assert.deepEqual(await world.store.actOf("key-1"), act());
      assert.equal(await world.store.actOf("key-2"), undefined);
      await open.rollback();
      await world.commit((transaction) => transaction.recordAct(act({ state: "done", outcome: '{"日":1}' })));
      await world.crash();
      assert.deepEqual(await world.store.actOf("key-1"), act({ state: "done", outcome: '{"日":1}' }));
      assert.equal(await world.store.actOf("key-2"), undefined);
    },
  },
  {
    promise:
      "how much is known of acts outside is told by subscription and source: how many, and the bytes of their outcomes",
    async run(world) {
      assert.deepEqual(await world.store.acts(), []);
      await world.commit(async (transaction) => {
        for (const [i, outcome] of ODD_TEXTS.entries())
          await transaction.recordAct(act({ key: `key-${i + 1}`, position: i + 1, state: "done", outcome }));
        for (const over of [{ source: "billing" }, { subscription: "a.first" }])
          await transaction.recordAct(act({ key: `of ${Object.values(over)[0]}`, outcome: "grüße", ...over }));
      });
      const bytes = ODD_TEXTS.reduce((sum, outcome) => sum + utf8Length(outcome), 0);
      const others = [
        { subscription: "a.first", source: "orders", records: 1, bytes: 7 },
        { subscription: "billing.charge", source: "billing", records: 1, bytes: 7 },
      ];
      const expected = [
        ...others,
        { subscription: "billing.charge", source: "orders", records: ODD_TEXTS.length, bytes },
      ];
      assert.deepEqual(await world.store.acts(), expected);
      const lost = await world.store.begin();
      await lost.recordAct(act({ key: "key-99", outcome: "lost" }));
      await lost.rollback();
      await world.crash();
      assert.deepEqual(await world.store.acts(), expected);
      await world.commit(async (transaction) => {
        await transaction.recordAct(act({ key: "of billing", source: "billing", outcome: "{}" }));
        const of = { subscription: "a.first", parkedAs: "a.first", source: "orders", below: 9 };
        await transaction.forgetActs(of, { olderThan: NOON + 1, limit: 9 });
      });
      assert.deepEqual(await world.store.acts(), [{ ...others[1], bytes: 2 }, expected[2]]);
    },
  },
  {
    promise: "how much is known of acts outside is told as it is committed, also while a transaction is open",
    needs: "sessions-beside-writer",
    async run(world) {
      await world.commit((transaction) => transaction.recordAct(act({ outcome: "12345" })));
      const expected = [{ subscription: "billing.charge", source: "orders", records: 1, bytes: 5 }];
      const open = await world.store.begin();
      await open.recordAct(act({ outcome: "1" }));
      await open.recordAct(act({ key: "key-2" }));
      assert.deepEqual(await world.store.acts(), expected);
      await open.commit();
      assert.deepEqual(await world.store.acts(), [{ ...expected[0], records: 2, bytes: 1 }]);
    },
  },
  {
    promise:
      "what is scheduled is kept with its commit, told by context in the order of due and id, and taken out once",
    async run(world) {
      const told = async (limit = 10): Promise<readonly string[]> =>
        (await world.store.scheduled("orders", limit)).map(({ entry: { id } }) => id);
      await world.commit(async (transaction) => {
        for (const one of [late("b", 20), late("c", 10), late("a", 20), late("z", 5, "billing")])
          await transaction.schedule(one);
      });
      assert.deepEqual(await told(), ["c", "a", "b"]);
      assert.deepEqual(await told(2), ["c", "a"]);
      const open = await world.store.begin();
      await open.schedule(late("d", 1));
      assert.equal(await open.unschedule(late("c", 10)), true);
      assert.deepEqual(await told(), ["c", "a", "b"]);
      await open.rollback();
      await world.commit(async (transaction) => {
        assert.equal(await transaction.unschedule(late("c", 10)), true);
        assert.equal(await transaction.unschedule(late("c", 10)), false);
        assert.equal(await transaction.unschedule(late("b", 20, "billing")), false);
      });
      await world.crash();
      assert.deepEqual(await world.store.scheduled("orders", 10), [late("a", 20), late("b", 20)]);
      assert.deepEqual(await world.store.scheduled("billing", 10), [late("z", 5, "billing")]);
    },
  },
  {
    promise:
      "how much is scheduled of each context is told as it is committed: how many, how many are due, when the first is",
    async run(world) {
      assert.deepEqual(await world.store.schedules(NOON), []);
      await world.commit(async (transaction) => {
        for (const one of [late("a", 20), late("b", 30), late("c", LAST_INSTANT), late("z", 40, "billing")])
          await transaction.schedule(one);
      });
      const expected = [
        { context: "billing", entries: 1, overdue: 0, first: 40 },
        { context: "orders", entries: 3, overdue: 2, first: 20 },
      ];
      assert.deepEqual(await world.store.schedules(30), expected);
      const open = await world.store.begin();
      await open.schedule(late("d", 1));
      await open.unschedule(late("a", 20));
      await open.unschedule(late("z", 40, "billing"));
      assert.deepEqual(await world.store.schedules(30), expected);
      await open.rollback();
      await world.crash();
      assert.deepEqual(await world.store.schedules(30), expected);
      await world.commit((transaction) => transaction.unschedule(late("z", 40, "billing")));
      assert.deepEqual(await world.store.schedules(LAST_INSTANT), [{ ...expected[1], overdue: 3 }]);
    },
  },
];
