import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { DestinationProfileSchema } from '@weft/proto/destination';
import { decodeProfile } from '../profile/decode-profile.ts';
import type { OutboundPolicy } from './outbound-policy.ts';
import { synthesizeNamed, synthesizeOutbound } from './synthesize.ts';

const queue = { capacity: 10_000, failfastTimeoutMs: 3000 };
const original = { ip: '10.0.0.9', port: 80 };
const addr = { ip: { ip: { case: 'ipv4' as const, value: 0x0a000001 } }, port: 8080 };
const profile = (init: object) => decodeProfile(create(DestinationProfileSchema, init));

function dispatcherOf({ protocol }: OutboundPolicy) {
  if (protocol.kind !== 'detect') throw new Error('does not detect');
  const distributions = [
    protocol.opaque.route?.distribution,
    protocol.http1.routes.only?.rule.distribution,
    protocol.http2.routes.only?.rule.distribution,
  ];
  const backends = distributions.map((each) =>
    each?.kind === 'first-available' ? each.backends[0]?.backend : null,
  );
  expect(new Set(backends).size).toBe(1);
  return backends[0]!;
}

describe('a policy made without the policy service', () => {
  it('forwards to where the connection was going', () => {
    // Metrics tell whether there is a profile at all.
    for (const [known, name] of [[null, 'fallback'] as const, [profile({}), 'endpoint'] as const]) {
      const policy = synthesizeOutbound(known, original, queue);
      expect(policy.meta).toMatchObject({ kind: 'default', name });
      expect(dispatcherOf(policy)).toMatchObject({
        dispatcher: { kind: 'forward', endpoint: { ...original, tls: null, protocolHint: null } },
        queue,
      });
    }
  });

  it('forwards to the endpoint of the profile, named after its pod', () => {
    const metricLabels = { pod: 'p1', namespace: 'shop' };
    const policy = synthesizeOutbound(profile({ endpoint: { addr, metricLabels } }), original, queue);
    expect(policy.meta).toMatchObject({ kind: 'default', name: 'endpoint' });
    expect(dispatcherOf(policy)).toMatchObject({
      meta: { group: 'core', kind: 'Pod', namespace: 'shop', name: 'p1', port: 8080 },
      dispatcher: { kind: 'forward', endpoint: { ip: '10.0.0.1', port: 8080 } },
    });
  });

  it('balances over the service that a name stands for', () => {
    const named = synthesizeNamed(profile({ fullyQualifiedName: 'a.b.svc.cluster.local' }), 81, queue);
    expect(dispatcherOf(named!).dispatcher).toMatchObject({
      kind: 'balancer',
      path: 'a.b.svc.cluster.local:81',
    });
    expect(synthesizeNamed(profile({}), 81, queue)).toBeNull();
  });
});
