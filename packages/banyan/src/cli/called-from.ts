import { dirname } from "node:path";

/**
 * The folder the user stands in. npm runs a script in the folder of its package.json and keeps where it was called from in
 * INIT_CWD; that holds only for the script itself, not for what it starts elsewhere with the environment it handed down.
 */
export function calledFrom(cwd: string, env: Readonly<Record<string, string | undefined>>): string {
  const { INIT_CWD: called, npm_package_json: manifest } = env;
  return called !== undefined && manifest !== undefined && dirname(manifest) === cwd ? called : cwd;
}
