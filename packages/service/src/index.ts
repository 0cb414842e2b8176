export { AdminServer, type AdminServerOptions } from './admin/admin-server.ts';
export { Readiness, type ReadinessGate } from './admin/readiness.ts';
export { type BaseConfig, baseSettings } from './config/base-settings.ts';
export { ConfigError, type ConfigProblem } from './config/config-error.ts';
export {
  type Config,
  type ConfigResult,
  type ConfigSource,
  readConfig,
  type Setting,
  type Settings,
  setting,
} from './config/settings.ts';
export { type ListenAddress, parseDuration, parseListenAddress, values } from './config/values.ts';
export { type CallOptions, GrpcClient, type GrpcClientOptions } from './grpc/client.ts';
export type { Cursor } from './grpc/cursor.ts';
export type { CallContext, Handlers, StreamHandler, UnaryHandler } from './grpc/handlers.ts';
export { LatestState } from './grpc/latest-state.ts';
export { defaultLimits, type GrpcLimits } from './grpc/limits.ts';
export { GrpcServer, type GrpcServerOptions } from './grpc/server.ts';
export { Shutdown, type ShutdownPhase } from './lifecycle/shutdown.ts';
export { describeError } from './log/describe-error.ts';
export { jsonFormat, logFormats, plainFormat } from './log/formats.ts';
export {
  createLogger,
  type LogEvent,
  type LogFields,
  type LogFormat,
  type Logger,
  type LoggerOptions,
  type LogLevel,
  logLevels,
  silentLogger,
} from './log/logger.ts';
export { MemoryKeeper, type MemoryKeeperOptions } from './memory/memory-keeper.ts';
export { returnMemory } from './memory/return-memory.ts';
export { sinceLast } from './memory/since-last.ts';
export { createRegistry, Registry } from './metrics/registry.ts';
export { type Get, runService, type ServiceDefinition } from './nest/run-service.ts';
export { ServiceModule } from './nest/service.module.ts';
export { ADMIN_SERVER, GRPC_SERVER, LOGGER, READINESS, REGISTRY, SHUTDOWN } from './nest/tokens.ts';
export { createRedisLink, type RedisLink, type RedisLinkOptions } from './redis/redis-link.ts';
export { type ErrorCode, type ErrorData, ServiceError } from './service-error.ts';
export { CredentialsStore, type LoadedCredentials, type MeshCredentials } from './tls/credentials.ts';
export { createCsr } from './tls/csr.ts';
export {
  type Certify,
  type IssuedLeaf,
  MeshIdentity,
  type MeshIdentityOptions,
} from './tls/mesh-identity.ts';
export { MeshIdentityMetrics } from './tls/mesh-identity-metrics.ts';
export { type MeshTlsClientOptions, startMeshTls } from './tls/mesh-tls-client.ts';
export type { MeshTlsOptions } from './tls/mesh-tls-server.ts';
export { splitPem, toPem } from './tls/pem.ts';
export { defaultRenewalBounds, type RenewalBounds, renewAfter, retryAfter } from './tls/renewal.ts';
export { firstIdentity, hasIdentity, subjectNames } from './tls/subject-names.ts';
