import fc from "fast-check";
import { expect, test } from "vitest";
import { CsvReader, type CsvRecord } from "./csv.ts";

function read(text: string, pieceLength: number = Infinity): CsvRecord[] {
  const reader = new CsvReader();
  const records: CsvRecord[] = [];
  for (let at = 0; at < text.length; at += pieceLength) records.push(...reader.push(text.slice(at, at + pieceLength)));
  return [...records, ...reader.end()];
}

const cases: [string, string, CsvRecord[]][] = [
  [
    "plain fields",
    "a,b\nc,d\n",
    [
      { line: 1, fields: ["a", "b"] },
      { line: 2, fields: ["c", "d"] },
    ],
  ],
  ["a last line without an end", "a,b", [{ line: 1, fields: ["a", "b"] }]],
  [
    "CRLF",
    "a,b\r\nc,\r\n",
    [
      { line: 1, fields: ["a", "b"] },
      { line: 2, fields: ["c", ""] },
    ],
  ],
  ["empty fields and blank lines", "\n,\n\n", [{ line: 2, fields: ["", ""] }]],
  ["quoted commas", '"a,b",c\n', [{ line: 1, fields: ["a,b", "c"] }]],
  ["doubled quotes", '"5"" nail",""""\n', [{ line: 1, fields: ['5" nail', '"'] }]],
  [
    "quoted line ends",
    '"a\nb",c\nd\n',
    [
      { line: 1, fields: ["a\nb", "c"] },
      { line: 3, fields: ["d"] },
    ],
  ],
  ["a quoted last field without an end", 'a,"b"', [{ line: 1, fields: ["a", "b"] }]],
  [
    "a quoted field before CRLF",
    '"a"\r\nb\r\n',
    [
      { line: 1, fields: ["a"] },
      { line: 2, fields: ["b"] },
    ],
  ],
  [
    "a quote inside a plain field",
    'a"b,c\nd\n',
    [
      { line: 1, flaw: "stray-quote" },
      { line: 2, fields: ["d"] },
    ],
  ],
  [
    "text after a closing quote",
    '"a"b\nc\n',
    [
      { line: 1, flaw: "stray-quote" },
      { line: 2, fields: ["c"] },
    ],
  ],
  [
    "a quote that never closes",
    'a,"b\nc\n',
    [
      { line: 1, flaw: "unclosed-quote" },
      { line: 2, fields: ["c"] },
    ],
  ],
];

for (const [what, text, records] of cases) {
  test(`reads ${what}, in one piece or in many`, () => {
    for (const pieceLength of [Infinity, 1, 2, 3]) expect(read(text, pieceLength)).toEqual(records);
  });
}

test("a quote that never closes in a long file costs one line, not the rest", () => {
  const rest = "a,b\n".repeat(50_000);
  const records = read(`"x\n${rest}`, 4_096);
  expect(records[0]).toEqual({ line: 1, flaw: "record-too-long" });
  expect(records).toHaveLength(50_001);
  expect(records.at(-1)).toEqual({ line: 50_001, fields: ["a", "b"] });
});

test("a flawed line that is longer than all memory costs nothing but itself", () => {
  const reader = new CsvReader();
  const records = reader.push('a"');
  for (let piece = 0; piece < 100; piece += 1) records.push(...reader.push('x"'.repeat(1_000)));
  records.push(...reader.push("\na,b\n"), ...reader.end());
  expect(records).toEqual([
    { line: 1, flaw: "stray-quote" },
    { line: 2, fields: ["a", "b"] },
  ]);
});

test("whatever is written quoted is read back, however it is cut", () => {
  const field = fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", "a", "é"), minLength: 1 });
  fc.assert(
    fc.property(fc.array(fc.array(field, { minLength: 1 })), fc.integer({ min: 1, max: 9 }), (rows, pieceLength) => {
      const text = rows.map((row) => `${row.map((one) => `"${one.replaceAll('"', '""')}"`).join(",")}\n`).join("");
      expect(read(text, pieceLength).map((record) => "fields" in record && record.fields)).toEqual(rows);
    }),
  );
});
