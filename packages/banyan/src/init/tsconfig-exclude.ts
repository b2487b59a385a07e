interface TsConfig {
  readonly files?: unknown;
  readonly include?: unknown;
  readonly exclude?: unknown;
  readonly compilerOptions?: { readonly outDir?: unknown };
}

const TOKENS = /("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[^]*?\*\//g;
const TRAILING = /("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])/g;

/**
 * What `exclude` of a tsconfig.json has to be, so that it does not take what is written: that imports `.ts`, which its options may not allow, and
 * would stand beside what it compiles. Undefined where it names what it takes, or cannot be read.
 */
export function excludeFor(text: string, written: readonly string[]): readonly string[] | undefined {
  const config = parsed(text);
  if (config === undefined || !takesEverything(config)) return undefined;
  const { exclude, compilerOptions = {} } = config;
  // these are left out by themselves only where `exclude` is not there
  const usual = ["node_modules", compilerOptions.outDir].filter((one) => typeof one === "string");
  const before = textsIn(exclude) ?? usual;
  const missing = written.filter(
    (name) => !before.some((one) => one.replace(/^\.\//, "").replace(/\/.*$/, "") === name),
  );
  return missing.length === 0 ? undefined : [...before, ...missing];
}

function takesEverything({ files, include }: TsConfig): boolean {
  const patterns = textsIn(include);
  if (patterns === undefined) return files === undefined;
  return patterns.some((pattern) => /^(\.\/?$|(\.\/)?\*)/.test(pattern));
}

/** With comments and commas at ends, as TypeScript reads it. */
function parsed(text: string): TsConfig | undefined {
  try {
    const plain = text
      .replace(/^\uFEFF/, "")
      .replaceAll(TOKENS, "$1")
      .replaceAll(TRAILING, "$1");
    const value: unknown = JSON.parse(plain);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function textsIn(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((one) => typeof one === "string") : undefined;
}
