import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { SimulationResult } from "@banyan/testing";
import type { Asked } from "./simulate-app.ts";

/** What a job says of a seed, counted from 0. */
export type Answer =
  | { readonly nth: number; readonly result: SimulationResult }
  | { readonly nth: number; readonly failed: string };

const JOB = join(import.meta.dirname, "simulate-job.ts");

/**
 * Runs the seeds in so many processes, each of which gets its next one when it has ended its last; the results come in the order in which they
 * end. Throws where a process fails or ends before its seed has: every seed is answered, or it is said that one is not. None outlives the loop
 * over the results, and none outlives this process, however it ends.
 */
export async function* spreadSeeds(
  asked: Asked,
  jobs: number,
  job: string = JOB,
): AsyncGenerator<SimulationResult, void> {
  const children = Array.from({ length: Math.min(jobs, asked.seeds) }, () => startJob(asked, job));
  const running = new Map<ChildProcess, Promise<readonly [ChildProcess, SimulationResult]>>();
  let next = 0;
  const give = (child: ChildProcess): void => {
    running.delete(child);
    if (next >= asked.seeds) return;
    const result = resultOf(child, { nth: next, seed: asked.from + next++ });
    // where another has failed nobody waits for this one
    result.catch(() => {});
    running.set(child, result);
  };
  try {
    for (const child of children) give(child);
    while (running.size > 0) {
      const [child, result] = await Promise.race(running.values());
      give(child);
      yield result;
    }
  } finally {
    for (const child of children) child.kill("SIGKILL");
  }
}

function startJob(asked: Asked, job: string): ChildProcess {
  const child = fork(job, [JSON.stringify(asked)], { execArgv: ["--conditions=source"] });
  // what it means is said where a result is waited for
  return child.on("error", () => {});
}

async function resultOf(
  child: ChildProcess,
  { nth, seed }: { readonly nth: number; readonly seed: number },
): Promise<readonly [ChildProcess, SimulationResult]> {
  const settled = new AbortController();
  const { signal } = settled;
  const lost = (how: string): Error => new Error(`The process that was to run seed ${seed} ended before it: ${how}.`);
  try {
    if (!child.connected) throw lost(child.signalCode ?? `exit ${child.exitCode}`);
    const answered = once(child, "message", { signal }).then(([said]) => said as Answer);
    const ended = once(child, "exit", { signal }).then(([code, killedBy]: (number | string | null)[]) => {
      throw lost(String(killedBy ?? `exit ${code}`));
    });
    child.send(nth);
    const answer = await Promise.race([answered, ended]);
    if (answer.nth !== nth) throw new Error(`Seed ${seed} was asked for, and another was answered.`);
    if ("failed" in answer) throw new Error(answer.failed);
    return [child, answer.result];
  } finally {
    settled.abort();
  }
}
