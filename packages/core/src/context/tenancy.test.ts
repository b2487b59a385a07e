import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Principal } from "../ports/index.ts";
import { assertTenant, isTenantName, tenantOf } from "./tenancy.ts";

const of = (tenants?: NonNullable<Principal["tenants"]>): Principal =>
  tenants === undefined ? { id: "user:1", roles: [] } : { id: "user:1", roles: [], tenants };

describe("for which tenant a request is made", () => {
  test.each([
    [of(), undefined, "default"],
    [of(), "default", "default"],
    [of(["acme"]), undefined, "acme"],
    [of(["acme", "beta"]), "beta", "beta"],
    [of("*"), undefined, "default"],
    [of("*"), "acme", "acme"],
  ])("%j choosing %s asks for %s", (principal, chosen, tenant) => {
    expect(tenantOf(principal, chosen)).toBe(tenant);
  });

  test.each([
    [of(), "acme", "tenant-foreign"],
    [of([]), undefined, "tenant-foreign"],
    [of(["acme"]), "default", "tenant-foreign"],
    [of(["acme", "beta"]), undefined, "tenant-missing"],
    [of(["acme", "beta"]), "gamma", "tenant-foreign"],
    [of(["acme"]), "ACME", "tenant-foreign"],
    [of("*"), "*", "tenant-invalid"],
    [of("*"), "", "tenant-invalid"],
  ])("%j choosing %s is refused: %s %s", (principal, chosen, code) => {
    expect(() => tenantOf(principal, chosen)).toThrow(expect.objectContaining({ code }));
  });

  test("a principal gets a tenant of its own or none at all", () => {
    const names = fc.constantFrom<string>("acme", "beta", "gamma", "default");
    const holds = fc.property(fc.uniqueArray(names), fc.option(names, { nil: undefined }), (tenants, chosen) => {
      try {
        const tenant = tenantOf(of(tenants), chosen);
        return tenants.includes(tenant) && (chosen === undefined || tenant === chosen);
      } catch {
        return chosen === undefined ? tenants.length !== 1 : !tenants.includes(chosen);
      }
    });
    expect(fc.check(holds)).toMatchObject({ failed: false });
  });
});

test("names of tenants are short, print, and hold nothing that is special elsewhere", () => {
  const good = ["acme", "Acme-2", "a", "0", "eu.acme_x", "x".repeat(64)];
  const bad = ["", "*", "-a", ".a", "a b", "a/b", "a'b", "é", "a\n", "a\0", "x".repeat(65)];
  expect(good.filter((name) => !isTenantName(name))).toEqual([]);
  expect(bad.filter((name) => isTenantName(name))).toEqual([]);
});

test("being of every tenant does not make a bad name good", () => {
  expect(() => assertTenant(of("*"), "a/b")).toThrow(expect.objectContaining({ code: "tenant-invalid" }));
});
