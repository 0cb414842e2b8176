import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { OutboundPolicySchema, type TlsRouteSchema } from '@weft/proto/outbound';
import { decodeOutbound } from './decode-outbound.ts';
import { matchTlsRoute } from './match-tls.ts';
import {
  balancer,
  http1,
  ms,
  outbound,
  type ProtocolInit,
  type RuleInit,
  rule,
  service,
} from './outbound.builder.ts';
import type { OutboundProtocol } from './outbound-policy.ts';

function protocolOf<Kind extends OutboundProtocol['kind']>(protocol: ProtocolInit, kind: Kind) {
  const decoded = decodeOutbound(outbound(protocol)).protocol;
  if (decoded.kind !== kind) throw new Error(`decoded as ${JSON.stringify(decoded)}`);
  return decoded as Extract<OutboundProtocol, { kind: Kind }>;
}

function ruleOf(init: RuleInit) {
  const first = protocolOf(http1([init]), 'http1').routes.routes[0]?.rules[0];
  if (first === undefined) throw new Error('no rule');
  return first;
}

function backendOf(init: ReturnType<typeof balancer>) {
  const { distribution } = ruleOf(rule({}, init));
  if (distribution.kind !== 'first-available') throw new Error('not first-available');
  return distribution.backends[0]!.backend;
}

const opaqueRoute = {
  metadata: service('tcp'),
  rules: [{ backends: { kind: { case: 'empty' as const, value: {} } } }],
};

