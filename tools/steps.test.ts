import { expect, test } from "vitest";
import { report, runSteps, type Step } from "./steps.ts";

const script = (name: string, code: string): Step => ({ name, asks: "", command: ["node", "-e", code] });

test("a failing step does not hide those after it, and its output is in the report", async () => {
  const steps = [
    script("good", "console.log('unheard')"),
    script("bad", "console.error('the reason'); process.exit(3)"),
    { name: "gone", asks: "", command: ["no-such-command-here"] } satisfies Step,
    script("last", ""),
  ];
  const said: string[] = [];
  const outcomes = await runSteps(steps, import.meta.dirname, (line) => said.push(line));
  expect(said.join("")).toMatch(/▸ bad .*FAILED/);
  expect(outcomes.map(({ step, passed }) => `${step.name} ${passed}`)).toEqual([
    "good true",
    "bad false",
    "gone false",
    "last true",
  ]);
  const text = report(outcomes);
  expect(text).toContain("the reason");
  expect(text).toContain("npm test -- bad");
  expect(text).not.toContain("unheard");
  expect(text.split("\n").at(-1)).toBe("2 passed, 2 failed");
});
