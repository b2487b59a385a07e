import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkoutSupply } from "./checkout-supply.ts";
import { type Sbom, sbomOf } from "./sbom.ts";

const { lockfile, packages } = checkoutSupply();
const REF = /^pkg:npm\/(%40[a-z0-9-]+\/)?[a-z0-9._-]+@\d+\.\d+\.\d+$/;

/** What CycloneDX 1.6 asks of a document in JSON, as far as ours has it. */
function problemsOf(sbom: Sbom): string[] {
  const components = [sbom.metadata.component, ...sbom.components];
  const refs = components.map((component) => component["bom-ref"]);
  const pointed = [
    ...sbom.dependencies.flatMap(({ ref, dependsOn }) => [ref, ...dependsOn]),
    ...(sbom.compositions ?? []).flatMap((one) => one.dependencies),
  ];
  const wrong = (says: boolean, problem: string): string[] => (says ? [] : [problem]);
  return [
    ...wrong(sbom.bomFormat === "CycloneDX" && sbom.specVersion === "1.6", "is no CycloneDX 1.6"),
    ...wrong(Number.isInteger(sbom.version) && sbom.version >= 1, "version is no number from 1"),
    ...wrong(
      /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(sbom.serialNumber),
      "serialNumber is no UUID",
    ),
    ...wrong(new Set(refs).size === refs.length, "a bom-ref is there twice"),
    ...pointed.filter((ref) => !refs.includes(ref)).map((ref) => `${ref} is no component`),
    ...wrong(
      sbom.dependencies.map(({ ref }) => ref).join() === refs.join(),
      "not every component is in the graph, once and in its order",
    ),
    ...components.flatMap(({ type, name, version, purl, licenses, hashes = [] }) => [
      ...wrong(type === "library" && name !== "" && version !== "", `${name} lacks its type, name or version`),
      ...wrong(REF.test(purl), `${purl} is no package URL`),
      ...wrong(
        licenses.every(({ license }) => license.id !== ""),
        `${name} has no licence`,
      ),
      ...hashes.flatMap(({ alg, content }) =>
        wrong(alg === "SHA-512" && /^[0-9a-f]{128}$/.test(content), `${name}: ${alg}`),
      ),
    ]),
  ];
}

test.each([...packages.keys()])("the bill of %s is CycloneDX, and the same twice", (folder) => {
  const sbom = sbomOf(lockfile, folder);
  expect(problemsOf(sbom)).toEqual([]);
  expect(sbomOf(lockfile, folder)).toEqual(sbom);
});

test("it has every package that comes along with the digest of the lockfile", () => {
  const sbom = sbomOf(lockfile, "packages/banyan");
  const names = sbom.components.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["@banyan/core", "@banyan/node", "hono", "pino", "sonic-boom"]));
  expect(names).not.toContain("vitest");
  const hono = sbom.components.find(({ name }) => name === "hono");
  const { integrity = "" } = lockfile["node_modules/hono"] ?? {};
  expect(hono?.hashes?.map(({ content }) => Buffer.from(content, "hex").toString("base64"))).toEqual([
    integrity.replace("sha512-", ""),
  ]);
  expect(sbom.components.filter(({ scope }) => scope === "optional").map(({ name }) => name)).toEqual(
    names.filter((name) => name.startsWith("@oxc-parser/binding-")),
  );
  expect(sbom.compositions).toBeUndefined();
});

test("it says of what the lockfile does not pin that it cannot know it", () => {
  const less = Object.entries(lockfile).filter(([place]) => !place.endsWith("/binding-darwin-x64"));
  expect(sbomOf(Object.fromEntries(less), "packages/banyan").compositions).toEqual([
    { aggregate: "incomplete", dependencies: [expect.stringMatching(/oxc-parser@/)] },
  ]);
});

test("another digest is another bill, with another number", () => {
  const before = sbomOf(lockfile, "packages/node");
  const hono = { ...lockfile["node_modules/hono"], integrity: `sha512-${"A".repeat(86)}==` };
  const after = sbomOf({ ...lockfile, "node_modules/hono": hono }, "packages/node");
  expect(after.serialNumber).not.toBe(before.serialNumber);
});

test("npm run sbom writes one for every package", () => {
  const folder = mkdtempSync(join(tmpdir(), "banyan-sbom-"));
  try {
    execFileSync(process.execPath, [join(import.meta.dirname, "sbom-write.ts"), folder]);
    const files = readdirSync(folder);
    expect(files).toHaveLength(packages.size);
    const written = JSON.parse(readFileSync(join(folder, "banyan-kysely.cdx.json"), "utf8"));
    expect(written).toEqual(sbomOf(lockfile, "packages/kysely"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
