import assert from "node:assert/strict";
import type { StoreCase } from "./case.ts";
import { entry, ODD_TEXTS } from "./world.ts";

const BOTH = ["orders.placed", "orders.paid"];

export const LOG_CASES: readonly StoreCase[] = [
  {
    promise: "positions rise in the order of append, within and across transactions",
    async run(world) {
      await world.commit(async (transaction) => {
        await transaction.append("orders", [entry({ id: "a" }), entry({ id: "b" })]);
        await transaction.append("orders", []);
        await transaction.append("orders", [entry({ id: "c" })]);
      });
      await world.append(entry({ id: "d" }));
      const log = await world.log();
      assert.deepEqual(log.map(({ id }) => id).join(""), "abcd");
      assert(
        log.every(({ position }, i) => i === 0 || position > log[i - 1]!.position),
        "positions rise",
      );
    },
  },
  {
    promise: "a position belongs to one entry for ever: not to another one after a rollback, a crash or a restart",
    async run(world) {
      await world.append(entry({ id: "a" }));
      const rolledBack = await world.store.begin();
      await rolledBack.append("orders", [entry({ id: "rolled back" })]);
      await rolledBack.rollback();
      await world.append(entry({ id: "b" }));
      const before = await world.log();
      const crashed = await world.store.begin();
      await crashed.append("orders", [entry({ id: "crashed" })]);
      await world.crash();
      await world.append(entry({ id: "c" }));
      const after = await world.log();
      assert.deepEqual(after.slice(0, 2), before);
      assert.deepEqual(after.map(({ id }) => id).join(""), "abc");
      assert.equal(new Set(after.map(({ position }) => position)).size, 3);
    },
  },
  {
    promise: "every field of an entry comes back as it was appended, whatever text it holds",
    async run(world) {
      const sent = ODD_TEXTS.map((text, i) =>
        entry({
          key: text,
          body: text,
          tenant: text,
          principal: text,
          causation: text,
          correlation: text,
          slot: i,
          at: i * 1_000_000_000,
        }),
      );
      sent.push(
        entry({ traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", form: "sealed", version: 12 }),
      );
      await world.append(...sent);
      const expected = sent.map((one, i) => ({ ...one, source: "orders", position: i + 1 }));
      assert.deepEqual(
        (await world.log()).map((one) => ({ ...one })),
        expected,
      );
    },
  },
  {
    promise: "a body that nobody can decode comes back as it is and holds up no other entry",
    async run(world) {
      await world.append(entry({ body: "{not json" }), entry({ body: "" }), entry({ body: "{}" }));
      assert.deepEqual(
        (await world.log()).map(({ body }) => body),
        ["{not json", "", "{}"],
      );
    },
  },
  {
    promise: "a fetch gives the types asked for, after the position, at most the limit, and says how far it looked",
    async run(world) {
      const types = ["orders.placed", "orders.paid", "orders.placed", "orders.lost", "orders.paid"];
      await world.append(...types.map((type) => entry({ type })));
      const fetch = async (after: number, limit: number, wanted: readonly string[]): Promise<unknown> => {
        const { entries, through } = await world.store.fetch({ source: "orders", after, limit, types: wanted });
        return [...entries.map(({ position }) => position), `through ${through}`];
      };
      assert.deepEqual(await fetch(0, 10, BOTH), [1, 2, 3, 5, "through 5"]);
      assert.deepEqual(await fetch(0, 10, ["orders.placed"]), [1, 3, "through 5"]);
      assert.deepEqual(await fetch(0, 2, BOTH), [1, 2, "through 2"]);
      assert.deepEqual(await fetch(2, 2, BOTH), [3, 5, "through 5"]);
      assert.deepEqual(await fetch(5, 2, BOTH), ["through 5"]);
      assert.deepEqual(await fetch(0, 10, []), ["through 5"]);
      assert.deepEqual(await fetch(0, 10, ["orders.unknown"]), ["through 5"]);
    },
  },
  {
    promise: "a fetch stops before the entry with which there would be too much, and always gives one",
    async run(world) {
      const sizes = [10, 30, 7, 100, 1, 1];
      await world.append(
        ...sizes.map((size, i) => entry({ body: "x".repeat(size), type: i === 2 ? "orders.lost" : "orders.placed" })),
      );
      const fetch = async (after: number, bytes: number, limit = 10): Promise<unknown> => {
        const query = { source: "orders", after, limit, types: BOTH, bytes };
        const { entries, through } = await world.store.fetch(query);
        return [...entries.map(({ position }) => position), `through ${through}`];
      };
      assert.deepEqual(await fetch(0, 40), [1, 2, "through 2"]);
      assert.deepEqual(await fetch(0, 39), [1, "through 1"]);
      assert.deepEqual(await fetch(0, 0), [1, "through 1"]);
      assert.deepEqual(await fetch(2, 50), [4, "through 4"]);
      assert.deepEqual(await fetch(2, 101), [4, 5, "through 5"]);
      assert.deepEqual(await fetch(2, 102), [4, 5, 6, "through 6"]);
      assert.deepEqual(await fetch(0, 1_000, 2), [1, 2, "through 2"]);
    },
  },
  {
    promise: "what a fetch may be at most is bytes of UTF-8, not characters",
    async run(world) {
      await world.append(...["é", "木", "🌳"].map((body) => entry({ body: body.repeat(10) })));
      const fetch = async (after: number, bytes: number): Promise<unknown> => {
        const { entries } = await world.store.fetch({ source: "orders", after, limit: 10, types: BOTH, bytes });
        return entries.map(({ position }) => position);
      };
      assert.deepEqual(await fetch(0, 49), [1]);
      assert.deepEqual(await fetch(0, 50), [1, 2]);
      assert.deepEqual(await fetch(1, 69), [2]);
      assert.deepEqual(await fetch(1, 70), [2, 3]);
    },
  },
  {
    promise: "a reader of a rare type gets through a long log in few looks, each of them bounded",
    async run(world) {
      const many = Array.from({ length: 2_500 }, (_, i) =>
        entry({ type: i === 2_400 ? "orders.paid" : "orders.placed" }),
      );
      await world.append(...many);
      let after = 0;
      let looks = 0;
      const found: number[] = [];
      for (; after < 2_500; looks++) {
        const { entries, through } = await world.store.fetch({
          source: "orders",
          after,
          limit: 10,
          types: ["orders.paid"],
        });
        assert(through > after, "every look gets further");
        found.push(...entries.map(({ position }) => position));
        after = through;
      }
      assert.deepEqual(found, [2_401]);
      assert(looks <= 10, `${looks} looks for 2,500 entries`);
    },
  },
  {
    promise: "an empty log is through at once, also beyond its end",
    async run(world) {
      const empty = await world.store.fetch({ source: "orders", after: 0, limit: 10, types: BOTH });
      assert.deepEqual([empty.entries.length, empty.through], [0, 0]);
      await world.append(entry());
      const beyond = await world.store.fetch({ source: "orders", after: 1, limit: 10, types: BOTH });
      assert.deepEqual([beyond.entries.length, beyond.through], [0, 1]);
    },
  },
  {
    promise: "what is not committed is not fetched, and is not what `through` counts",
    async run(world) {
      await world.append(entry({ id: "a" }));
      const transaction = await world.store.begin();
      await transaction.append("orders", [entry({ id: "b" })]);
      const during = await world.store.fetch({ source: "orders", after: 0, limit: 10, types: BOTH });
      assert.deepEqual([during.entries.map(({ id }) => id).join(""), during.through], ["a", 1]);
      assert.deepEqual(await world.store.entriesAt("orders", [2]), []);
      await transaction.commit();
      assert.deepEqual((await world.log()).map(({ id }) => id).join(""), "ab");
    },
  },
  {
    promise: "entries are found again at exactly the positions asked for, in order",
    async run(world) {
      await world.append(entry({ id: "a" }), entry({ id: "b" }), entry({ id: "c" }));
      const found = await world.store.entriesAt("orders", [3, 1, 99]);
      assert.deepEqual(
        found.map(({ id, position, source }) => [id, position, source]),
        [
          ["a", 1, "orders"],
          ["c", 3, "orders"],
        ],
      );
      assert.deepEqual(await world.store.entriesAt("orders", []), []);
    },
  },
  {
    promise: "each context has a log of its own, with an identity that outlives restarts",
    async run(world) {
      const { incarnations } = world.state;
      assert.equal(new Set(incarnations.values()).size, 2);
      await world.append(entry());
      await world.commit((transaction) => transaction.append("billing", [entry({ id: "of billing" })]));
      const [first] = await world.log("billing");
      assert.deepEqual([first?.id, first?.position, first?.source], ["of billing", 1, "billing"]);
      await world.crash();
      assert.deepEqual(new Map(world.state.incarnations), new Map(incarnations));
      for (const [name, incarnation] of incarnations)
        assert.deepEqual(world.state.eras.get(name)?.at(-1), { incarnation, after: 0 });
      await assert.rejects(async () => world.store.fetch({ source: "unknown", after: 0, limit: 1, types: BOTH }));
    },
  },
  {
    promise: "the extent of a log is what is committed of it",
    async run(world) {
      assert.deepEqual(await world.store.extent("orders"), { first: 0, last: 0 });
      await world.commit((transaction) => transaction.append("orders", [entry(), entry()]));
      const open = await world.store.begin();
      await open.append("orders", [entry()]);
      assert.deepEqual(await world.store.extent("orders"), { first: 1, last: 2 });
      await open.rollback();
      assert.deepEqual(await world.store.extent("orders"), { first: 1, last: 2 });
      assert.deepEqual(await world.store.extent("billing"), { first: 0, last: 0 });
      await world.crash();
      assert.deepEqual(await world.store.extent("orders"), { first: 1, last: 2 });
    },
  },
];
