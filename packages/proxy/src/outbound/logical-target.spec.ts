import { describe, expect, it } from '@jest/globals';
import {
  backendAt,
  FakeDiscovered,
  httpPolicy,
  opaqueRoute,
  outboundWorld,
  policyOf,
  profileOf,
} from './outbound.builder.ts';

const backend = backendAt({ ip: '127.0.0.1', port: 1 });
const leaf = (name: string) => ({ host: `${name}.shop.svc.cluster.local`, port: 8080, weight: 1 });

describe('a destination with a profile', () => {
  it('is routed by it when the profile has routes or a split, and by the policy otherwise', () => {
    const { target } = outboundWorld();
    const policy = httpPolicy(backend);
    expect(target(new FakeDiscovered(policy, profileOf())).httpProfile).toBeNull();
    expect(
      target(new FakeDiscovered(policy, profileOf({ fqn: null, targets: [leaf('a')] }))).httpProfile,
    ).toBeNull();
    const routed = target(new FakeDiscovered(policy, profileOf({ targets: [leaf('a')] })));
    expect(routed.httpProfile?.canonicalName).toBe('orders.shop.svc.cluster.local:80');
    expect(routed.httpProfile?.parent).toMatchObject({ kind: 'Service', namespace: 'shop', name: 'orders' });
  });

  it('follows its split, and keeps the last when the profile goes away', () => {
    const { target, resolved } = outboundWorld();
    const discovered = new FakeDiscovered(httpPolicy(backend), profileOf({ targets: [leaf('a')] }));
    const logical = target(discovered);
    const chosen = () => {
      const distribution = logical.httpProfile?.distribution;
      if (distribution === undefined) return null;
      const choice = logical.chooseHttp(distribution, '1.1', () => 0);
      if (choice !== null) logical.httpBalancer(choice.backend, '1.1');
      return choice?.backend.meta.name;
    };
    expect(chosen()).toBe('a');
    discovered.profile.set(profileOf({ targets: [leaf('b')] }));
    expect(chosen()).toBe('b');
    discovered.profile.set(null);
    expect(chosen()).toBe('b');
    expect(resolved).toEqual(['a.shop.svc.cluster.local:8080', 'b.shop.svc.cluster.local:8080']);
  });

  it('takes connections by the profile only for a split', () => {
    const { target } = outboundWorld();
    const policy = policyOf({ kind: 'opaque', route: opaqueRoute('route', backend) });
    const split = target(new FakeDiscovered(policy, profileOf({ targets: [leaf('a')] }))).opaqueRoute();
    expect(split?.route.meta.name).toBe('serviceprofile');
    expect(split?.where).toEqual([
      ['target_ip', ''],
      ['target_port', '80'],
    ]);
    expect(target(new FakeDiscovered(policy)).opaqueRoute()).toMatchObject({
      route: { meta: { name: 'route' } },
      where: [
        ['target_ip', '10.0.0.1'],
        ['target_port', '80'],
      ],
    });
  });

  it('refuses connections under a policy that cannot be understood', () => {
    const { target } = outboundWorld();
    const route = target(new FakeDiscovered(policyOf({ kind: 'invalid', reason: 'nonsense' }))).opaqueRoute();
    expect(route?.route.filters).toEqual([{ kind: 'unknown' }]);
  });
});

describe('a destination that is let go of', () => {
  it('lets go of its discovery and its backends', () => {
    const { target } = outboundWorld();
    const discovered = new FakeDiscovered(httpPolicy(backend));
    const logical = target(discovered);
    const balancer = logical.httpBalancer(backend, '1.1');
    logical.close();
    expect(discovered.released).toBe(true);
    expect(balancer.size).toBe(0);
  });
});
