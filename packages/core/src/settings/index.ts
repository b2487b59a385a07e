export { resolveSettings, valuesOf } from "./resolve.ts";
export type {
  FoundSetting,
  ResolvedSettings,
  SettingProblem,
  SettingsLayer,
  SettingState,
  SettingValues,
} from "./resolve.ts";
export { Secret, secret } from "./secret.ts";
export type { SecretSetting } from "./secret.ts";
export { settings } from "./settings.ts";
export type { SettingField, Settings, SettingsOf, SettingsOptions, SettingsShape, ValuesOfShape } from "./settings.ts";
export { givenSettings, treeLayer } from "./tree.ts";
export type { TreeSource } from "./tree.ts";
