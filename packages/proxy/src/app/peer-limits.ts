import type { PeerLimits } from '../config/config.ts';
import type { Http1PoolOptions } from '../http1/pool.ts';
import type { Http1ServerSettings } from '../http1/server-options.ts';
import type { Http2Options } from '../http2/options.ts';
import type { OffenceMetrics } from '../metrics/offences.ts';

/** What HTTP/1 clients are held to. */
export function http1ServerLimits(limits: PeerLimits): Http1ServerSettings {
  return {
    maxHeadBytes: limits.http1MaxHeadBytes,
    maxFields: limits.http1MaxFields,
    headTimeoutMs: limits.headTimeoutMs,
  };
}

/** What HTTP/2 peers on either side are held to. */
export function http2Limits(limits: PeerLimits): Partial<Http2Options> {
  return {
    headTimeoutMs: limits.headTimeoutMs,
    maxContinuations: limits.http2MaxContinuations,
    controlFrames: allowance(limits.http2MaxControlFrames),
    emptyData: allowance(limits.http2MaxEmptyData),
    maxQueuedBytes: limits.http2MaxQueuedBytes,
  };
}

/** What endpoints are held to, and how their offences are counted. */
export function endpointLimits(
  direction: 'inbound' | 'outbound',
  limits: PeerLimits,
  offences: OffenceMetrics,
): { http1: Http1PoolOptions; http2: Partial<Http2Options> } {
  return {
    http1: {
      maxHeadBytes: limits.http1MaxHeadBytes,
      maxFields: limits.http1MaxFields,
      onRefused: (offence) => offences.count(direction, 'http/1', offence, 'dst'),
    },
    http2: {
      ...http2Limits(limits),
      onOffence: (offence) => offences.count(direction, 'http/2', offence, 'dst'),
    },
  };
}

const allowance = (burst: number) => ({ burst, perSecond: burst / 10 });
