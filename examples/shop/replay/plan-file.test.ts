import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { planFile } from "./plan-file.ts";

const folder = mkdtempSync(join(tmpdir(), "shop-replay-"));
afterAll(() => rmSync(folder, { recursive: true }));

const csv = `InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
1,A,"LANTERN, ""TIN""",2,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
1,B,"TWO
LINES",1,2010-12-01 08:26:00,x,17850.0,United Kingdom
2,B,MUG,1,2010-12-01 08:27:00,1.00,,France
`;

const write = (name: string, content: string | Buffer): string => {
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
};

const plan = (file: string): ReturnType<typeof planFile> => planFile({ file, limit: Infinity });

test("reads plain and gzipped files alike, whatever they are called", async () => {
  const plain = await plan(write("orders.csv.gz", csv));
  const packed = await plan(write("orders.csv", gzipSync(csv)));
  expect(packed).toEqual(plain);
  expect(plain).toMatchObject({
    invoices: 2,
    rows: 2,
    malformed: new Map([["price-invalid", { count: 1, firstLine: 3 }]]),
  });
});

test("a byte order mark and CRLF do no harm", async () => {
  expect(await plan(write("bom.csv", `\uFEFF${csv.replaceAll("\n", "\r\n")}`))).toMatchObject({ invoices: 2 });
});

const refusals: [string, string, string | Buffer][] = [
  ["another header", "header-unknown", csv.replace("StockCode", "Sku")],
  ["no header", "header-unknown", csv.slice(csv.indexOf("\n") + 1)],
  ["nothing", "header-unknown", ""],
  ["only a header", "nothing-to-replay", csv.slice(0, csv.indexOf("\n") + 1)],
  ["half a gzip file", "file-unreadable", gzipSync(csv).subarray(0, 60)],
];
for (const [what, code, content] of refusals) {
  test(`${what} is ${code}`, async () => {
    await expect(plan(write("bad.csv", content))).rejects.toMatchObject({ code, remedy: expect.stringMatching(/\w/) });
  });
}

test("no file is file-unreadable", async () => {
  await expect(plan(join(folder, "none.csv"))).rejects.toMatchObject({ code: "file-unreadable" });
});
