import {
  anyone,
  app,
  command,
  context,
  roles,
  rolesOf,
  type Authenticator,
  type Credentials,
  type Door,
} from "@banyan/core";
import { afterEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { apiKeys, newApiKey } from "../auth/api-keys.ts";
import { jwt } from "../auth/jwt.ts";
import { credentials } from "../auth/provider-fixture.ts";
import { principalsOf } from "./principals.ts";
import { Visits } from "./visits.ts";

const A = command("a.a", { input: z.object({}) });
const B = command("a.b", { input: z.object({}) });
const C = command("a.c", { input: z.object({}) });
const a = context("a", { contract: { A, B, C } });
a.handle(A, { allow: roles("ops", "operator") }, () => {});
a.handle(B, { allow: anyone() }, () => {});
a.handle(C, { allow: () => true }, () => {});
const application = app({ contexts: [a] });
const TOKEN = "0123456789abcdef";
const door: Door = { loopback: true, origins: [], settings: {}, warn: () => {} };
const authorized = (authorization: string) => credentials({ authorization });

function judged(token: string | undefined, auth: readonly Authenticator[] = []) {
  const principals = principalsOf({ app: app({ contexts: [a] }), auth, token, door });
  const visit = new Visits({}, { now: () => 0 }).begin("192.0.2.1");
  return (came: Credentials) => principals(came, visit);
}

afterEach(() => void vi.useRealTimers());

const development = judged(TOKEN);
const production = judged(undefined);

function withAuth(...auth: Authenticator[]) {
  return judged(TOKEN, auth);
}

test("the development token is an operator with every role that a policy names", () => {
  expect(rolesOf(application)).toEqual(["operator", "ops"]);
  expect(development(authorized(`Bearer ${TOKEN}`))).toEqual({
    id: "operator",
    roles: ["operator", "ops"],
    tenants: "*",
  });
  expect(development(authorized(`bearer  ${TOKEN} `))).toMatchObject({ id: "operator" });
});

test("without a header it is a guest, with anything else nobody", async () => {
  const guest = { id: "guest", roles: [] };
  const keyed = withAuth(apiKeys({ keys: [] }));
  expect([development(credentials()), production(credentials()), await keyed(credentials())]).toEqual([
    guest,
    guest,
    guest,
  ]);
  for (const header of ["", "Bearer", "Bearer ", "Bearer wrong", `Basic ${TOKEN}`, TOKEN, `Bearer ${TOKEN} x`]) {
    expect(() => development(authorized(header))).toThrow("not accepted");
    expect(() => production(authorized(header))).toThrow("not accepted");
    await expect(keyed(authorized(header))).rejects.toThrow("not accepted");
  }
  expect(() => production(authorized(`Bearer ${TOKEN}`))).toThrow("not accepted");
});

test("with authenticators the development token goes on being one", async () => {
  const { key, hash } = newApiKey("billing");
  const principals = withAuth(apiKeys({ keys: [{ id: "billing", hash, roles: [] }] }));
  expect(await principals(authorized(`Bearer ${TOKEN}`))).toMatchObject({ id: "operator" });
  expect(await principals(authorized(`Bearer ${key}`))).toEqual({ id: "key:billing", roles: [] });
});

const giving = (prefix: string, id: string, roleNames: string[] = []): Authenticator => ({
  prefix,
  open: () => {},
  authenticate: () => ({ id, roles: roleNames }),
});

test("an authenticator gives no id but its own, and nobody the role of contexts", async () => {
  expect(await withAuth(giving("sso", "sso:1"))(credentials())).toMatchObject({ id: "sso:1" });
  for (const id of ["guest", "operator", "context:a", "seed", "sso:", "sso", "user:1"]) {
    await expect(withAuth(giving("sso", id))(credentials())).rejects.toMatchObject({ code: "token-invalid" });
  }
  const pretending = withAuth(giving("sso", "sso:1", ["context"]));
  await expect(pretending(credentials())).rejects.toMatchObject({ code: "token-invalid" });
});

test("two authenticators with the same ids, and ids of the runtime's own, are refused at start", () => {
  expect(() => withAuth(giving("sso", "sso:1"), giving("sso", "sso:2"))).toThrow("another `prefix`");
  expect(() => withAuth(giving("sso", "sso:1"), { ...giving("sso", "sso:2"), shared: true })).not.toThrow();
  for (const prefix of ["context", "guest", "operator", "seed", "banyan", "", "A", "a:b"]) {
    expect(() => withAuth(giving(prefix, `${prefix}:1`))).toThrow("`prefix`");
  }
});

test("everything that is wrong with any of them is said at once", () => {
  const nothing = { issuer: "", audience: "", algorithms: [], jwks: "" };
  const wrong = () =>
    withAuth(giving("guest", "x"), apiKeys({ keys: [{ id: "A", hash: "", roles: [] }] }), jwt(nothing));
  for (const words of ["runtime's own", "not an id", "hexadecimal", "`issuer` is empty", "`jwks` is not a URL"])
    expect(wrong).toThrow(words);
});

test("an authenticator that does not answer lets nobody in, and keeps nobody waiting for ever", async () => {
  vi.useFakeTimers();
  const hanging = { prefix: "slow", open: () => {}, authenticate: () => new Promise<never>(() => {}) };
  const asked = Promise.resolve(withAuth(hanging)(credentials())).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(9_999);
  expect(vi.getTimerCount()).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(await asked).toMatchObject({ code: "authentication-timeout", kind: "unavailable", retry: "later" });
  expect(vi.getTimerCount()).toBe(0);
});
