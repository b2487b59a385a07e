// #region Functions
export declare function kysely<DB>(): HandleKind<Kysely<DB>>;
// #endregion
