import { configDefaults, defineConfig } from "vitest/config";

// Sources are run as they are: workspace packages resolve to src, in Vite and, by the flag Vitest derives, in Node.
export default defineConfig({
  ssr: { resolve: { conditions: ["source", "module", "node", "development|production"] } },
  test: {
    include: ["{packages,examples,tests,tools}/**/*.test.ts"],
    // files of applications to be, tried where `banyan init` has written them
    exclude: [...configDefaults.exclude, "packages/banyan/templates/**"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    passWithNoTests: true,
  },
});
