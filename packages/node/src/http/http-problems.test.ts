import { expect, test } from "vitest";
import { httpProblems } from "./http-problems.ts";

test.each<[unknown]>([
  [{}],
  [{ tls: "in-front", rate: { perSecond: 1, burst: Infinity }, trustProxy: { hops: 10 } }],
  [{ cors: { origins: [] }, rate: {}, trustProxy: { addresses: ["10.0.0.0/8", "::1"] } }],
  [{ cors: { origins: ["https://a.test", "http://b.test:81"], credentials: true, headers: ["x-order-token"] } }],
  [{ cors: undefined, rate: undefined, tls: undefined, trustProxy: undefined }],
])("%j is right", (...row) => {
  expect(httpProblems(row[0])).toEqual([]);
});

test.each<[unknown, string]>([
  [null, "`http` is not an object"],
  [[], "`http` is not an object"],
  [{ corse: {} }, '"corse". Did you mean "cors"?'],
  [{ tls: true }, "`http.tls` is true"],
  [{ cors: true }, "`http.cors` is true"],
  [{ cors: {} }, "`http.cors.origins` is not a list"],
  [{ cors: { origins: "*" } }, "`http.cors.origins` is not a list"],
  [{ cors: { origins: ["*"], credentials: true } }, '"*": there are no patterns'],
  [{ cors: { origins: ["https://*.a.test"] } }, "there are no patterns"],
  [{ cors: { origins: ["https://a.test/app"] } }, 'Did you mean "https://a.test"?'],
  [{ cors: { origins: ["https://A.test:443"] } }, 'Did you mean "https://a.test"?'],
  [{ cors: { origins: ["a.test"] } }, "Write it as `https://app.example.com`"],
  [{ cors: { origins: ["null"] } }, "no browser sends"],
  [{ cors: { origins: [7] } }, "no browser sends"],
  [{ cors: { origins: [], credentials: "yes" } }, '`http.cors.credentials` is "yes"'],
  [{ cors: { origins: [], credential: true } }, '"credential". Did you mean "credentials"?'],
  [{ cors: { origins: [], headers: "x-a" } }, "`http.cors.headers`"],
  [{ cors: { origins: [], headers: ["x a"] } }, '`http.cors.headers` has "x a"'],
  [{ rate: 100 }, "`http.rate` is 100"],
  [{ rate: { perSecond: -1 } }, "`http.rate.perSecond` is -1"],
  [{ rate: { burst: 0 } }, "`http.rate.burst` is 0"],
  [{ rate: { concurrent: NaN } }, "`http.rate.concurrent` is NaN"],
  [{ rate: { burst: "10" } }, '`http.rate.burst` is "10"'],
  [{ rate: { perSeconds: 1 } }, 'Did you mean "perSecond"?'],
  [{ trustProxy: true }, "`http.trustProxy` is true"],
  [{ trustProxy: 1 }, "`http.trustProxy` is 1"],
  [{ trustProxy: {} }, "names no proxy"],
  [{ trustProxy: { addresses: [] } }, "names no proxy"],
  [{ trustProxy: { addresses: "10.0.0.1" } }, "names no proxy"],
  [{ trustProxy: { addresses: ["10.0.0.0/33"] } }, '"10.0.0.0/33" is no address'],
  [{ trustProxy: { addresses: [null] } }, '"null" is no address'],
  [{ trustProxy: { hops: "1" } }, "from 1 to 10"],
  [{ trustProxy: { hops: 1, addresses: ["10.0.0.1"] } }, "has both"],
  [{ trustProxy: { hop: 1 } }, 'Did you mean "hops"?'],
])("%j is wrong, and told with what to do", (given, words) => {
  const problems = httpProblems(given);
  expect(problems.join("\n")).toContain(words);
  expect(problems.length).toBeGreaterThan(0);
  expect(problems.join("")).not.toContain("\n");
});

test("all that is wrong is told, each in a line of its own", () => {
  const wrong = {
    cors: { origins: ["*", "https://a.test/"], credentials: 1 },
    rate: { perSecond: -1, burst: -1 },
    trustProxy: { addresses: ["nowhere", "10.0.0.0/99"] },
    tsl: "in-front",
  };
  expect(httpProblems(wrong)).toHaveLength(8);
});
