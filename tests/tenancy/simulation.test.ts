import { memoryDisk, type MemoryDisk, type Store, type StoreTransaction } from "@banyan/core";
import { sqlite } from "@banyan/node";
import { simulateSeeds, type Client, type Scenario, type World } from "@banyan/testing";
import { expect, test } from "vitest";
import { CloseTicket, GetTickets, OpenTicket, ticketsApp } from "./tickets.ts";

const TENANTS = ["acme", "beta", "gamma"];

/** Tenants open and close tickets of the same names beside each other; in the end each has what it was told it has, and was told of. */
function sharedNames(): Scenario {
  const has = new Map(TENANTS.map((tenant) => [tenant, new Set<string>()]));
  const opened = new Map(TENANTS.map((tenant) => [tenant, [] as string[]]));
  const of =
    (tenant: string) =>
    async (client: Client): Promise<void> => {
      for (let i = 0; i < 8; i++) {
        const ticketId = String(client.random.u32() % 4);
        const text = `${ticketId} of ${tenant}${client.random.u32() % 4 === 0 ? ", poison" : ""}`;
        const open = await client.command(OpenTicket, { ticketId, text }, { tenant });
        if (open.ok) {
          has.get(tenant)?.add(ticketId);
          opened.get(tenant)?.push(text);
          if (open.value.open !== has.get(tenant)?.size) throw new Error(`${tenant} was told of ${open.value.open}`);
          if (client.random.u32() % 2 === 0) continue;
        }
        const closed = await client.command(CloseTicket, { ticketId }, { tenant });
        if (closed.ok && closed.value.closed !== (has.get(tenant)?.delete(ticketId) ? 1 : 0))
          throw new Error(`${tenant} closed ${closed.value.closed} of ${ticketId}`);
      }
    };
  const wrongWith = async (client: Client, tenant: string): Promise<readonly string[]> => {
    const answer = await client.query(GetTickets, {}, { tenant });
    const is = answer.ok
      ? [answer.value.tickets.map(({ ticketId }) => ticketId), answer.value.told.toSorted()]
      : "no answer";
    const said = [[...(has.get(tenant) ?? [])].toSorted(), opened.get(tenant)?.toSorted()];
    return JSON.stringify(is) === JSON.stringify(said)
      ? []
      : [`${tenant} has ${JSON.stringify(is)}, was told ${JSON.stringify(said)}`];
  };
  return {
    app: ticketsApp(),
    clients: TENANTS.map(of),
    invariants: async ({ client }) => (await Promise.all(TENANTS.map((tenant) => wrongWith(client, tenant)))).flat(),
  };
}

const guarded = (disk: MemoryDisk, { clock, random }: World): Store =>
  sqlite({ memory: disk, overrides: { clock, random } });

/** Works for one tenant through a whole transaction: the one whose unit came first. */
const sharing = (disk: MemoryDisk, world: World): Store => {
  const store = guarded(disk, world);
  const begin = async (): Promise<StoreTransaction> => {
    const transaction = await store.begin();
    let first: string | undefined;
    return replaced(transaction, {
      unit: (context, name, tenant) => transaction.unit(context, name, (first ??= tenant)),
    });
  };
  return replaced(store, { begin });
};

function replaced<T extends object>(target: T, changes: Partial<T>): T {
  const get = (_: T, name: string | symbol): unknown => {
    const value: unknown = Reflect.get(Object.hasOwn(changes, name) ? changes : target, name);
    return typeof value === "function" ? value.bind(target) : value;
  };
  return new Proxy(target, { get });
}

async function run(store: typeof guarded, seeds: number): Promise<{ breached: number[]; counted: Set<string> }> {
  const breached: number[] = [];
  const counted = new Set<string>();
  for await (const result of simulateSeeds({ scenario: sharedNames, disk: memoryDisk, store, from: 1, seeds })) {
    if (result.breaches.length > 0) breached.push(result.seed);
    for (const name of Object.keys(result.counters)) counted.add(name);
  }
  return { breached, counted };
}

test("under crashes and shared commits each tenant keeps its rows and no others", { timeout: 60_000 }, async () => {
  const { breached, counted } = await run(guarded, 30);
  expect(breached).toEqual([]);
  expect(counted).toContain("crash after commit");
});

test("a store in which one commit is for one tenant is found", { timeout: 60_000 }, async () => {
  expect((await run(sharing, 3)).breached).not.toEqual([]);
});
