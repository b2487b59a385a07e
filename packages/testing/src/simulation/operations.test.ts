import type { AuditRecord } from "@banyan/core";
import { expect, test } from "vitest";
import { judgeAudits, skippedOf, type Asked, type Told } from "./operations.ts";

const skip: Asked = { why: "operation 1", action: "skip", subscription: "reader.read", key: "a", position: 3 };
const redrive: Asked = { why: "operation 2", action: "redrive", subscription: "reader.read" };

function audit({ why, action, subscription, key = "a", position }: Asked): AuditRecord {
  const subject = { subscription, source: "source", key, ...(position === undefined ? {} : { position }) };
  return { id: "", at: 0, operator: "operator", why, action, subject };
}

function found(audits: readonly AuditRecord[], asked: Asked, told: Told): number {
  return judgeAudits(audits, new Map([[asked.why, { asked, told }]])).length;
}

test("what was acknowledged is in the audit, once for each key", () => {
  expect(found([audit(skip)], skip, 1)).toBe(0);
  expect(found([], skip, 1)).toBe(1);
  expect(found([audit(skip), audit(skip)], skip, 1)).toBe(1);
  expect(found([audit(redrive), audit(redrive)], redrive, 2)).toBe(0);
  expect(found([audit(redrive)], redrive, 2)).toBe(1);
});

test("what was refused is not in the audit; what nobody heard of may be", () => {
  expect(found([audit(skip)], skip, "refused")).toBe(1);
  expect(found([], skip, "refused")).toBe(0);
  expect(found([audit(skip)], skip, "unknown")).toBe(0);
  expect(found([], skip, "unknown")).toBe(0);
});

test("nothing is in the audit that nobody asked for", () => {
  expect(judgeAudits([audit(skip)], new Map())).toHaveLength(1);
  expect(found([audit({ ...skip, position: 4 })], skip, 1)).toBe(1);
  expect(found([audit({ ...skip, key: "b" })], skip, 1)).toBe(1);
  expect(found([audit({ ...skip, action: "redrive" })], skip, 1)).toBe(1);
  expect(found([audit({ ...skip, subscription: "reader.print" })], skip, 1)).toBe(1);
});

test("a skip takes one position out of one subscription", () => {
  expect(skippedOf([audit(skip), audit(redrive)], "reader.read")).toEqual(new Set([3]));
  expect(skippedOf([audit(skip)], "reader.print")).toEqual(new Set());
});
