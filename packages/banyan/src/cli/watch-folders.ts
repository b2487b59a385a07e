import { readdirSync, realpathSync, watch, type Dirent, type FSWatcher } from "node:fs";
import { dirname, join, sep } from "node:path";

/** What an application is made of: a change of such a file starts it again. */
const MADE_OF = /\.(?:[cm]?[jt]sx?|json|sql)$/;
const SKIPPED = new Set(["node_modules", "dist", "coverage"]);
const MOST_FOLDERS = 1_000;

/** Watches the folders of some files and all beneath them; what was installed or built, or begins with a dot, aside, and what the application writes. */
export class WatchedFolders {
  readonly #data: string;
  readonly #changed: (path: string) => void;
  readonly #watchers = new Map<string, FSWatcher>();

  /** Of `data`, where the application keeps its own, nothing is told, wherever it lies. */
  constructor(data: string, changed: (path: string) => void) {
    this.#data = data;
    this.#changed = changed;
  }

  add(files: Iterable<string>): void {
    for (const folder of new Set(Array.from(files, (file) => dirname(file)))) this.#addFolder(folder);
  }

  close(): void {
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  #addFolder(folder: string): void {
    if (this.#watchers.size >= MOST_FOLDERS || this.#isOfData(folder)) return;
    if (!this.#watchers.has(folder)) this.#watch(folder);
    for (const entry of entriesOf(folder)) {
      const beneath = entry.isDirectory() && !SKIPPED.has(entry.name) && !entry.name.startsWith(".");
      if (beneath) this.#addFolder(join(folder, entry.name));
    }
  }

  /** Where a link leads to it too. It may be made, or be another folder, after this began. */
  #isOfData(folder: string): boolean {
    return [this.#data, realOf(this.#data)].some((data) => `${folder}${sep}`.startsWith(`${data}${sep}`));
  }

  #watch(folder: string): void {
    const watcher = watch(folder, (_, name) => {
      if (name !== null && MADE_OF.test(name)) this.#changed(join(folder, name));
    });
    // a folder that went away is watched again when something is imported from it
    watcher.on("error", () => this.#watchers.delete(folder));
    this.#watchers.set(folder, watcher);
  }
}

function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
