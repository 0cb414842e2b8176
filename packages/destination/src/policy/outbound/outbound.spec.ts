import { describe, expect, it } from '@jest/globals';
import type { OutboundPolicy } from '@weft/proto/outbound';
import { aMesh, aService } from '../../mesh.builder.ts';
import { encodeIp } from '../../wire/ip-address.ts';

const address = (ip: string, port: number) => ({ case: 'addr', value: { ip: encodeIp(ip), port } });
const authority = (value: string) => ({ case: 'authority', value });
const policyOf = (target: object, ...objects: ReturnType<typeof aService>[]) =>
  aMesh({}, ...objects)
    .watchOutbound(target)
    .read()[0];
const byIp = (service: ReturnType<typeof aService>, port = 80) =>
  policyOf(address('10.96.0.1', port), service);

function detect(policy: OutboundPolicy | undefined) {
  const kind = policy?.protocol?.kind;
  if (kind?.case !== 'detect') throw new Error(`not detect but ${kind?.case}`);
  return kind.value;
}
const annotated = (annotations: Record<string, string>) => detect(byIp(aService('web', { annotations })));

describe('the policy of a service', () => {
  it('is found by cluster IP and by name', () => {
    const policy = byIp(aService());
    expect(policy?.metadata?.kind.value).toMatchObject({
      group: 'core',
      kind: 'Service',
      name: 'web',
      namespace: 'shop',
      port: 80,
    });
    for (const name of [
      'web.shop.svc.cluster.local:80',
      'web.shop.svc.cluster.local',
      'web.shop.svc.cluster.local.:80',
      '10.96.0.1:80',
    ])
      expect(policyOf(authority(name), aService())).toEqual(policy);
  });

  it('balances over the endpoints of the port, whatever is spoken', () => {
    const { timeout, opaque, http1, http2 } = detect(byIp(aService()));
    const backend = {
      metadata: { kind: { value: { group: 'core', kind: 'Service', name: 'web', port: 80 } } },
      queue: { capacity: 100, failfastTimeout: { seconds: 3n } },
      kind: {
        case: 'balancer',
        value: {
          discovery: { kind: { value: { path: 'web.shop.svc.cluster.local:80' } } },
          load: { case: 'peakEwma', value: { defaultRtt: { nanos: 30_000_000 }, decay: { seconds: 10n } } },
        },
      },
    };
    const backends = { kind: { case: 'firstAvailable', value: { backends: [{ backend }] } } };
    expect(timeout?.seconds).toBe(10n);
    expect(opaque?.routes).toMatchObject([{ metadata: { kind: { value: 'opaq' } }, rules: [{ backends }] }]);
    expect(http1?.routes).toMatchObject([
      {
        metadata: { kind: { value: 'http' } },
        rules: [{ matches: [{ path: { kind: { case: 'prefix', value: '/' } } }], backends, timeouts: {} }],
      },
    ]);
    expect(http2).toMatchObject({ routes: http1?.routes });
    expect(http1?.failureAccrual).toBeUndefined();
  });

  it.each([
    ['http', 'http1'],
    ['HTTP', 'http1'],
    ['kubernetes.io/h2c', 'http2'],
    ['linkerd.io/opaque', 'opaque'],
    ['mysql', 'opaque'],
  ])('with the application protocol %s is %s, whatever its annotation says', (appProtocol, kind) => {
    const annotations = { 'config.linkerd.io/opaque-ports': '80' };
    const service = aService('web', { annotations, spec: { ports: [{ port: 80, appProtocol }] } });
    expect(byIp(service)?.protocol?.kind.case).toBe(kind);
  });

  it('is opaque on opaque ports, of the service by number or name, else of the mesh', () => {
    const kind = (list: string | undefined, port: number) =>
      byIp(
        aService('web', {
          annotations: list === undefined ? {} : { 'config.linkerd.io/opaque-ports': list },
          spec: { ports: [{ name: 'db', port }] },
        }),
        port,
      )?.protocol?.kind.case;
    expect([kind('80', 80), kind('db', 80), kind(undefined, 3306)]).toEqual(['opaque', 'opaque', 'opaque']);
    expect([kind(undefined, 80), kind('', 3306)]).toEqual(['detect', 'detect']);
  });

  it('lets nothing through to a port that the service of a cluster IP does not have', () => {
    const kind = byIp(aService(), 81)?.protocol?.kind;
    expect(kind).toMatchObject({
      case: 'opaque',
      value: {
        routes: [
          {
            metadata: { kind: { case: 'default', value: 'undefined-port' } },
            rules: [{ backends: { kind: { case: 'empty' } }, filters: [{ kind: { case: 'forbidden' } }] }],
          },
        ],
      },
    });
  });

  it('is the default for names of services that do not exist', () => {
    expect(policyOf(authority('none.shop.svc.cluster.local:81'))?.protocol?.kind.case).toBe('detect');
  });

  it('follows the service, and says equal things once', () => {
    const mesh = aMesh({}, aService());
    const stream = mesh.watchOutbound(address('10.96.0.1', 80));
    stream.read();
    mesh.put(aService('web', { labels: { any: 'thing' } }));
    expect(stream.read()).toEqual([]);
    mesh.put(aService('web', { spec: { ports: [{ port: 81 }] } }));
    expect(stream.read()[0]?.protocol?.kind.case).toBe('opaque');
  });
});

