import type { RawHandle, SqlHandle } from "../ports/index.ts";

/** The handle as a body gets it: an inner part of the unit that is undone takes back what was emitted while it ran. */
export function takingBack(raw: RawHandle, emitted: unknown[]): RawHandle {
  return raw.kind === "sql" ? sqlTakingBack(raw, emitted) : raw;
}

function sqlTakingBack(raw: SqlHandle, emitted: unknown[]): SqlHandle {
  return {
    kind: "sql",
    dialect: raw.dialect,
    execute: (statement, parameters, as) => raw.execute(statement, parameters, as),
    savepoint: async (work) => {
      const before = emitted.length;
      try {
        return await raw.savepoint((inner) => work(sqlTakingBack(inner, emitted)));
      } catch (error) {
        emitted.length = Math.min(before, emitted.length);
        throw error;
      }
    },
  };
}
