import { SpiffeWorkloadAPI } from '@weft/proto/workload';
import type { Config, IdentityServiceConfig, SpireConfig } from '../config/config.ts';
import { LimitedWatchClient } from '../control/limited-watch.ts';
import { describeIdentity } from '../debug-state/describe-certificates.ts';
import { watchForever } from '../discovery/watch/watch-forever.ts';
import type { WatchMetrics } from '../discovery/watch/watch-metrics.ts';
import { StatusCode } from '../grpc/status.ts';
import { createCertificateRequest } from '../identity/certificate-request.ts';
import type { Certify } from '../identity/certify.ts';
import { CertifyLoop } from '../identity/certify-loop.ts';
import { systemClock } from '../identity/clock.ts';
import type { IdentitySource } from '../identity/identity-source.ts';
import { readToken } from '../identity/read-token.ts';
import { SvidWatch } from '../identity/spire/svid-watch.ts';
import { WorkloadApi } from '../identity/spire/workload-api.ts';
import { type OnReplaced, SharedCredentials } from '../threads/shared-credentials.ts';
import { Credentials } from '../tls/credentials.ts';
import { parseTrustAnchors } from '../tls/trust-anchors.ts';
import type { ControlPlane } from './control.ts';
import type { Runtime } from './runtime.ts';

/** How long whoever certifies may take to answer. */
const answerTimeoutMs = 30_000;

/** The trust anchors of the environment; `onReplaced` hears of every new certificate. Throws where the text holds something that is no certificate. */
export function readCredentials(config: Config, onReplaced?: OnReplaced): Credentials {
  const anchors = parseTrustAnchors(config.identity.trustAnchors);
  return onReplaced === undefined ? new Credentials(anchors) : new SharedCredentials(anchors, onReplaced);
}

/** Keeps the proxy certified from now on, by the control plane or by a SPIRE agent. */
export function createIdentity(
  config: Config,
  runtime: Runtime,
  credentials: Credentials,
  control: ControlPlane,
): IdentitySource {
  const { name, source } = config.identity;
  const identity =
    source.kind === 'spire'
      ? createSvidWatch(name, source, runtime, credentials, control.watches)
      : createCertifyLoop(name, source, runtime, credentials, control.certifyAt(source.service));
  registerMetrics(runtime, identity);
  runtime.debugState.section('identity', () => describeIdentity(name, credentials, identity.status));
  return identity;
}

/** The key is made here and never leaves memory. */
function createCertifyLoop(
  identity: string,
  { tokenFile, minRefreshMs, maxRefreshMs }: IdentityServiceConfig,
  { logs }: Runtime,
  credentials: Credentials,
  certify: Certify,
): CertifyLoop {
  return new CertifyLoop({
    identity,
    request: createCertificateRequest(identity),
    credentials,
    certify,
    readToken: () => readToken(tokenFile),
    attemptTimeoutMs: answerTimeoutMs,
    minRefreshMs,
    maxRefreshMs,
    clock: systemClock,
    log: logs.logger('linkerd_proxy_identity'),
  });
}

function createSvidWatch(
  identity: string,
  { socket, backoff }: SpireConfig,
  { clock, logs }: Runtime,
  credentials: Credentials,
  metrics: WatchMetrics,
): SvidWatch {
  const log = logs.logger('linkerd_proxy_identity');
  const limits = { initialMs: answerTimeoutMs, idleMs: undefined, lifetimeMs: undefined };
  const client = new LimitedWatchClient(new WorkloadApi(socket), limits, clock);
  return new SvidWatch({
    identity,
    credentials,
    open: ({ onUpdate, onRefused }) =>
      watchForever(
        { client, backoff, clock, log, metrics },
        {
          kind: 'identity',
          name: identity,
          method: SpiffeWorkloadAPI.method.fetchX509SVID,
          request: {},
          terminal: [StatusCode.InvalidArgument],
          onMessage: onUpdate,
          onTerminal: onRefused,
        },
      ),
    clock: systemClock,
    log,
  });
}

function registerMetrics({ registry }: Runtime, identity: IdentitySource): void {
  const seconds = { unit: 'seconds' } as const;
  const expiry = registry.gauge(
    'registry',
    'control_identity_cert_expiration_timestamp',
    'When the certificate expires, in seconds since the epoch.',
    seconds,
  );
  const refreshed = registry.gauge(
    'registry',
    'control_identity_cert_refresh_timestamp',
    'When the certificate was last renewed, in seconds since the epoch.',
    seconds,
  );
  const next = registry.gauge(
    'registry',
    'control_identity_cert_next_refresh_timestamp',
    'When the certificate will be renewed, in seconds since the epoch.',
    seconds,
  );
  const refreshes = registry.counter(
    'registry',
    'control_identity_cert_refreshes',
    'Certificates received, by whether they could be used.',
  );
  registry.collect(() => {
    const { installed, nextAttemptAt, refreshedAt, rejected, validUntil } = identity.status;
    expiry.with('').set((validUntil ?? 0) / 1000);
    refreshed.with('').set((refreshedAt ?? 0) / 1000);
    next.with('').set((nextAttemptAt ?? 0) / 1000);
    refreshes.with('result="ok"').value = installed;
    refreshes.with('result="error"').value = rejected;
  });
}
