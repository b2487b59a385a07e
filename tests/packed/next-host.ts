import { deepEqual, equal } from "node:assert/strict";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { npmInstall, type Packed } from "./foreign.ts";
import { type Place, run, whileServing } from "./process.ts";

const hosts = join(import.meta.dirname, "../hosts");

/** The versions that docs/how-to/mount.md speaks of. */
const NEXT = { next: "16.4.6", react: "19.3.1", "react-dom": "19.3.1", typescript: "5.9.3", zod: "4.6.7" };

const COMPILER = {
  target: "esnext",
  module: "esnext",
  moduleResolution: "bundler",
  jsx: "preserve",
  strict: true,
  noEmit: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
  isolatedModules: true,
  plugins: [{ name: "next" }],
};

/** An application of Next with our tarballs: built, started, asked, and stopped as a container is. Throws with what was printed where a part fails. */
export async function nextHost(place: Place, packed: Packed): Promise<void> {
  const cwd = join(place.cwd, "next-app");
  const app = { ...place, cwd };
  application(cwd, packed);
  await npmInstall(app);
  const next = join(cwd, "node_modules", ".bin", "next");
  await run(app, next, "build");
  equal(existsSync(join(cwd, "data")), false, "the build has opened the data");
  const began = ["env", "NEXT_MANUAL_SIG_HANDLE=true", next, "start", "-H", "127.0.0.1", "-p", "0"] as const;
  await whileServing(app, began, ask);
  equal(existsSync(join(cwd, "data", "owner.json")), false, "the end has left the data as a crash does");
}

/** A copy, whose configuration finds the notebook beside it. */
function application(cwd: string, packed: Packed): void {
  cpSync(join(hosts, "next"), cwd, { recursive: true });
  cpSync(join(hosts, "notebook.ts"), join(cwd, "notebook.ts"));
  const config = join(cwd, "banyan.config.ts");
  writeFileSync(config, readFileSync(config, "utf8").replace("../notebook.ts", "./notebook.ts"));
  const ours = ["banyan", "@banyan/core", "@banyan/node"].map((name) => [name, `file:${packed.get(name)}`]);
  const dependencies = { ...NEXT, "@types/node": "26.6.6", "@types/react": "19.3.0", ...Object.fromEntries(ours) };
  const manifest = { name: "next-app", version: "0.0.0", private: true, type: "module", dependencies };
  writeFileSync(join(cwd, "package.json"), JSON.stringify(manifest));
  writeFileSync(join(cwd, "tsconfig.json"), JSON.stringify({ compilerOptions: COMPILER, include: ["**/*.ts"] }));
}

async function ask(url: string): Promise<void> {
  const post = (path: string, body: string): Promise<Response> =>
    fetch(url + path, { method: "POST", headers: { "content-type": "application/json" }, body });
  const written = await post("/shop/notes", JSON.stringify({ id: "a", text: "x" }));
  equal(written.status, 204, await written.text());
  let note: { text?: string; indexed?: boolean } = {};
  for (let i = 0; i < 100 && note.indexed !== true; i++) {
    note = (await (await fetch(`${url}/shop/notes/a`)).json()) as typeof note;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  deepEqual(note, { text: "x", indexed: true });
  const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251);
  const raw = await fetch(`${url}/shop/raw`, { method: "POST", body: bytes });
  deepEqual(new Uint8Array(await raw.arrayBuffer()), bytes);
  const broken = await post("/shop/notes", "{");
  equal(((await broken.json()) as { code: string }).code, "body-malformed");
  deepEqual(await (await post("/echo", '{"n":1}')).json(), { heard: { n: 1 } });
}
