import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { referencePages } from "./reference.ts";

test.each([...referencePages()])("%s says what the table says (npm run docs writes it)", (path, page) => {
  expect(readFileSync(join(import.meta.dirname, "..", path), "utf8")).toBe(page);
});
