import { createLogger, type LogEvent, Registry } from '@weft/service';
import { createIssuer, createTrustAnchor } from '../certificate/authority.ts';
import { type Issuer, loadIssuer } from '../issuer/issuer.ts';
import { MemoryLedger } from '../ledger/memory-ledger.ts';
import { MemoryLimit } from '../limit/memory-limit.ts';
import { createTokenKeys, LocalTokenIssuer } from '../token/local-token-issuer.ts';
import { LocalTokenValidator } from '../token/local-token-validator.ts';
import { Certifier, type CertifierOptions } from './certifier.ts';
import { CertifyMetrics } from './certify-metrics.ts';

export const hour = 3_600_000;
const tokenKeys = createTokenKeys();
export const tokens = new LocalTokenIssuer(tokenKeys.privateKeyPem);
export const domain = { controllerNamespace: 'linkerd', trustDomain: 'cluster.local' };
export const anchor = createTrustAnchor({ name: 'root.linkerd.cluster.local', lifetimeMs: 100 * hour });

export function issuerOf(lifetimeMs = 48 * hour, key: 'p256' | 'p384' | 'rsa' | 'ed25519' = 'p256'): Issuer {
  const issuer = createIssuer(anchor, { name: 'identity.linkerd.cluster.local', lifetimeMs, key });
  return loadIssuer({ ...issuer, anchorsPem: anchor.certChainPem }, Date.now());
}

/** A certifier whose every part is real and in memory, with what a test may look at. */
export function certifierOf(options: Partial<CertifierOptions> = {}) {
  const registry = new Registry();
  const events: LogEvent[] = [];
  const ledger = new MemoryLedger(10);
  const issuer = issuerOf();
  const certifier = new Certifier({
    issuer: () => issuer,
    domain,
    validity: { lifetimeMs: 24 * hour, clockSkewMs: 10_000 },
    tokens: new LocalTokenValidator({ publicKeysPem: tokenKeys.publicKeyPem, clockSkewMs: 10_000 }),
    limit: new MemoryLimit({ perSecond: 100, burst: 100 }),
    ledger,
    metrics: new CertifyMetrics(registry),
    logger: createLogger({ level: 'trace', write: () => {}, format: (event) => `${events.push(event)}` }),
    ...options,
  });
  return { certifier, ledger, events, issuer, metrics: () => registry.metrics() };
}

export function tokenFor(name: string, namespace: string): Buffer {
  return Buffer.from(tokens.mint({ name, namespace, lifetimeMs: hour }));
}
