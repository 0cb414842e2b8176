export { Readiness, type ReadinessGate } from './admin/readiness.ts';
export type { Cursor } from './grpc/cursor.ts';
export type { CallContext, Handlers, StreamHandler, UnaryHandler } from './grpc/handlers.ts';
export { LatestState } from './grpc/latest-state.ts';
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
export { type ErrorCode, type ErrorData, ServiceError } from './service-error.ts';
