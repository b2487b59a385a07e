import { expect, test } from "vitest";
import { Visits } from "./visits.ts";

const user = { id: "user:1", roles: [] };
const guest = { id: "guest", roles: [] };
const limited = expect.objectContaining({ code: "rate-limited", kind: "unavailable", retry: "later" }) as Error;

function made(rate: ConstructorParameters<typeof Visits>[0]) {
  const clock = { now: 0 };
  return { clock, visits: new Visits(rate, { now: () => clock.now }) };
}

test("a principal has one limit wherever it asks from, guests one for each address", () => {
  const { visits, clock } = made({ perSecond: 1, burst: 2 });
  for (const address of ["192.0.2.1", "192.0.2.2"]) visits.begin(address).enter(user);
  expect(() => visits.begin("192.0.2.3").enter(user)).toThrow(limited);
  for (let at = 0; at < 2; at++) visits.begin("192.0.2.1").enter(guest);
  expect(() => visits.begin("192.0.2.1").enter(guest)).toThrow(limited);
  visits.begin("192.0.2.2").enter(guest);
  clock.now = 1_000;
  visits.begin("192.0.2.1").enter(guest);
});

test("the wait is told", () => {
  const { visits } = made({ perSecond: 2, burst: 1 });
  visits.begin("192.0.2.1").enter(guest);
  expect(() => visits.begin("192.0.2.1").enter(guest)).toThrow(expect.objectContaining({ retryAfterMs: 500 }) as Error);
});

test("so many at once, and again when one has its answer", () => {
  const { visits } = made({ concurrent: 2 });
  const [first, second] = [visits.begin("192.0.2.1"), visits.begin("192.0.2.1")];
  first.enter(user);
  second.enter(user);
  const third = visits.begin("192.0.2.1");
  expect(() => third.enter(user)).toThrow(limited);
  third.end();
  expect(() => visits.begin("192.0.2.1").enter(user)).toThrow(limited);
  second.end();
  second.end();
  visits.begin("192.0.2.1").enter(user);
  expect(() => visits.begin("192.0.2.1").enter(user)).toThrow(limited);
});

test("a request for several things is a debt", () => {
  const { visits, clock } = made({ perSecond: 10, burst: 5 });
  const visit = visits.begin("192.0.2.1");
  visit.enter(user);
  visit.more(99);
  expect(() => visits.begin("192.0.2.1").enter(user)).toThrow(limited);
  clock.now = 9_500;
  expect(() => visits.begin("192.0.2.1").enter(user)).toThrow(limited);
  clock.now = 9_600;
  visits.begin("192.0.2.1").enter(user);
});

test("whoever has the development token, and a guest from nowhere, have none", () => {
  const { visits } = made({ perSecond: 1, burst: 1, concurrent: 1 });
  for (let at = 0; at < 9; at++) {
    expect(() => visits.begin("192.0.2.1").enter({ id: "operator", roles: [] })).not.toThrow();
    expect(() => visits.begin(undefined).enter(guest)).not.toThrow();
  }
});

test("an address whose tokens are refused is not judged for ever; others are", () => {
  const { visits, clock } = made({ perSecond: 10, burst: 20 });
  for (let at = 0; at < 2; at++) {
    const visit = visits.begin("192.0.2.1");
    visit.judge();
    visit.refused();
  }
  expect(() => visits.begin("192.0.2.1").judge()).toThrow(limited);
  visits.begin("192.0.2.2").judge();
  // a guest there is one all the same
  visits.begin("192.0.2.1").enter(guest);
  clock.now = 1_000;
  visits.begin("192.0.2.1").judge();
});

test("what is no rate is refused", () => {
  for (const wrong of [{ perSecond: 0 }, { burst: Number.NaN }, { concurrent: -1 }]) {
    expect(() => new Visits(wrong, { now: () => 0 })).toThrow("http.rate");
  }
  expect(() => new Visits({ perSecond: Infinity, burst: Infinity }, { now: () => 0 })).not.toThrow();
});

test("while it is crowded a caller that has more than others is refused, and others are not", () => {
  let crowded = false;
  const visits = new Visits({}, { now: () => 0, crowded: () => crowded });
  const [greedy, modest] = ["user:greedy", "user:modest"].map((id) => ({ id, roles: [] }));
  const enter = (who = user) => {
    const visit = visits.begin("192.0.2.1");
    visit.enter(who);
    return visit;
  };
  const held = Array.from({ length: 9 }, () => enter(greedy));
  enter(modest);
  crowded = true;
  expect(() => enter(greedy)).toThrow(limited);
  enter(modest);
  for (const visit of held) visit.end();
  enter(greedy);
});

test("twice what others have on average is not more than a share", () => {
  const visits = new Visits({}, { now: () => 0, crowded: () => true });
  const enter = (id: string) => visits.begin("192.0.2.1").enter({ id, roles: [] });
  for (const id of ["user:a", "user:b", "user:c", "user:c"]) enter(id);
  // the others have 1.5 now, and 2 when one of them has another
  for (const id of ["user:a", "user:a"]) enter(id);
  expect(() => enter("user:a")).toThrow(limited);
  enter("user:b");
  enter("user:a");
  expect(() => enter("user:a")).toThrow(limited);
});

test("a caller that is alone has all there is", () => {
  const visits = new Visits({}, { now: () => 0, crowded: () => true });
  for (let at = 0; at < 9; at++) expect(() => visits.begin("192.0.2.1").enter(user)).not.toThrow();
});
