import { spawn } from "node:child_process";

/** One gate of `npm test`: a command that is right when it exits with 0. */
export type Step = { name: string; asks: string; command: readonly [string, ...string[]]; live?: boolean };
export type Outcome = { step: Step; passed: boolean; seconds: number; output: string };

/** Runs every step, also after a failure, so that one run tells all there is to repair. */
export async function runSteps(
  steps: readonly Step[],
  root: string,
  say: (text: string) => void = (text) => process.stdout.write(text),
): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const step of steps) {
    say(`▸ ${step.name.padEnd(8)} ${step.asks}${step.live ? "\n" : " … "}`);
    const outcome = await runStep(step, root);
    const verdict = `${outcome.passed ? "ok" : "FAILED"} ${outcome.seconds.toFixed(1)} s\n`;
    say(step.live ? `  ${step.name}: ${verdict}` : verdict);
    outcomes.push(outcome);
  }
  return outcomes;
}

/** What failed, in full, and the closing line that scripts read. */
export function report(outcomes: readonly Outcome[]): string {
  const failed = outcomes.filter((outcome) => !outcome.passed);
  const details = failed.map(({ step, output }) => {
    const said = step.live ? "its output is above" : output.trimEnd();
    return `\n── ${step.name} failed: ${step.command.join(" ")}\n${said}\n   again: npm test -- ${step.name}`;
  });
  return [...details, "", `${outcomes.length - failed.length} passed, ${failed.length} failed`].join("\n");
}

function runStep(step: Step, root: string): Promise<Outcome> {
  const began = performance.now();
  const [command, ...args] = step.command;
  const child = spawn(command, args, {
    cwd: root,
    stdio: ["ignore", step.live ? "inherit" : "pipe", step.live ? "inherit" : "pipe"],
    shell: process.platform === "win32",
  });
  let output = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stderr?.setEncoding("utf8").on("data", (text: string) => (output += text));
  return new Promise((resolve) => {
    const settle = (passed: boolean, note = ""): void =>
      resolve({ step, passed, seconds: (performance.now() - began) / 1000, output: output + note });
    child.once("error", (error) => settle(false, `\n${error.message}`));
    child.once("close", (code, signal) => settle(code === 0, signal ? `\nended by ${signal}` : ""));
  });
}
