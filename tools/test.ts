import { join } from "node:path";
import { report, runSteps, type Step } from "./steps.ts";

const steps: readonly Step[] = [
  { name: "format", asks: "is every file formatted (npm run format)", command: ["oxfmt", "--check"] },
  { name: "types", asks: "does every project compile", command: ["node", "tools/types.ts"] },
  { name: "unused", asks: "is anything exported, listed or kept for nobody", command: ["knip", "--no-config-hints"] },
  {
    name: "api",
    asks: "is the public surface as recorded (npm run api records it)",
    command: ["node", "tools/api.ts"],
  },
  // after api, which builds: the linter judges tests by the packages' built types
  { name: "lint", asks: "do the rules hold", command: ["oxlint"] },
  {
    name: "install",
    asks: "are the packages sound as packed, and can a stranger install and use them",
    command: ["node", "--conditions=source", "tools/installed.ts"],
  },
  {
    name: "tests",
    asks: "unit, conformance, simulation, architecture, docs",
    command: ["vitest", "run"],
    live: true,
  },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !steps.some((step) => step.name === name));
if (unknown.length > 0) {
  const names = steps.map((step) => step.name).join(", ");
  console.error(`npm test has no step "${unknown.join('", "')}"; its steps are ${names}`);
  process.exit(2);
}
const chosen = steps.filter((step) => wanted.length === 0 || wanted.includes(step.name));
const outcomes = await runSteps(chosen, join(import.meta.dirname, ".."));
console.log(report(outcomes));
process.exitCode = outcomes.every((outcome) => outcome.passed) ? 0 : 1;
