import type { Http2ServerConfig, PeerLimits } from '../config/config.ts';
import { http1ServerOptions } from '../http1/server-options.ts';
import { defaultWindow } from '../http2/frame.ts';
import { defaultHttp2Options, type Http2Options } from '../http2/options.ts';
import type { HttpServerOptions } from '../server/serve-http.ts';
import { http1ServerLimits, http2Limits } from './peer-limits.ts';
import type { Runtime } from './runtime.ts';

/** How connections that this side accepts are spoken to. */
export function httpServerOptions(
  direction: 'inbound' | 'outbound' | 'admin' | 'tap',
  http2: Http2ServerConfig,
  limits: PeerLimits,
  { drain, metrics }: Runtime,
): HttpServerOptions {
  const { offences } = metrics;
  return {
    drain,
    http1: http1ServerOptions({
      ...http1ServerLimits(limits),
      onRefused: (offence) => offences.count(direction, 'http/1', offence),
    }),
    http2: {
      ...http2Limits(limits),
      ...windows(http2),
      maxFrameSize: http2.maxFrameSize,
      maxHeaderListSize: http2.maxHeaderListSize,
      maxConcurrentStreams: http2.maxConcurrentStreams,
      keepAlive: http2.keepAlive === null ? null : { ...http2.keepAlive, whileIdle: true },
      resets: resetAllowance(http2.maxPendingAcceptResetStreams),
      onOffence: (offence) => offences.count(direction, 'http/2', offence),
    },
  };
}

function resetAllowance(burst: number | null): Http2Options['resets'] {
  const { resets } = defaultHttp2Options;
  return burst === null ? resets : { ...resets, burst };
}

/** Windows that adapt begin with those of the RFC. */
const windows = ({ adaptiveFlowControl, connectionWindow, streamWindow }: Http2ServerConfig) =>
  adaptiveFlowControl
    ? { adaptiveWindows: true, streamWindow: defaultWindow, connectionWindow: defaultWindow }
    : { streamWindow, connectionWindow };
