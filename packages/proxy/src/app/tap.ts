import type { Config } from '../config/config.ts';
import { StatusCode } from '../grpc/status.ts';
import { TapServer } from '../tap/tap-server.ts';
import type { Credentials } from '../tls/credentials.ts';
import { HandshakeGate } from '../tls/handshake-gate.ts';
import { httpServerOptions } from './http-server-options.ts';
import type { Runtime } from './runtime.ts';

/** Assembles the tap port; null when nobody may tap. */
export function createTap(config: Config, runtime: Runtime, credentials: Credentials): TapServer | null {
  if (config.tap === null) return null;
  const { drain, logs, metrics, taps } = runtime;
  // A tap has no end of its own: it must not hold up the end of the process.
  const ended = drain.add({
    drain() {
      taps.endAll({ code: StatusCode.Unavailable, message: 'the proxy is shutting down' });
      ended();
    },
  });
  return new TapServer({
    taps,
    metrics: metrics.tap,
    allowed: config.tap.clientId,
    serverName: config.identity.serverName,
    detectTimeoutMs: 1000,
    refusedLingerMs: 10_000,
    credentials,
    handshakes: new HandshakeGate(64),
    failedHandshakes: metrics.handshakes,
    http: httpServerOptions('tap', config.inbound.http2Server, config.peerLimits, runtime),
    log: logs.logger('linkerd_app_tap'),
  });
}
