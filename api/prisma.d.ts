// #region Interfaces
export interface PrismaOnUnit {
  $connect(): Promise<void>;
  $extends: unknown;
}
// #endregion

// #region Functions
export declare function prisma<Client extends PrismaOnUnit>(_: (_: SqlDriverAdapterFactory) => Client): Promise<HandleKind<Client>>;
// #endregion
