import { describe, expect, it } from '@jest/globals';
import { plainEndpoint } from '@weft/policy';
import { FakeClient, responseHead } from '../exchange/exchange.builder.ts';
import {
  backendAt,
  FakeDiscovered,
  httpPolicy,
  opaqueRoute,
  outboundWorld,
  policyOf,
  profileOf,
  tlsRoute,
} from '../outbound/outbound.builder.ts';
import { OutboundBench } from '../outbound/outbound-bench.builder.ts';
import { describeBalancers, describeTargets } from './describe-outbound.ts';

const at = { ip: '10.1.0.1', port: 8080 };
const target = (discovered: FakeDiscovered) => ({
  name: '10.0.0.1:80',
  users: 2,
  target: outboundWorld().target(discovered),
});

describe('a destination', () => {
  it('that the control plane has not spoken of is being discovered', () => {
    expect(describeTargets([{ name: '10.0.0.1:80', users: 1, target: null }]).shown).toEqual([
      { name: '10.0.0.1:80', users: 1, state: 'being discovered' },
    ]);
  });

  it('is told with the policy that routes it', () => {
    const { shown } = describeTargets([target(new FakeDiscovered(httpPolicy(backendAt(at))))]);
    expect(shown[0]).toMatchObject({
      users: 2,
      state: 'known',
      routedBy: 'policy',
      profile: null,
      policy: {
        name: 'Service.shop.orders',
        protocol: 'detect',
        http1: {
          failureAccrual: null,
          routes: {
            total: 1,
            shown: [
              {
                route: 'Service.shop.route',
                rules: {
                  shown: [
                    {
                      distribution: 'first-available',
                      backends: { shown: [{ name: 'Service.shop.10.1.0.1:8080' }] },
                    },
                  ],
                },
              },
            ],
          },
        },
        opaque: null,
      },
    });
  });

  it('is told with the profile that routes it', () => {
    const profile = profileOf({ targets: [{ host: 'orders-2', port: 80, weight: 3 }] });
    const { shown } = describeTargets([target(new FakeDiscovered(httpPolicy(backendAt(at)), profile))]);
    expect(shown[0]).toMatchObject({
      routedBy: 'profile',
      profile: { name: profile.fqn, opaque: false, targets: { shown: [{ name: 'orders-2:80', weight: 3 }] } },
    });
  });

  it.each([
    ['opaque', policyOf({ kind: 'opaque', route: opaqueRoute('raw', backendAt(at)) }), 'Service.shop.raw'],
    ['tls', policyOf({ kind: 'tls', routes: [tlsRoute('sni', backendAt(at))] }), 'Service.shop.sni'],
    ['invalid', policyOf({ kind: 'invalid', reason: 'no routes' }), 'no routes'],
  ] as const)('that is %s says where it leads', (protocol, policy, text) => {
    const { shown } = describeTargets([target(new FakeDiscovered(policy))]);
    expect(shown[0]).toMatchObject({ policy: { protocol } });
    expect(JSON.stringify(shown[0])).toContain(text);
  });
});

describe('a balancer', () => {
  it('is told with its endpoints, how loaded they are and whether they take requests', () => {
    const bench = new OutboundBench();
    const { exchange } = bench.send();
    const balancers = () => describeBalancers(bench.world.backends.inUse(), bench.clock.now()).shown;
    expect(balancers()).toMatchObject([
      {
        users: 1,
        gate: 'open',
        ready: 1,
        endpoints: {
          total: 1,
          shown: [
            { address: '10.1.0.1:8080', ready: true, pending: 1, load: 60, breaker: 'none', identity: null },
          ],
        },
      },
    ]);
    expect(balancers()[0]?.id).toMatch(/^http1 .*10\.1\.0\.1:8080$/);
    bench.endpoint.http1.ready = false;
    exchange.onResponseHead(responseHead(), true);
    expect(balancers()[0]).toMatchObject({ endpoints: { shown: [{ ready: false, pending: 0 }] } });
  });

  it('of connections is told, too', () => {
    const world = outboundWorld();
    const route = opaqueRoute('raw', backendAt(at));
    const logical = world.target(new FakeDiscovered(policyOf({ kind: 'opaque', route })));
    logical.chooseTcp(logical.opaqueRoute()!, () => 0);
    expect(describeBalancers(world.backends.inUse(), 0).shown).toMatchObject([
      { endpoints: { shown: [{ address: '10.1.0.1:8080', ready: true, pending: 0 }] } },
    ]);
  });

  it('of very many endpoints is shown in part, and so are all of them together', () => {
    const path = (n: number) => `orders-${n}:80`;
    const many = Array.from({ length: 1000 }, (_, i) => plainEndpoint(`10.${i >> 8}.${i & 255}.1`, 80));
    const world = outboundWorld({
      clients: { http1: () => new FakeClient(), http2: () => new FakeClient() },
      endpoints: Object.fromEntries(Array.from({ length: 30 }, (_, n) => [path(n), many])),
    });
    const load = { kind: 'peak-ewma', defaultRttMs: 30, decayMs: 10_000 } as const;
    for (let n = 0; n < 30; n++) {
      const backend = {
        ...backendAt(at, path(n)),
        dispatcher: { kind: 'balancer', path: path(n), load } as const,
      };
      const logical = world.target(new FakeDiscovered(httpPolicy(backend)), '10.0.0.1', n + 1);
      logical.httpBalancer(backend, '1.1');
    }
    const { total, shown } = describeBalancers(world.backends.inUse(), 0);
    expect(total).toBe(30);
    expect(shown[0]?.endpoints).toMatchObject({ total: 1000 });
    expect(shown[0]?.endpoints.shown).toHaveLength(100);
    expect(shown.reduce((sum, { endpoints }) => sum + endpoints.shown.length, 0)).toBe(2000);
  });
});
