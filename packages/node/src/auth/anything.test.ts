import { app, isBanyanError } from "@banyan/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { principalsOf } from "../http/principals.ts";
import { Visits } from "../http/visits.ts";
import { apiKeys, newApiKey } from "./api-keys.ts";
import { jwt } from "./jwt.ts";
import { AUDIENCE, credentials, DOOR, ISSUER, ProviderFixture } from "./provider-fixture.ts";
import { sessions } from "./sessions.ts";

const { key, hash } = newApiKey("robot");
const REFUSALS = ["token-invalid", "session-invalid", "origin-refused"];

/** Pieces of what is right, and of what may come instead. */
function pieces(...right: readonly string[]): fc.Arbitrary<string> {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: "42", exp: 9_999_999_999 };
  const heads = [
    { alg: "none" },
    { alg: "ES256", kid: {} },
    { alg: "ES256", crit: ["b64"], b64: false },
    { alg: "HS256" },
    null,
  ];
  const made = [...heads.map((head) => part(head as object)), part(claims), part({ iss: ISSUER }), part([])];
  const words = [
    "Bearer ",
    "bearer",
    "Basic ",
    ".",
    "..",
    "_",
    "bk_",
    "bk_robot_",
    "=",
    "; ",
    "__Host-banyan-session=",
    "null",
  ];
  const piece = fc.oneof(
    fc.constantFrom(...right.flatMap((text) => [text, ...text.split(/[.=_ ;]/)]), ...made, ...words),
    fc.string({ maxLength: 20 }),
    fc.base64String({ maxLength: 40 }),
  );
  return fc.array(piece, { maxLength: 8 }).map((all) => all.join(""));
}

test("whatever comes is somebody who was let in, a guest, or refused by a code", { timeout: 60_000 }, async () => {
  await using provider = await ProviderFixture.started();
  const jwks = { keys: [provider.publicKey] };
  const browsers = sessions({ secrets: ["0123456789abcdef0123456789abcdef"], prefix: "browser" });
  const auth = [
    jwt({ issuer: ISSUER, audience: AUDIENCE, algorithms: ["ES256"], jwks }),
    apiKeys({ keys: [{ id: "robot", hash, roles: [] }] }),
    browsers,
  ];
  const principals = principalsOf({ app: app({ contexts: [] }), auth, token: undefined, door: DOOR });
  const visit = new Visits({ perSecond: Infinity, burst: Infinity }, { now: () => 0 }).begin("192.0.2.1");
  const cookie = browsers.begin({ subject: "ada", roles: [] }).split(";")[0] ?? "";
  const token = await provider.sign({ exp: 9_999_999_999 });
  const right = [`Bearer ${token}`, `Bearer ${key}`, cookie];
  const seen = new Set<string>();
  const whole = (value: string): boolean => right.some((one) => value.includes(one.slice(one.indexOf(" ") + 1)));
  /** Whether it is as it has to be; whoever was let in has brought a proof of it whole. */
  const fits = (told: unknown, headers: Record<string, string>): boolean => {
    const { id = "" } = told as { id?: string };
    seen.add(isBanyanError(told) ? told.code : id);
    if (isBanyanError(told)) return REFUSALS.includes(told.code);
    return id === "guest" ? headers["authorization"] === undefined : Object.values(headers).some(whole);
  };
  const ask = async (headers: Record<string, string>, method: string): Promise<boolean> => {
    const came = { host: "shop.example.test", ...headers };
    const told = await (async () => principals(credentials(came, method), visit))().catch((error: unknown) => error);
    return fits(told, headers);
  };
  const some = pieces(...right);
  const headers = fc.record(
    { authorization: some, cookie: some, origin: some, "sec-fetch-site": some },
    { requiredKeys: [] },
  );
  // so that every outcome is among them, whatever else is drawn
  const examples: [Record<string, string>, string][] = [
    [{}, "GET"],
    [{ authorization: `Bearer ${token}` }, "POST"],
    [{ authorization: `Bearer ${key}` }, "POST"],
    [{ authorization: "Bearer x" }, "GET"],
    [{ cookie }, "GET"],
    [{ cookie }, "POST"],
    [{ cookie: `${cookie}x` }, "GET"],
  ];
  const law = fc.asyncProperty(headers, fc.constantFrom("GET", "POST"), ask);
  await fc.assert(law, { numRuns: 5_000, examples });
  expect(seen).toEqual(new Set(["browser:ada", "guest", "key:robot", "user:42", ...REFUSALS]));
});
