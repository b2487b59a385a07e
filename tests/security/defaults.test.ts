import { globSync, readFileSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { parseSync } from "oxc-parser";
import { expect, test } from "vitest";
import { Banyan, NotesFolder } from "../serving/command.ts";

const root = join(import.meta.dirname, "..", "..");

/** `connected`, or why not. */
async function knock(host: string, port: number): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  const socket = connect({ host, port }, () => resolve("connected"));
  socket.on("error", ({ code = "" }: NodeJS.ErrnoException) => resolve(code));
  const told = await promise;
  socket.destroy();
  return told;
}

test.each(["start", "dev"] as const)(
  "without --host `%s` is reached at 127.0.0.1 and at no other address",
  { timeout: 60_000 },
  async (command) => {
    using folder = new NotesFolder();
    await using banyan = new Banyan(folder.path, [command, "--port", "0"]);
    const port = Number(await banyan.said(/http:\/\/127\.0\.0\.1:(\d+)/));
    const others = Object.values(networkInterfaces())
      .flatMap((all) => all ?? [])
      .map(({ address }) => address)
      .filter((address) => address !== "127.0.0.1" && !address.startsWith("fe80"));
    expect(await knock("127.0.0.1", port)).toBe("connected");
    for (const address of ["127.0.0.2", ...others])
      expect([address, await knock(address, port)]).not.toContain("connected");
  },
);

/** What a page can make a browser do by a name of its own that points to 127.0.0.1. */
test(
  "a name that was made to point here opens nothing of `dev`, whatever comes with it",
  { timeout: 60_000 },
  async () => {
    using folder = new NotesFolder();
    const token = "development-token-0123456789";
    await using banyan = new Banyan(folder.path, ["dev", "--no-watch", "--port", "0"], { BANYAN_DEV_TOKEN: token });
    const port = Number(await banyan.said(/http:\/\/127\.0\.0\.1:(\d+)/));
    const asked = async (path: string, host: string): Promise<number> => {
      const { promise, resolve, reject } = Promise.withResolvers<number>();
      const headers = { host, authorization: `Bearer ${token}`, connection: "close" };
      const sent = request({ host: "127.0.0.1", port, path, headers }, (answer) => {
        answer.resume().on("end", () => resolve(answer.statusCode ?? 0));
      });
      sent.on("error", reject).end();
      return promise;
    };
    const paths = [
      "/notes/count",
      "/_banyan/ops/audit",
      "/_banyan/ops/delivery/tail?source=notes",
      "/_banyan/health/ready",
    ];
    for (const path of paths) {
      expect([path, await asked(path, `127.0.0.1:${port}`)]).toEqual([path, 200]);
      for (const host of [`evil.example:${port}`, "127.0.0.1.evil.example", "localhost.evil.example"])
        expect([path, host, await asked(path, host)]).toEqual([path, host, 403]);
    }
  },
);

interface Node {
  readonly type: string;
  readonly [field: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string";

function nodesIn(value: unknown): readonly Node[] {
  if (Array.isArray(value)) return value.flatMap(nodesIn);
  return isNode(value) ? [value, ...Object.values(value).flatMap(nodesIn)] : [];
}

/** The ways there are to run a text as code. */
function evaluatedIn(text: string): readonly string[] {
  return nodesIn(parseSync("source.ts", text).program).flatMap((node) => {
    const { type, name, source } = node as Node & { readonly source?: { readonly value?: unknown } };
    if (type === "Identifier" && (name === "eval" || name === "Function")) return [String(name)];
    const from = source?.value;
    return typeof from === "string" && /^(node:)?(vm|repl)$/.test(from) ? [from] : [];
  });
}

test("nothing that we ship runs a text as code", () => {
  const files = globSync("packages/*/{src,bin,templates}/**/*.{ts,js}", { cwd: root }).filter(
    (file) => !/\.test(-d)?\.ts$|fixture/.test(file),
  );
  expect(files.length).toBeGreaterThan(200);
  expect(
    files.flatMap((file) => evaluatedIn(readFileSync(join(root, file), "utf8")).map((what) => `${file}: ${what}`)),
  ).toEqual([]);
  for (const text of [
    "eval('1')",
    "new Function('return 1')",
    "globalThis.x = eval",
    'import { runInThisContext } from "node:vm"',
    'await import("vm")',
  ])
    expect(evaluatedIn(text)).not.toEqual([]);
});
