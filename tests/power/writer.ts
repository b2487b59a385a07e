import { openSync, writeSync } from "node:fs";
import { BY, open } from "../backlog/open.ts";
import { application, Write } from "./application.ts";

// Writes until it is ended, `CLIENTS` at a time, and keeps what was acknowledged in a file that nothing happens to: `key n`, a line each.

const CLIENTS = 16;

const [data = "", history = "", from = "0"] = process.argv.slice(2);
const { runtime } = await open(application(), data);
const said = openSync(history, "a");

let n = Number(from);
await Promise.all(
  Array.from({ length: CLIENTS }, async (_, client) => {
    const key = `key-${client}`;
    for (;;) {
      const mine = n++;
      await runtime.execute({ operation: Write.name, input: { key, n: mine }, ...BY });
      writeSync(said, `${key} ${mine}\n`);
    }
  }),
);
