import { isMainThread } from "node:worker_threads";

// npm runs a script in the root folder; relative paths on its command line are meant from where npm was called.
const called = process.env["INIT_CWD"];
if (isMainThread && called !== undefined) {
  process.chdir(called);
  // said once: what this process starts elsewhere must not come back here
  delete process.env["INIT_CWD"];
}
