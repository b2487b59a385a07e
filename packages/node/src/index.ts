export { apiKeys, newApiKey } from "./auth/api-keys.ts";
export type { ApiKey, ApiKeysOptions } from "./auth/api-keys.ts";
export type { Tenants } from "./auth/identity.ts";
export { jwt } from "./auth/jwt.ts";
export type { JwtAlgorithm, JwtClaims, JwtOptions } from "./auth/jwt.ts";
export type { PublicKeys } from "./auth/public-keys.ts";
export { sessions } from "./auth/sessions.ts";
export type { LoggedIn, Session, Sessions, SessionsOptions } from "./auth/sessions.ts";
export { emitter } from "./emit/emitter.ts";
export type { EmitFrom, EmittedBy, Execute, SyncConnection } from "./emit/emitter.ts";
export { whenFree } from "./emit/when-free.ts";
export { DEFAULT_HTTP_LIMITS } from "./http/limits.ts";
export type { HttpLimits } from "./http/limits.ts";
export type { Listener } from "./http/listener.ts";
export type { LogForm } from "./log/log.ts";
export { OpsClient } from "./ops/client.ts";
export type { OpsClientOptions } from "./ops/client.ts";
export type { ProcessFacts } from "./ops/process-facts.ts";
export { socketDoor } from "./ops/ops-doors.ts";
export type { OpsDoor } from "./ops/ops-doors.ts";
export { operate, operateAt } from "./ops/operate.ts";
export type { Operated } from "./ops/operate.ts";
export type { Delivery } from "./ops/delivery.ts";
export { abortSignalOf } from "./platform/abort-signal.ts";
export { nodeClock } from "./platform/clock.ts";
export type { NodeClock } from "./platform/clock.ts";
export { nodeRandom } from "./platform/random.ts";
export { nodeTurn } from "./platform/turn.ts";
export type { ProcessOptions } from "./process/app-process.ts";
export { mount } from "./process/mount.ts";
export type { Mounted, MountOptions, RequestFrom } from "./process/mount.ts";
export { app } from "./raw/app.ts";
export type { Application } from "./raw/app.ts";
export { hmac } from "./raw/hmac.ts";
export type { HmacOptions } from "./raw/hmac-options.ts";
export type {
  Middleware,
  ParamsOf,
  RouteAsked,
  RouteBody,
  RouteCall,
  RouteCallOptions,
  RouteOptions,
  RouteTools,
} from "./raw/raw-route.ts";
export type { Scheme, SignedRequest, Verify, Vouched } from "./raw/signature.ts";
export { signed } from "./raw/signed.ts";
export type { Signed, SignedOptions } from "./raw/signed.ts";
export { standardWebhooks } from "./raw/standard-webhooks.ts";
export { runProcess } from "./process/run-process.ts";
export type { Running } from "./process/run-process.ts";
export { serve } from "./process/serve.ts";
export type { Served, ServeOptions } from "./process/serve.ts";
export { readSettings } from "./settings/read-settings.ts";
export type { SettingsSources } from "./settings/read-settings.ts";
export type {
  BackedUpContext,
  Backup,
  Backups,
  ColumnDescription,
  ContextTables,
  Inspected,
  ReadLimits,
  Restored,
  SqliteFolder,
  SqliteMemory,
  SqliteOptions,
  StoreFacts,
  TableDescription,
} from "./sqlite/index.ts";
export {
  backupFolder,
  checksumOf,
  describeTables,
  networkFileSystem,
  resetData,
  restoreBackup,
  sqlFiles,
  sqlite,
} from "./sqlite/index.ts";
export { memoryDisk } from "@banyan/core";
