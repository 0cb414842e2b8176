import type { PeerLimits } from './config.ts';
import type { Environment } from './environment.ts';
import { parseDuration } from './values/duration.ts';
import { parseCount } from './values/scalar.ts';

/** Bounds on what a peer may do to any side of this proxy. Linkerd has no such variables. */
export function readPeerLimits(env: Environment): PeerLimits {
  return {
    headTimeoutMs: env.read('HTTP_HEAD_TIMEOUT', parseDuration, 30_000),
    http1MaxHeadBytes: readPositive(env, 'HTTP1_MAX_HEAD_SIZE', 65_536),
    http1MaxFields: readPositive(env, 'HTTP1_MAX_FIELDS', 100),
    http2MaxContinuations: env.read('HTTP2_MAX_CONTINUATIONS', parseCount, 16),
    http2MaxControlFrames: readPositive(env, 'HTTP2_MAX_CONTROL_FRAMES', 10_000),
    http2MaxEmptyData: readPositive(env, 'HTTP2_MAX_EMPTY_DATA_FRAMES', 1000),
    http2MaxQueuedBytes: readPositive(env, 'HTTP2_MAX_QUEUED_BYTES', 8 * 1024 * 1024),
  };
}

function readPositive(env: Environment, name: string, fallback: number): number {
  const count = env.read(name, parseCount, fallback);
  if (count === 0) env.reject(name, 'must not be zero');
  return count;
}
