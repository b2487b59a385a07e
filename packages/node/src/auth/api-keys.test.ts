import { expect, test } from "vitest";
import { apiKeys, newApiKey, type ApiKey } from "./api-keys.ts";
import { bearer, credentials, DOOR } from "./provider-fixture.ts";

const { key, hash } = newApiKey("billing");
const other = newApiKey("billing");
const entry: ApiKey = { id: "billing", hash, roles: ["ops"], tenants: ["acme"] };
const keys = apiKeys({ keys: [entry] });

test("a key is its machine, with the roles and tenants it is listed with", () => {
  expect(key).toMatch(/^bk_billing_[\w-]{43}$/);
  expect(keys.authenticate(bearer(key))).toEqual({ id: "key:billing", roles: ["ops"], tenants: ["acme"] });
  const named = apiKeys({ prefix: "machine", keys: [{ ...entry, roles: [] }] });
  expect(named.authenticate(bearer(key))).toMatchObject({ id: "machine:billing", roles: [] });
});

test("another key of the same id, one of an unknown id and one with a letter changed are refused", () => {
  const changed = key.slice(0, -1) + (key.endsWith("A") ? "B" : "A");
  const { key: unknown } = newApiKey("shipping");
  for (const given of [other.key, unknown, changed, "bk_", `bk_billing_${hash}`, key.slice(0, -1), `${key}A`]) {
    expect(() => keys.authenticate(bearer(given))).toThrow("not accepted");
    expect(() => keys.authenticate(bearer(given))).not.toThrow(given);
  }
});

test("while a key is replaced both are its machine", () => {
  const both = apiKeys({ keys: [entry, { ...entry, hash: other.hash }] });
  expect(both.authenticate(bearer(key))).toEqual(both.authenticate(bearer(other.key)));
});

test("what is not of its kind is left to others", () => {
  for (const came of [credentials(), bearer("eyJ.eyJ.x"), credentials({ authorization: `Basic ${key}` })]) {
    expect(keys.authenticate(came)).toBeUndefined();
  }
});

test.each([
  ["the key itself in place of its hash", { hash: key }, "hexadecimal"],
  ["an id that is no name", { id: "Billing_1" }, "not an id"],
  ["the role of contexts", { roles: ["context"] }, "only contexts"],
  ["a tenant that is no name", { tenants: ["a b"] }, "tenants"],
])("%s is refused, without saying it", (_name, wrong, words) => {
  const refused = (): unknown => apiKeys({ keys: [{ ...entry, ...wrong }] }).open(DOOR);
  expect(refused).toThrow(words);
  expect(refused).not.toThrow(key);
});
