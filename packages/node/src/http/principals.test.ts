import { anyone, app, command, context, roles, rolesOf } from "@banyan/core";
import { expect, test } from "vitest";
import { z } from "zod";
import { guestsOnly, withDevelopmentToken } from "./principals.ts";

const A = command("a.a", { input: z.object({}) });
const B = command("a.b", { input: z.object({}) });
const C = command("a.c", { input: z.object({}) });
const a = context("a", { contract: { A, B, C } });
a.handle(A, { allow: roles("ops", "operator") }, () => {});
a.handle(B, { allow: anyone() }, () => {});
a.handle(C, { allow: () => true }, () => {});
const application = app({ contexts: [a] });
const TOKEN = "0123456789abcdef";

test("the development token is an operator with every role that a policy names", () => {
  expect(rolesOf(application)).toEqual(["operator", "ops"]);
  const principals = withDevelopmentToken(TOKEN, application);
  expect(principals(`Bearer ${TOKEN}`)).toEqual({ id: "operator", roles: ["operator", "ops"], tenants: "*" });
  expect(principals(`bearer  ${TOKEN} `)).toMatchObject({ id: "operator" });
});

test("without a header it is a guest, with anything else nobody", () => {
  const development = withDevelopmentToken(TOKEN, application);
  for (const principals of [development, guestsOnly()]) {
    expect(principals(null)).toEqual({ id: "guest", roles: [] });
    for (const header of ["", "Bearer", "Bearer ", "Bearer wrong", `Basic ${TOKEN}`, TOKEN, `Bearer ${TOKEN} x`]) {
      expect(() => principals(header)).toThrow("not accepted");
    }
  }
  expect(() => guestsOnly()(`Bearer ${TOKEN}`)).toThrow("not accepted");
});