describe('annotations of a service', () => {
  it('set timeouts', () => {
    const [route] =
      annotated({
        'timeout.linkerd.io/request': '3s',
        'timeout.linkerd.io/response': '100ms',
        'timeout.linkerd.io/idle': '0',
      }).http1?.routes ?? [];
    expect(route?.rules[0]).toMatchObject({
      timeouts: { request: { seconds: 3n }, response: { nanos: 100_000_000 } },
      requestTimeout: { seconds: 3n },
    });
    expect(route?.rules[0]?.timeouts?.idle).toBeUndefined();
  });

  it('set retries', () => {
    const retry = (annotations: Record<string, string>) =>
      annotated(annotations).http2?.routes[0]?.rules[0]?.retry;
    expect(retry({})).toBeUndefined();
    expect(
      retry({ 'retry.linkerd.io/http': '5xx,gateway-error,429,400-404', 'retry.linkerd.io/limit': '3' }),
    ).toMatchObject({
      maxRetries: 3,
      maxRequestBytes: 65_536,
      conditions: {
        statusRanges: [
          { start: 500, end: 599 },
          { start: 502, end: 504 },
          { start: 429, end: 429 },
          { start: 400, end: 404 },
        ],
      },
      backoff: { minBackoff: { nanos: 25_000_000 }, maxBackoff: { nanos: 250_000_000 }, jitterRatio: 1 },
    });
    expect(retry({ 'retry.linkerd.io/timeout': '1s' })).toMatchObject({
      maxRetries: 1,
      timeout: { seconds: 1n },
    });
    expect(retry({ 'retry.linkerd.io/limit': '0' })).toBeUndefined();
  });

  it('set failure accrual by consecutive failures', () => {
    const mode = { 'balancer.linkerd.io/failure-accrual': 'consecutive' };
    expect(annotated(mode).http1?.failureAccrual?.kind).toMatchObject({
      case: 'consecutiveFailures',
      value: {
        maxFailures: 7,
        backoff: { minBackoff: { seconds: 1n }, maxBackoff: { seconds: 60n }, jitterRatio: 0.5 },
      },
    });
    const key = 'balancer.linkerd.io/failure-accrual-consecutive';
    const set = annotated({
      ...mode,
      [`${key}-max-failures`]: '3',
      [`${key}-min-penalty`]: '100ms',
      [`${key}-max-penalty`]: '2s',
    });
    expect(set.http2?.failureAccrual?.kind.value).toMatchObject({
      maxFailures: 3,
      backoff: { minBackoff: { nanos: 100_000_000 }, maxBackoff: { seconds: 2n } },
    });
  });

  it('set failure accrual by success rate, and penalties', () => {
    const policy = annotated({
      'balancer.linkerd.io/failure-accrual': 'unified',
      'balancer.alpha.linkerd.io/failure-accrual-honor-retry-after': 'true',
      'balancer.alpha.linkerd.io/penalize-failures': 'true',
    });
    expect(policy.http1?.failureAccrual?.kind).toMatchObject({
      case: 'unified',
      value: {
        successRateThreshold: 0.8,
        decay: { seconds: 10n },
        minRequests: 5,
        backoff: { respectRetryAfterHint: true },
      },
    });
    const backends = policy.http1?.routes[0]?.rules[0]?.backends?.kind;
    expect(backends).toMatchObject({
      value: {
        backends: [
          {
            backend: {
              kind: { value: { load: { case: 'penaltyPeakEwma', value: { penalty: { seconds: 5n } } } } },
            },
          },
        ],
      },
    });
  });

  it.each([
    ['retry.linkerd.io/http', '9xx'],
    ['retry.linkerd.io/limit', '1.5'],
    ['timeout.linkerd.io/request', '1.5s'],
    ['timeout.linkerd.io/request', '10'],
    ['balancer.linkerd.io/failure-accrual', 'sometimes'],
    ['balancer.alpha.linkerd.io/penalize-failures', 'yes'],
  ])('that say nonsense (%s: %s) turn off their own feature alone, and are reported', (key, value) => {
    const other = { 'timeout.linkerd.io/idle': '5s', 'retry.linkerd.io/timeout': '2s' };
    const mesh = aMesh({}, aService('web', { annotations: { ...other, [key]: value } }));
    const [rule] =
      detect(mesh.watchOutbound(address('10.96.0.1', 80)).read()[0]).http1?.routes[0]?.rules ?? [];
    expect(mesh.reports[0]).toContain(`annotation ${key} is "${value}"`);
    if (!key.startsWith('timeout')) expect(rule?.timeouts?.idle?.seconds).toBe(5n);
    if (!key.startsWith('retry')) expect(rule?.retry?.timeout?.seconds).toBe(2n);
  });
});

