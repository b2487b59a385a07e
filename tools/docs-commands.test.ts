import { expect, test } from "vitest";
import { commandProblem } from "./docs-commands.ts";

test.each([
  ["npx banyan check", undefined],
  ['npx banyan restore FILE --data restored --why "the disk died"', undefined],
  ["npx banyan events lag --url https://shop.example.com", undefined],
  ["npx banyan chek", 'banyan has no command "chek"'],
  ["npx banyan events gone", 'banyan has no command "events gone"'],
  ["npx banyan check --strict", "banyan check has no option --strict."],
  ["npx banyan restore --why so", "banyan restore needs FILE: a file that `banyan backup` has written."],
  ["npx banyan dev --port many", '--port is "many", but must be a whole number from 0 to 65535.'],
])("%s in a document: %j", (line, problem) => {
  expect(commandProblem(line)).toBe(problem);
});
