import { createHash } from "node:crypto";
import { type Brought, broughtBy, type Lockfile } from "./lockfile.ts";

interface Component {
  readonly type: "library";
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly scope?: "required" | "optional";
  readonly licenses: readonly [{ readonly license: { readonly id: string } }];
  readonly hashes?: readonly { readonly alg: string; readonly content: string }[];
}

/** A CycloneDX 1.6 document, as far as it is filled in here. */
export interface Sbom {
  readonly $schema: string;
  readonly bomFormat: "CycloneDX";
  readonly specVersion: "1.6";
  readonly serialNumber: string;
  readonly version: 1;
  readonly metadata: { readonly component: Component };
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
  readonly compositions?: readonly { readonly aggregate: "incomplete"; readonly dependencies: readonly string[] }[];
}

/** `integrity` names them so. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  sha1: "SHA-1",
  sha256: "SHA-256",
  sha384: "SHA-384",
  sha512: "SHA-512",
};

/**
 * The bill of materials of one of our packages: what its installation brings, at the versions that are tested. The same lockfile gives the same
 * bytes, so there is no time in it, and the serial number is made of the rest. (`npm sbom` refuses a lockfile that lacks binaries for other
 * machines, and numbers each run anew.)
 */
export function sbomOf(lockfile: Lockfile, folder: string): Sbom {
  const [own, ...others] = broughtBy(lockfile, folder).toSorted(
    (left, right) =>
      Number(right.place === folder) - Number(left.place === folder) || byText(refOf(left), refOf(right)),
  );
  if (own === undefined) throw new Error(`The lockfile has no ${folder}.`);
  const refs = new Map([own, ...others].map((one) => [one.place, refOf(one)]));
  const dependencies = [own, ...others].map((one) => ({
    ref: refOf(one),
    dependsOn: one.needs.flatMap((place) => refs.get(place) ?? []).toSorted(byText),
  }));
  const open = [own, ...others].filter(({ unpinned }) => unpinned.length > 0).map(refOf);
  const { scope: _always, ...component } = componentOf(own);
  const body = {
    metadata: { component },
    components: others.map(componentOf),
    dependencies,
    ...(open.length === 0 ? {} : { compositions: [{ aggregate: "incomplete" as const, dependencies: open }] }),
  };
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: serialOf(JSON.stringify(body)),
    version: 1,
    ...body,
  };
}

function componentOf(one: Brought): Component {
  const { name, version, license, integrity, optional } = one;
  const purl = refOf(one);
  return {
    type: "library",
    "bom-ref": purl,
    name,
    version,
    purl,
    scope: optional ? "optional" : "required",
    licenses: [{ license: { id: license } }],
    ...(integrity === undefined ? {} : { hashes: hashesOf(integrity) }),
  };
}

/** A package URL: the `@` of a scope is written in percent. */
function refOf({ name, version }: Brought): string {
  return `pkg:npm/${name.replace(/^@/, "%40")}@${version}`;
}

function hashesOf(integrity: string): { alg: string; content: string }[] {
  return integrity.split(/\s+/).flatMap((one) => {
    const [name = "", digest = ""] = one.split(/-(.*)/s);
    const alg = ALGORITHMS[name];
    return alg === undefined ? [] : [{ alg, content: Buffer.from(digest, "base64").toString("hex") }];
  });
}

/** A UUID of the kind that its maker defines (version 8, RFC 9562). */
function serialOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  const variant = ((Number.parseInt(hex[16] ?? "0", 16) & 3) | 8).toString(16);
  return `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function byText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
