import { memoryDisk, type MemoryDisk, type Store } from "@banyan/core";
import { sqlite } from "@banyan/node";
import { type Client, type Scenario, simulateSeeds, type World } from "@banyan/testing";
import { expect, test } from "vitest";
import booking from "../../examples/booking/banyan.config.ts";
import * as cars from "../../examples/booking/contexts/cars/contract.ts";
import * as rooms from "../../examples/booking/contexts/rooms/contract.ts";
import * as tours from "../../examples/booking/contexts/tours/contract.ts";

const CONTEXTS = { rooms, cars, tours };

/** Guests ask for offers that overlap; what they were told is booked must be exactly what is booked. */
function overlapping(): Scenario {
  const told: Record<string, string[]> = { rooms: [], cars: [], tours: [] };
  const guest = async (client: Client): Promise<void> => {
    for (let i = 0; i < 4; i++) {
      for (const [name, { Book }] of Object.entries(CONTEXTS)) {
        const offer = (): string[] => Array.from({ length: 2 }, () => String(client.random.u32() % 24));
        const answer = await client.command(Book, { guest: client.name, offers: [offer(), offer(), offer()] });
        if (answer.ok) told[name]?.push(...answer.value.booked);
      }
    }
  };
  return {
    app: booking,
    clients: [guest, guest, guest],
    invariants: async ({ client }) => {
      const wrong: string[] = [];
      for (const [name, { GetBookings }] of Object.entries(CONTEXTS)) {
        const answer = await client.query(GetBookings, {});
        const is = answer.ok ? answer.value.places.join() : "no answer";
        const said = told[name]?.toSorted().join();
        if (is !== said) wrong.push(`${name}: booked ${is}, told ${said}`);
      }
      return wrong;
    },
  };
}

test("inner transactions keep all or nothing under crashes", { timeout: 60_000 }, async () => {
  const store = (disk: MemoryDisk, { clock, random }: World): Store =>
    sqlite({ memory: disk, overrides: { clock, random } });
  const counted = new Set<string>();
  for await (const result of simulateSeeds({ scenario: overlapping, disk: memoryDisk, store, from: 1, seeds: 30 })) {
    expect({ seed: result.seed, breaches: result.breaches }).toEqual({ seed: result.seed, breaches: [] });
    for (const name of Object.keys(result.counters)) counted.add(name);
  }
  expect(counted).toContain("crash after commit");
});