describe('the policy of an address that is no service’s', () => {
  it('outside the cluster goes where it was going', () => {
    const policy = policyOf(address('93.184.216.34', 443));
    expect(policy?.metadata?.kind).toEqual({ case: 'default', value: 'egress-fallback' });
    const { opaque, http1 } = detect(policy);
    expect(http1?.routes[0]?.rules[0]?.matches).toMatchObject([{ headers: [] }]);
    for (const route of [opaque?.routes[0], http1?.routes[0]])
      expect(route?.rules[0]?.backends?.kind.value).toMatchObject({
        backends: [
          {
            backend: {
              kind: { case: 'forward', value: { weight: 1, addr: { port: 443 } } },
              queue: { capacity: 100 },
            },
          },
        ],
      });
  });

  it('may be IPv6', () => {
    expect(policyOf(address('2001:db8::1', 443))?.metadata?.kind.value).toBe('egress-fallback');
  });

  it.each(['10.1.0.1', 'fd00::7'])('inside the cluster is unknown: %s', (ip) => {
    expect(() => policyOf(address(ip, 80))).toThrow(
      expect.objectContaining({ code: 'not_found', message: 'No such service' }),
    );
  });
});

describe('a target that cannot be', () => {
  it.each([
    [authority('web.shop'), 'not_found'],
    [authority('example.com:443'), 'not_found'],
    [authority('web.shop.svc.other.domain'), 'not_found'],
    [authority('not an authority'), 'invalid_argument'],
    [authority('web.shop.svc.cluster.local:0'), 'invalid_argument'],
    [authority('web.shop.svc.cluster.local:70000'), 'invalid_argument'],
    [address('10.96.0.1', 0), 'invalid_argument'],
    [{ case: 'addr', value: { port: 80 } }, 'invalid_argument'],
    [{ case: undefined }, 'invalid_argument'],
  ])('%j is refused with %s', (target, code) => {
    expect(() => policyOf(target)).toThrow(expect.objectContaining({ code }));
  });

  it('of a workload that cannot be read is refused too', () => {
    const mesh = aMesh({}, aService());
    expect(() => mesh.watchOutbound(authority('web.shop.svc.cluster.local'), 'nobody')).toThrow(
      expect.objectContaining({ code: 'invalid_argument', message: 'Invalid workload: nobody' }),
    );
  });
});
