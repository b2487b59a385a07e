import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const IMAGE = "256M";

/** A file system of its own in a file. What is in the file is what has reached the disk; what only the kernel holds is not in it. */
export class LoopDisk {
  readonly #image: string;
  /** Where it is mounted. */
  readonly path: string;

  private constructor(image: string, path: string) {
    this.#image = image;
    this.path = path;
    mkdirSync(path);
    // nothing is written by the clock while a run lasts
    run("mount", ["-o", "loop,commit=300", image, path]);
  }

  static make(image: string): LoopDisk {
    run("truncate", ["-s", IMAGE, image]);
    run("mkfs.ext4", ["-q", image]);
    return new LoopDisk(image, `${image}.mounted`);
  }

  /** The disk as it would be found if the power failed now. */
  afterPowerCut(image: string): LoopDisk {
    run("cp", ["--sparse=always", this.#image, image]);
    return new LoopDisk(image, `${image}.mounted`);
  }

  remove(): void {
    run("umount", [this.path]);
    rmSync(this.path, { recursive: true });
    rmSync(this.#image);
  }
}

/** Why no disk can be made here, or undefined. */
export function whyNoLoopDisk(): string | undefined {
  if (process.platform !== "linux") return "loop devices are of Linux";
  const folder = mkdtempSync(join(tmpdir(), "banyan-loop-"));
  try {
    LoopDisk.make(join(folder, "image")).remove();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status === 0) return;
  throw new Error(`${command} ${args.join(" ")}: ${error?.message ?? stderr.trim()}`);
}
