/** One file of a tarball, by its path in the package. */
export interface PackedFile {
  readonly path: string;
  readonly text: string;
}

export interface Contents {
  readonly name: string;
  readonly bytes: number;
  readonly files: readonly PackedFile[];
}

/** The most a tarball may weigh, in KiB: half as much again as it did when the bound was set. Who raises one says why in the commit. */
export const BOUNDS_KIB: Readonly<Record<string, number>> = {
  banyan: 170,
  "@banyan/core": 380,
  "@banyan/node": 310,
  "@banyan/testing": 250,
  "@banyan/kysely": 14,
  "@banyan/drizzle": 14,
  "@banyan/prisma": 20,
};

const NEEDED = ["LICENSE", "README.md", "package.json"];
const TEMPLATES = [
  "banyan.config.ts",
  "contexts/guestbook/contract.ts",
  "contexts/guestbook/guestbook.test.ts",
  "contexts/guestbook/index.ts",
  "contexts/guestbook/migrations/001-guestbook.sql",
  "tsconfig.json",
].map((file) => `templates/first/${file}`);
// npm runs these on the machine of whoever installs
const INSTALL_SCRIPTS = ["preinstall", "install", "postinstall", "prepare"];
const HOMES = /\/(?:home|Users|root)\/[\w.-]+\/|[A-Z]:\\Users\\/;

/** What is wrong with what a package would publish; `root` is the folder it was built in, which nothing may name. */
export function contentProblems({ name, bytes, files }: Contents, root: string): string[] {
  const paths = new Set(files.map(({ path }) => path));
  const wanted = name === "banyan" ? [...NEEDED, ...TEMPLATES, "bin/banyan.js", "llms.txt"] : NEEDED;
  const problems = [
    ...wanted.filter((path) => !paths.has(path)).map((path) => `lacks ${path}`),
    ...files.filter(({ path }) => isTest(path)).map(({ path }) => `carries a test: ${path}`),
    ...files
      .filter(({ text }) => text.includes(root) || HOMES.test(text))
      .map(({ path }) => `${path} names a folder of a machine`),
    ...manifestProblems(files, paths),
    ...sizeProblems(name, bytes),
  ];
  return problems.map((problem) => `${name}: ${problem}`);
}

/** Tests of ours; the one in a template is the user's to be. */
function isTest(path: string): boolean {
  return (
    !path.startsWith("templates/") &&
    /\.test(-d)?\.[cm]?[jt]s$|fixture\.ts$|(^|\/)tsconfig[^/]*\.json$|\.snap$/.test(path)
  );
}

function manifestProblems(files: readonly PackedFile[], paths: ReadonlySet<string>): string[] {
  const text = files.find(({ path }) => path === "package.json")?.text ?? "{}";
  const { exports = {}, scripts = {}, engines = {} } = JSON.parse(text);
  const targets = Object.values<Record<string, string>>(exports).flatMap((entry) => Object.values(entry));
  const gone = targets.filter((target) => !paths.has(target.replace(/^\.\//, "")));
  return [
    ...gone.map((target) => `exports ${target}, which is not in it`),
    ...INSTALL_SCRIPTS.filter((script) => script in scripts).map(
      (script) => `runs a script at installation: ${script}`,
    ),
    ...(engines.node === undefined ? ["does not say which Node it needs"] : []),
  ];
}

function sizeProblems(name: string, bytes: number): string[] {
  const bound = BOUNDS_KIB[name];
  if (bound === undefined) return ["has no bound on its size: set one in tools/pack-contents.ts"];
  return bytes > bound * 1024 ? [`weighs ${Math.ceil(bytes / 1024)} KiB, over its bound of ${bound} KiB`] : [];
}
