// #region Interfaces
export interface CodecCase {
  readonly promise: string;
  readonly run: (_: Codec) => void;
}
export interface StoreCase {
  readonly promise: string;
  readonly needs?: "sessions-beside-writer" | "sql" | "tenants";
  run(_: StoreWorld): Promise<void>;
}
export interface StorePlace {
  store(): Promise<Store>;
  remove(): Promise<void>;
}
export interface StoreSubject {
  readonly name: string;
  readonly features: StoreFeatures;
  readonly sessionsBesideWriter: boolean;
  make(): Promise<StorePlace>;
}
// #endregion

// #region Functions
export declare function codecConformance(_: string, _: Codec): void;
export declare function runStoreCase(_: StoreSubject, _: StoreCase): Promise<void>;
export declare function storeConformance(_: StoreSubject): void;
// #endregion

// #region Variables
export declare const CODEC_CASES: readonly CodecCase[];
export declare const STORE_CASES: readonly StoreCase[];
// #endregion

// #region Referenced (internal)
declare class StoreWorld {
  #private;
  readonly subject: StoreSubject;
  readonly place: StorePlace;
  now: number;
  private constructor();
  static open(_: StoreSubject): Promise<StoreWorld>;
  get store(): Store;
  get state(): StoreState;
  crash(_?: StorePlan): Promise<void>;
  plan(): StorePlan;
  commit<T>(_: (_: StoreTransaction) => Promise<T>): Promise<T>;
  append(..._: readonly NewEntry[]): Promise<void>;
  log(_?: string, _?: readonly string[]): Promise<readonly Entry[]>;
  rows(_?: string): Promise<readonly (readonly [string, string])[]>;
}
// #endregion
