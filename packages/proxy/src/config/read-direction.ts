import type {
  BackoffConfig,
  DirectionConfig,
  Http2ServerConfig,
  Http2Windows,
  QueueConfig,
  TcpConfig,
} from './config.ts';
import type { Environment } from './environment.ts';
import { parseDuration } from './values/duration.ts';
import { parseBoolean, parseCount, parseDecimal } from './values/scalar.ts';

export interface DirectionDefaults {
  readonly connectTimeoutMs: number;
  readonly backoff: BackoffConfig;
  readonly failFastTimeoutMs: number;
  readonly discoveryIdleTimeoutMs: number;
  /** The variable for it: that of the inbound side has no direction in its name. */
  readonly maxIdleName: string;
}

const defaultWindows: Http2Windows = { streamWindow: 65_535, connectionWindow: 1_048_576 };
const MAX_WINDOW = 2 ** 31 - 1;

/** RFC 9113 section 4.2. */
const MIN_FRAME_SIZE = 16_384;
const MAX_FRAME_SIZE = 2 ** 24 - 1;

/** What both directions have, under their own names. */
export function readDirection(
  env: Environment,
  direction: 'INBOUND' | 'OUTBOUND',
  defaults: DirectionDefaults,
): DirectionConfig {
  return {
    backlog: env.optional(`${direction}_TCP_LISTEN_BACKLOG`, parseCount),
    accept: readTcp(env, `${direction}_ACCEPT`),
    connect: {
      ...readTcp(env, `${direction}_CONNECT`),
      timeoutMs: env.read(`${direction}_CONNECT_TIMEOUT`, parseDuration, defaults.connectTimeoutMs),
      backoff: readBackoff(env, `${direction}_CONNECT_EXP_BACKOFF`, defaults.backoff),
    },
    detectTimeoutMs: env.read(`${direction}_DETECT_TIMEOUT`, parseDuration, 10_000),
    httpQueue: readQueue(env, `${direction}_HTTP`, defaults.failFastTimeoutMs),
    http1Pool: {
      maxIdle: env.read(defaults.maxIdleName, parseCount, 10_000),
      idleTimeoutMs: env.read(`${direction}_HTTP1_CONNECTION_POOL_IDLE_TIMEOUT`, parseDuration, 3000),
    },
    http2Server: readHttp2Server(env, `${direction}_SERVER_HTTP2`),
    maxInFlight: env.read(`${direction}_MAX_IN_FLIGHT`, parseCount, 100_000),
    discoveryIdleTimeoutMs: env.read(
      `${direction}_DISCOVERY_IDLE_TIMEOUT`,
      parseDuration,
      defaults.discoveryIdleTimeoutMs,
    ),
  };
}

function readTcp(env: Environment, prefix: string): TcpConfig {
  return {
    keepAliveMs: env.optional(`${prefix}_KEEPALIVE`, parseDuration),
    userTimeoutMs: env.optional(`${prefix}_USER_TIMEOUT`, parseDuration),
  };
}

/** Capacity has QUEUE in its name, the timeout has not. */
export function readQueue(env: Environment, prefix: string, failFastTimeoutMs: number): QueueConfig {
  return {
    capacity: env.read(`${prefix}_QUEUE_CAPACITY`, parseCount, 10_000),
    failFastTimeoutMs: env.read(`${prefix}_FAILFAST_TIMEOUT`, parseDuration, failFastTimeoutMs),
  };
}

/** Minimum and maximum come together or not at all; jitter is 0 beside them. */
export function readBackoff(env: Environment, prefix: string, fallback: BackoffConfig): BackoffConfig {
  const minName = `${prefix}_MIN`;
  const maxName = `${prefix}_MAX`;
  const jitterName = `${prefix}_JITTER`;
  const given = [minName, maxName, jitterName].filter((name) => env.text(name) !== undefined);
  if (given.length === 0) return fallback;
  const minMs = env.required(minName, parseDuration, fallback.minMs);
  const maxMs = env.required(maxName, parseDuration, Math.max(minMs, fallback.maxMs));
  const jitter = env.read(jitterName, parseDecimal, 0);
  if (maxMs === 0) env.reject(maxName, 'must not be zero');
  else if (minMs > maxMs) env.reject(minName, `must not be above ${prefix}_MAX`);
  if (jitter > 100) env.reject(jitterName, 'must not be above 100');
  return { minMs, maxMs, jitter };
}

export function readClientWindows(env: Environment): Http2Windows {
  return {
    streamWindow: readWindow(env, 'HTTP2_INITIAL_STREAM_WINDOW_SIZE') ?? defaultWindows.streamWindow,
    connectionWindow:
      readWindow(env, 'HTTP2_INITIAL_CONNECTION_WINDOW_SIZE') ?? defaultWindows.connectionWindow,
  };
}

function readHttp2Server(env: Environment, prefix: string): Http2ServerConfig {
  const intervalMs = env.optional(`${prefix}_KEEP_ALIVE_INTERVAL`, parseDuration);
  const timeoutMs = env.optional(`${prefix}_KEEP_ALIVE_TIMEOUT`, parseDuration);
  const streamWindow = readWindow(env, `${prefix}_INITIAL_STREAM_WINDOW_SIZE`);
  const connectionWindow = readWindow(env, `${prefix}_INITIAL_CONNECTION_WINDOW_SIZE`);
  const windows =
    streamWindow !== undefined && connectionWindow !== undefined
      ? { streamWindow, connectionWindow }
      : defaultWindows;
  return {
    ...windows,
    adaptiveFlowControl: env.read(`${prefix}_ADAPTIVE_FLOW_CONTROL`, parseBoolean, false),
    keepAlive: intervalMs !== undefined && timeoutMs !== undefined ? { intervalMs, timeoutMs } : null,
    maxConcurrentStreams: env.optional(`${prefix}_MAX_CONCURRENT_STREAMS`, parseCount) ?? null,
    maxFrameSize: readFrameSize(env, `${prefix}_MAX_FRAME_SIZE`),
    maxHeaderListSize: env.read(`${prefix}_MAX_HEADER_LIST_SIZE`, parseCount, 16_384),
    maxPendingAcceptResetStreams:
      env.optional(`${prefix}_MAX_PENDING_ACCEPT_RESET_STREAMS`, parseCount) ?? null,
    maxSendBufferSize: env.optional(`${prefix}_MAX_SEND_BUF_SIZE`, parseCount) ?? null,
  };
}

function readWindow(env: Environment, name: string): number | undefined {
  const size = env.optional(name, parseCount);
  if (size !== undefined && size > MAX_WINDOW) env.reject(name, `must not be above ${MAX_WINDOW}`);
  return size;
}

function readFrameSize(env: Environment, name: string): number {
  const size = env.read(name, parseCount, MIN_FRAME_SIZE);
  if (size < MIN_FRAME_SIZE || size > MAX_FRAME_SIZE) {
    env.reject(name, `must be between ${MIN_FRAME_SIZE} and ${MAX_FRAME_SIZE}`);
  }
  return size;
}
