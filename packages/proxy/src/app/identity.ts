import type { Config } from '../config/config.ts';
import { describeIdentity } from '../debug-state/describe-certificates.ts';
import { createCertificateRequest } from '../identity/certificate-request.ts';
import type { Certify } from '../identity/certify.ts';
import { CertifyLoop } from '../identity/certify-loop.ts';
import { systemClock } from '../identity/clock.ts';
import { readToken } from '../identity/read-token.ts';
import { Credentials } from '../tls/credentials.ts';
import { parseTrustAnchors } from '../tls/trust-anchors.ts';
import type { Runtime } from './runtime.ts';

/** The trust anchors of the environment. Throws where the text holds something that is no certificate. */
export function readCredentials(config: Config): Credentials {
  return new Credentials(parseTrustAnchors(config.identity.trustAnchors));
}

/** Keeps the proxy certified from now on. The key is made here and never leaves memory. */
export function createIdentity(
  config: Config,
  runtime: Runtime,
  credentials: Credentials,
  certify: Certify,
): CertifyLoop {
  const { identity } = config;
  const loop = new CertifyLoop({
    identity: identity.name,
    request: createCertificateRequest(identity.name),
    credentials,
    certify,
    readToken: () => readToken(identity.tokenFile),
    attemptTimeoutMs: 30_000,
    minRefreshMs: identity.minRefreshMs,
    maxRefreshMs: identity.maxRefreshMs,
    clock: systemClock,
    log: runtime.logs.logger('linkerd_proxy_identity'),
  });
  registerMetrics(runtime, loop);
  runtime.debugState.section('identity', () => describeIdentity(identity.name, credentials, loop.status));
  return loop;
}

function registerMetrics({ registry }: Runtime, loop: CertifyLoop): void {
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
    const { installed, nextAttemptAt, refreshedAt, rejected, validUntil } = loop.status;
    expiry.with('').set((validUntil ?? 0) / 1000);
    refreshed.with('').set((refreshedAt ?? 0) / 1000);
    next.with('').set((nextAttemptAt ?? 0) / 1000);
    refreshes.with('result="ok"').value = installed;
    refreshes.with('result="error"').value = rejected;
  });
}
