import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkoutSupply } from "./checkout-supply.ts";
import { dependencyProblems, INSTALL_SCRIPTS, type Supply } from "./dependencies.ts";
import type { Locked } from "./lockfile.ts";

const root = join(import.meta.dirname, "..");
const supply = checkoutSupply();

test("what our packages bring has a reason, a licence from the list and no install scripts", () => {
  expect(dependencyProblems(supply)).toEqual([]);
});

test("no package of ours runs anything when it is installed", () => {
  const manifests = globSync(["package.json", "{packages,examples}/*/package.json"], { cwd: root });
  const found = manifests.flatMap((path) => {
    const { scripts = {} } = JSON.parse(readFileSync(join(root, path), "utf8"));
    return [...INSTALL_SCRIPTS, "prepare"].filter((script) => script in scripts).map((script) => `${path}: ${script}`);
  });
  expect(manifests.length).toBeGreaterThan(8);
  expect(found).toEqual([]);
});

/** The checkout, with one more dependency of `@banyan/node` that has another of its own. */
function planted(added: Locked, scripts: readonly string[] = []): Supply {
  const node = supply.packages.get("packages/node");
  if (node === undefined) throw new Error("packages/node has moved");
  const dependencies = { ...node.dependencies, hono: "4.13.19", planted: "1.0.0" };
  return {
    lockfile: {
      ...supply.lockfile,
      "packages/node": { ...supply.lockfile["packages/node"], dependencies },
      "node_modules/planted": { version: "1.0.0", license: "MIT", dependencies: { inner: "^1.0.0" } },
      "node_modules/planted/node_modules/inner": { version: "1.2.0", license: "MIT", ...added },
    },
    packages: new Map([...supply.packages, ["packages/node", { ...node, dependencies }]]),
    scriptsAt: (place) => (place.endsWith("/inner") ? scripts : supply.scriptsAt(place)),
  };
}

test("a dependency without a reason is a problem, and so are too many", () => {
  expect(dependencyProblems(planted({}))).toEqual([
    "@banyan/node depends on planted without a reason",
    "banyan has 6 direct dependencies, over 5",
    "banyan brings 20 packages, over 18",
  ]);
});

test("a dependency that may float is a problem", () => {
  const packages = new Map([
    ...supply.packages,
    ["packages/banyan", { name: "banyan", dependencies: { "oxc-parser": "^0.159.0" } }],
  ]);
  expect(dependencyProblems({ ...supply, packages })).toEqual([
    "banyan depends on oxc-parser ^0.159.0, which is not one version",
  ]);
});

test("a licence that is not on the list is a problem, however deep it comes in", () => {
  const problems = dependencyProblems(planted({ license: "AGPL-3.0-only" }));
  expect(problems).toContainEqual(expect.stringMatching(/^inner has the licence "AGPL-3.0-only", which is not one of/));
  expect(dependencyProblems(planted({ license: "" }))).toContainEqual(
    expect.stringMatching(/^inner has the licence ""/),
  );
});

test("install scripts are a problem, whether the lockfile says it or the package", () => {
  const problem = "inner runs scripts when it is installed";
  expect(dependencyProblems(planted({ hasInstallScript: true })).join("\n")).toContain(problem);
  expect(dependencyProblems(planted({}, ["postinstall"])).join("\n")).toContain(`${problem}: postinstall`);
});

test("a reason whose dependency is gone is a problem", () => {
  const packages = new Map([...supply.packages, ["packages/banyan", { name: "banyan" }]]);
  expect(dependencyProblems({ ...supply, packages })).toContain(
    "there is a reason for oxc-parser of banyan, which does not depend on it",
  );
});

test("a dependency that the lockfile does not have is said", () => {
  const { "node_modules/jose": _gone, ...lockfile } = supply.lockfile;
  expect(() => dependencyProblems({ ...supply, lockfile })).toThrow(
    "package-lock.json lacks jose, which packages/node needs",
  );
});
