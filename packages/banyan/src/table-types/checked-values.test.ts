import { expect, test } from "vitest";
import { checkedValues } from "./checked-values.ts";

test.each<[string, readonly string[] | undefined]>([
  ["s TEXT CHECK (s IN ('a', 'b'))", ['"a"', '"b"']],
  ["s TEXT check (\"S\" in ('a'))", ['"a"']],
  ["s TEXT CHECK ([s] IN ('a'))", ['"a"']],
  ["s INTEGER CHECK (s IN (0, 1))", ["0", "1"]],
  ["s TEXT CHECK (s IN ('it''s', ')'))", ['"it\'s"', '")"']],
  ["o TEXT CHECK (o IN ('x')), s TEXT CHECK (s IN /* for now */ ('a'))", ['"a"']],
  ["s TEXT, CHECK (s IN ('a'))", ['"a"']],
  ["s TEXT", undefined],
  ["o TEXT CHECK (o IN ('a')), s TEXT", undefined],
  ["s TEXT CHECK (s NOT IN ('a'))", undefined],
  ["s TEXT CHECK (s IN ('a') OR s LIKE 'b%')", undefined],
  ["s TEXT CHECK (length(s) > 1 AND s IN ('a'))", undefined],
  ["s TEXT CHECK (NOT (s IN ('a')))", undefined],
  ["s TEXT CHECK (s IN (SELECT 'a'))", undefined],
  ["s TEXT CHECK (s IN ('a' || 'b'))", undefined],
  ["s INTEGER CHECK (s IN (-1, 1))", undefined],
  ["s TEXT COLLATE NOCASE CHECK (s IN ('a'))", undefined],
  ["s TEXT /* CHECK (s IN ('a')) */", undefined],
  ["s TEXT -- CHECK (s IN ('a'))\n", undefined],
  ["s TEXT DEFAULT 'CHECK (s IN (''a''))'", undefined],
])("%s", (columns, values) => {
  expect(checkedValues(`CREATE TABLE t (${columns})`, "s")).toEqual(values);
});
