// #region Interfaces
export interface DrizzleResult {
  readonly changes: number;
  readonly insertId: number | bigint | undefined;
}
// #endregion

// #region Types
export type DrizzleDatabase<Schema extends Record<string, unknown> = Record<string, never>> = BaseSQLiteDatabase<"async", DrizzleResult, Schema>;
// #endregion

// #region Functions
export declare function drizzle<Schema extends Record<string, unknown> = Record<string, never>>(_?: Schema): HandleKind<DrizzleDatabase<Schema>>;
// #endregion
