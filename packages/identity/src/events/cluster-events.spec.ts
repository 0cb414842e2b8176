import { describe, expect, it } from '@jest/globals';
import type { ClusterEvent } from '@weft/kubernetes';
import { createLogger, Registry } from '@weft/service';
import { createIssuer } from '../certificate/authority.ts';
import { csrFor } from '../certificate/csr.builder.ts';
import { anchor, certifierOf, hour, issuerOf, tokenFor } from '../certify/certifier.builder.ts';
import { IssuerMetrics } from '../issuer/issuer-metrics.ts';
import { IssuerStore } from '../issuer/issuer-store.ts';
import { ClusterEvents } from './cluster-events.ts';

const identity = 'web.shop.serviceaccount.identity.linkerd.cluster.local';
const { signal } = new AbortController();
const deployment = { namespace: 'linkerd', name: 'linkerd-identity' };

function recording() {
  const recorded: ClusterEvent[] = [];
  const events = new ClusterEvents({ record: (event) => void recorded.push(event) }, deployment);
  return { events, recorded };
}

describe('what a cluster is told', () => {
  it('is every certificate, on its service account', async () => {
    const { events, recorded } = recording();
    const { certifier } = certifierOf({ events });
    const request = { identity, token: tokenFor('web', 'shop'), csr: csrFor(identity) };
    const { leaf } = await certifier.certify(request, signal);
    expect(recorded).toEqual([
      {
        about: { apiVersion: 'v1', kind: 'ServiceAccount', namespace: 'shop', name: 'web' },
        type: 'Normal',
        reason: 'IssuedLeafCertificate',
        message: `issued certificate for ${identity} until ${leaf.notAfter.toISOString()}: ${leaf.fingerprint}`,
      },
    ]);
  });

  it('is an issuer that no longer holds up, on the deployment', async () => {
    const { events, recorded } = recording();
    const issuer = issuerOf(hour);
    const { certifier } = certifierOf({ events, issuer: () => issuer, now: () => Date.now() + 2 * hour });
    const request = { identity, token: tokenFor('web', 'shop'), csr: csrFor(identity) };
    await certifier.certify(request, signal).catch(() => {});
    expect(recorded).toMatchObject([
      {
        about: { kind: 'Deployment', ...deployment },
        type: 'Warning',
        reason: 'IssuerValidationFailed',
      },
    ]);
  });

  it('is a new issuer, and one that is refused, but not the first', async () => {
    const { events, recorded } = recording();
    const good = () => ({
      ...createIssuer(anchor, { name: 'identity.linkerd.cluster.local', lifetimeMs: hour }),
      anchorsPem: anchor.certChainPem,
    });
    let bundle = good();
    const store = new IssuerStore({
      read: async () => bundle,
      logger: createLogger({ level: 'off', format: () => '', write: () => {} }),
      metrics: new IssuerMetrics(new Registry()),
      events,
    });
    await store.reload();
    expect(recorded).toEqual([]);
    bundle = good();
    await store.reload();
    bundle = { ...good(), keyPem: 'none' };
    await store.reload();
    await store.reload();
    expect(recorded.map(({ type, reason }) => `${type} ${reason}`)).toEqual([
      'Normal IssuerUpdated',
      'Warning IssuerUpdateSkipped',
    ]);
  });
});