describe('decoding an outbound policy', () => {
  it('keeps its name', () => {
    expect(decodeOutbound(outbound(http1([rule()]))).meta).toEqual({
      group: 'core',
      kind: 'Service',
      namespace: 'shop',
      name: 'orders',
      section: '',
      port: 80,
    });
  });

  it('reads the three variants of detection', () => {
    const routes = [{ metadata: service('r'), rules: [rule()] }];
    const value = {
      timeout: ms(10_000),
      opaque: { routes: [opaqueRoute] },
      http1: { routes },
      http2: { routes: [] },
    };
    const detect = protocolOf({ kind: { case: 'detect', value } }, 'detect');
    expect(detect.opaque.route?.distribution).toEqual({ kind: 'empty' });
    expect(detect.http1.routes.only?.route.meta.name).toBe('r');
    expect(detect.http2.routes.entries).toEqual([]);
  });

  it('reads timeouts and takes zero for none', () => {
    expect(ruleOf(rule({ timeouts: { request: ms(1500), response: ms(0) } })).timeouts).toEqual({
      requestMs: 1500,
      responseMs: null,
      idleMs: null,
    });
    expect(ruleOf(rule({ requestTimeout: ms(20) })).timeouts.requestMs).toBe(20);
    expect(ruleOf(rule({ requestTimeout: ms(20), timeouts: {} })).timeouts.requestMs).toBeNull();
  });

  it('reads retries', () => {
    const backoff = { minBackoff: ms(25), maxBackoff: ms(250), jitterRatio: 1 };
    const conditions = { statusRanges: [{ start: 502, end: 504 }] };
    const { retry } = ruleOf(
      rule({ retry: { maxRetries: 2, maxRequestBytes: 65536, conditions, backoff, timeout: ms(100) } }),
    );
    expect(retry).toEqual({
      maxRetries: 2,
      maxRequestBytes: 65536,
      statuses: [{ start: 502, end: 504 }],
      grpcCodes: new Set(),
      timeoutMs: 100,
      backoff: { minMs: 25, maxMs: 250, jitter: 1, respectRetryAfter: false },
    });
    expect(ruleOf(rule({ retry: { conditions: {} } })).retry?.statuses).toEqual([{ start: 500, end: 599 }]);
    expect(ruleOf(rule()).retry).toBeNull();
  });

  it('reads gRPC routes and the codes they retry', () => {
    const kind = { case: 'firstAvailable' as const, value: { backends: [{ backend: balancer('a:80') }] } };
    const grpcRule = {
      matches: [{ rpc: { service: 'pkg.Svc' } }],
      backends: { kind },
      retry: { conditions: { unavailable: true, deadineExceeded: true } },
    };
    const routes = [
      { metadata: service('g'), rules: [grpcRule, { ...grpcRule, retry: { conditions: {} } }] },
    ];
    const grpc = protocolOf({ kind: { case: 'grpc', value: { routes } } }, 'grpc');
    const rules = grpc.routes.routes[0]!.rules;
    expect(rules.map(({ retry }) => [...retry!.grpcCodes])).toEqual([
      [4, 14],
      [2, 4, 7, 13, 14, 15],
    ]);
  });

  it('reads the load of a balancer, with stock’s values where there are none', () => {
    expect(backendOf(balancer('a:80')).dispatcher).toEqual({
      kind: 'balancer',
      path: 'a:80',
      load: { kind: 'peak-ewma', defaultRttMs: 30, decayMs: 10_000 },
    });
    const discovery = { kind: { case: 'dst' as const, value: { path: 'a:80' } } };
    const value = { discovery, load: { case: 'penaltyPeakEwma' as const, value: { defaultRtt: ms(0) } } };
    expect(backendOf(balancer('', { kind: { case: 'balancer', value } })).dispatcher).toMatchObject({
      load: {
        kind: 'penalty-peak-ewma',
        defaultRttMs: 1,
        decayMs: 10_000,
        penaltyMs: 5000,
        penaltyDecayMs: 10_000,
        maxRetryAfterMs: 300_000,
      },
    });
    // What fades in no time would be no number.
    const none = {
      discovery,
      load: { case: 'peakEwma' as const, value: { defaultRtt: ms(0), decay: ms(0) } },
    };
    expect(backendOf(balancer('', { kind: { case: 'balancer', value: none } })).dispatcher).toMatchObject({
      load: { defaultRttMs: 1, decayMs: 1 },
    });
  });

  it('knows backends again that may share connections', () => {
    const { key } = backendOf(balancer('a:80'));
    expect(backendOf(balancer('a:80')).key).toBe(key);
    expect(backendOf(balancer('a:80', { queue: { failfastTimeout: ms(1) } })).key).toBe(key);
    expect(backendOf(balancer('b:80')).key).not.toBe(key);
    expect(backendOf(balancer('a:80', { metadata: service('other') })).key).not.toBe(key);
    const forward = (zone: string) =>
      backendOf(
        balancer('', {
          kind: {
            case: 'forward',
            value: { addr: { ip: { ip: { case: 'ipv4', value: 1 } }, port: 80 }, metricLabels: { zone } },
          },
        }),
      ).key;
    expect(forward('a')).toBe(forward('a'));
    expect(forward('a')).not.toBe(forward('b'));
  });

  it('lets a backend of no kind fail what is sent to it', () => {
    expect(backendOf(balancer('', { kind: { case: undefined } })).dispatcher.kind).toBe('fail');
  });

  it('keeps weights, also of zero', () => {
    const backends = [7, 0].map((weight) => ({ backend: { backend: balancer('a:80') }, weight }));
    const { distribution } = ruleOf({ backends: { kind: { case: 'randomAvailable', value: { backends } } } });
    expect(distribution).toMatchObject({
      kind: 'random-available',
      backends: [{ weight: 7 }, { weight: 0 }],
    });
  });

  it('reads failure accrual', () => {
    const backoff = { minBackoff: ms(1000), maxBackoff: ms(60_000), jitterRatio: 0.5 };
    const accrual = (kind: object) => protocolOf(http1([rule()], { kind }), 'http1').failureAccrual;
    expect(accrual({ case: 'consecutiveFailures', value: { maxFailures: 7, backoff } })).toMatchObject({
      kind: 'consecutive',
      maxFailures: 7,
      backoff: { minMs: 1000, maxMs: 60_000, jitter: 0.5 },
    });
    expect(accrual({ case: 'unified', value: { successRateThreshold: 0.8, backoff } })).toMatchObject({
      kind: 'unified',
      windowMs: 10_000,
      minRequests: 0,
    });
  });

  it('routes TLS by SNI', () => {
    const route = (name: string, ...snis: NonNullable<MessageInitShape<typeof TlsRouteSchema>['snis']>) => ({
      ...opaqueRoute,
      metadata: service(name),
      snis,
    });
    const value = {
      routes: [
        route('rest'),
        route('suffix', { match: { case: 'suffix', value: { reverseLabels: ['test', 'wild'] } } }),
        route('exact', { match: { case: 'exact', value: 'x.wild.test' } }),
      ],
    };
    const { routes } = protocolOf({ kind: { case: 'tls', value } }, 'tls');
    const names = ['X.wild.test', 'y.wild.test', 'wild.test'].map(
      (sni) => matchTlsRoute(routes, sni)?.meta.name,
    );
    expect(names).toEqual(['exact', 'suffix', 'rest']);
    expect(matchTlsRoute(routes.slice(1), 'wild.test')).toBeNull();
  });

  it.each<[string, ProtocolInit]>([
    ['protocol.kind: is missing', {}],
    ['protocol.detect.timeout: is missing', { kind: { case: 'detect', value: {} } }],
    [
      'protocol.detect.http2: is missing',
      { kind: { case: 'detect', value: { timeout: ms(1), opaque: {}, http1: {} } } },
    ],
    ['routes[0].metadata: is missing', { kind: { case: 'http2', value: { routes: [{}] } } }],
    [
      'routes[0].metadata.resource.namespace: is empty',
      {
        kind: {
          case: 'http2',
          value: {
            routes: [
              { metadata: { kind: { case: 'resource', value: { group: 'g', kind: 'k', name: 'n' } } } },
            ],
          },
        },
      },
    ],
    ['opaque.routes: has more than one route', { kind: { case: 'opaque', value: { routes: [{}, {}] } } }],
    ['rules: does not hold exactly one rule', { kind: { case: 'tls', value: { routes: [{}] } } }],
    ['rules[0].backends: has no kind', http1([{}])],
    [
      'first_available: has no backends',
      http1([{ backends: { kind: { case: 'firstAvailable', value: {} } } }]),
    ],
    [
      'random_available: has no backends',
      http1([{ backends: { kind: { case: 'randomAvailable', value: {} } } }]),
    ],
    ['queue.failfast_timeout: is missing', http1([rule({}, balancer('a', { queue: {} }))])],
    [
      'balancer.discovery.dst: is missing',
      http1([rule({}, balancer('a', { kind: { case: 'balancer', value: {} } }))]),
    ],
    [
      'forward.addr: is not an address',
      http1([rule({}, balancer('a', { kind: { case: 'forward', value: {} } }))]),
    ],
    ['retry.conditions: is missing', http1([rule({ retry: {} })])],
    [
      'retry.conditions[0]: is not a range: 600–700',
      http1([rule({ retry: { conditions: { statusRanges: [{ start: 600, end: 700 }] } } })]),
    ],
    ['retry.max_retries: is above 65535', http1([rule({ retry: { maxRetries: 65536, conditions: {} } })])],
    ['timeouts.idle: is negative', http1([rule({ timeouts: { idle: { seconds: -1n } } })])],
    ['failure_accrual: has no kind', http1([rule()], {})],
    [
      'failure_accrual.backoff: is missing',
      http1([rule()], { kind: { case: 'consecutiveFailures', value: {} } }),
    ],
    [
      'backoff: has no valid bounds: 2 ms to 1 ms',
      http1([rule()], {
        kind: { case: 'consecutiveFailures', value: { backoff: { minBackoff: ms(2), maxBackoff: ms(1) } } },
      }),
    ],
    [
      'success_rate_threshold: is not between 0 and 1: 2',
      http1([rule()], { kind: { case: 'unified', value: { successRateThreshold: 2 } } }),
    ],
  ])('is invalid for “%s”', (reason, protocol) => {
    const { meta, protocol: decoded } = decodeOutbound(outbound(protocol));
    expect(meta.name).toBe('invalid');
    expect(decoded).toEqual({ kind: 'invalid', reason: expect.stringContaining(reason) });
  });

  it('is invalid without a name', () => {
    const decoded = decodeOutbound(create(OutboundPolicySchema, { protocol: http1([rule()]) }));
    expect(decoded.protocol).toEqual({ kind: 'invalid', reason: 'metadata: is missing' });
  });
});
