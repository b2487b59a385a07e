import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

/** Notes every file that is imported from now on, packages aside. */
export function noteLoadedFiles(): ReadonlySet<string> {
  const files = new Set<string>();
  registerHooks({
    load: (url, context, next) => {
      if (url.startsWith("file:") && !url.includes("/node_modules/")) files.add(fileURLToPath(url));
      return next(url, context);
    },
  });
  return files;
}
