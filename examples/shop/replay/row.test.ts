import { expect, test } from "vitest";
import { centsOf, readRow } from "./row.ts";

const good = ["536365", "85123A", "HOLDER", "6", "2010-12-01 08:26:00", "2.55", "17850.0", "United Kingdom"];

const withField = (index: number, value: string): string[] => good.with(index, value);

test("a row becomes pence, milliseconds and a customer without a fraction", () => {
  expect(readRow({ line: 2, fields: good })).toEqual({
    line: 2,
    row: {
      invoice: "536365",
      sku: "85123A",
      quantity: 6,
      cents: 255,
      atMs: Date.UTC(2010, 11, 1, 8, 26),
      customerId: "17850",
    },
  });
  expect(readRow({ line: 2, fields: withField(6, "") })).toMatchObject({ row: { customerId: undefined } });
});

const flawed: [string, string[]][] = [
  ["column-count", good.slice(1)],
  ["column-count", [...good, "more"]],
  ["invoice-missing", withField(0, "")],
  ["sku-missing", withField(1, "")],
  ["quantity-invalid", withField(3, "six")],
  ["quantity-invalid", withField(3, "1.5")],
  ["date-invalid", withField(4, "01/12/2010")],
  ["date-invalid", withField(4, "2010-13-01 08:26:00")],
  ["price-invalid", withField(5, "")],
  ["price-invalid", withField(5, "1e3")],
];
for (const [flaw, fields] of flawed) {
  test(`${flaw}: ${fields.join(",")}`, () => expect(readRow({ line: 9, fields })).toEqual({ line: 9, flaw }));
}

test("pounds become pence without binary fractions", () => {
  const expected = {
    "0.29": 29,
    "1.005": 101,
    "2.5": 250,
    "402.01": 40201,
    "0.001": 0,
    "-11062.06": -1106206,
    "7": 700,
  };
  for (const [text, cents] of Object.entries(expected)) expect(centsOf(text)).toBe(cents);
});
