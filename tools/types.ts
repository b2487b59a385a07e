import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import { join } from "node:path";

// Every tsconfig is a project of its own, so that what core's sources may see is not what its tests may see.
const root = join(import.meta.dirname, "..");
const projects = globSync(["tsconfig.json", "{packages,examples}/*/tsconfig*.json"], { cwd: root }).sort();
const failed = projects.filter((project) => {
  const { status } = spawnSync("tsc", ["--pretty", "false", "-p", project], { cwd: root, stdio: "inherit" });
  return status !== 0;
});
console.log(
  `${projects.length} projects${failed.length > 0 ? `, these do not compile: ${failed.join(", ")}` : " compile"}`,
);
process.exitCode = failed.length > 0 ? 1 : 0;
