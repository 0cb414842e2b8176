import { describe, expect, it } from '@jest/globals';
import { addressText } from '../endpoints/update.builder.ts';
import { aMesh, aNode, anObject, aPod, aService } from '../mesh.builder.ts';

const WEB = 'web.shop.svc.cluster.local';
const aProfile = (namespace: string, spec: object) =>
  anObject('ServiceProfile', 'web.shop.svc.cluster.local', { namespace, spec });
const route = (name: string, more: object = {}) => ({ name, condition: { pathRegex: '/x' }, ...more });
const last = <T>(messages: readonly T[]): T | undefined => messages.at(-1);

describe('the profile of a service', () => {
  it('is found by name and by cluster IP', () => {
    const mesh = aMesh({}, aService());
    const byName = last(mesh.profile(`${WEB}:80`).read());
    expect(byName).toMatchObject({
      fullyQualifiedName: WEB,
      opaqueProtocol: false,
      retryBudget: { minRetriesPerSecond: 10, ttl: { seconds: 10n } },
      parentRef: {
        kind: { value: { group: 'core', kind: 'Service', name: 'web', namespace: 'shop', port: 80 } },
      },
      profileRef: { kind: { value: { group: 'linkerd.io', kind: '', name: '', namespace: '' } } },
    });
    expect(byName?.retryBudget?.retryRatio).toBeCloseTo(0.2);
    expect(byName?.endpoint).toBeUndefined();
    expect(last(mesh.profile('10.96.0.1:80').read())).toEqual(byName);
  });

  it('follows the opaque ports of the service', () => {
    const mesh = aMesh({}, aService());
    const stream = mesh.profile(WEB);
    stream.read();
    const opaque = (ports: string) => {
      mesh.put(aService('web', { annotations: { 'config.linkerd.io/opaque-ports': ports } }));
      return last(stream.read())?.opaqueProtocol;
    };
    expect(opaque('http')).toBe(true);
    expect(opaque('81')).toBe(false);
    expect(opaque('80')).toBe(true);
  });

  it('is opaque on the mesh’s opaque ports unless the service names its own', () => {
    const ports = [{ port: 3306 }];
    const opaque = (annotations: Record<string, string>) =>
      last(
        aMesh({}, aService('web', { annotations, spec: { ports } }))
          .profile(`${WEB}:3306`)
          .read(),
      )?.opaqueProtocol;
    expect([opaque({}), opaque({ 'config.linkerd.io/opaque-ports': '' })]).toEqual([true, false]);
  });

  it('is empty for a port that the service does not have, until it has it', () => {
    const mesh = aMesh({}, aService());
    const stream = mesh.profile(`${WEB}:81`);
    expect(stream.cursor.next()).toEqual(new Uint8Array());
    mesh.put(aService('web', { spec: { ports: [{ port: 81 }] } }));
    expect(last(stream.read())?.fullyQualifiedName).toBe(WEB);
  });

  it('takes routes, budget and overrides from the ServiceProfile', () => {
    const mesh = aMesh(
      {},
      aService(),
      aProfile('shop', {
        routes: [
          route('a', {
            condition: { method: 'GET', pathRegex: '/x' },
            timeout: '300ms',
            isRetryable: true,
            responseClasses: [{ condition: { status: { min: 500 } }, isFailure: true }],
          }),
        ],
        retryBudget: { retryRatio: 0.5, minRetriesPerSecond: 3, ttl: '20s' },
        dstOverrides: [
          { authority: 'web2.shop.svc.cluster.local', weight: '500m' },
          { authority: 'web3.shop.svc.cluster.local:81', weight: 1 },
        ],
      }),
    );
    const profile = last(mesh.profile(WEB).read());
    expect(profile).toMatchObject({
      routes: [
        {
          metricsLabels: { route: 'a' },
          isRetryable: true,
          timeout: { nanos: 300_000_000 },
          condition: {
            match: {
              case: 'all',
              value: { matches: [{ match: { case: 'method' } }, { match: { case: 'path' } }] },
            },
          },
          responseClasses: [
            { isFailure: true, condition: { match: { case: 'status', value: { min: 500, max: 0 } } } },
          ],
        },
      ],
      retryBudget: { minRetriesPerSecond: 3, ttl: { seconds: 20n } },
      dstOverrides: [
        { authority: 'web2.shop.svc.cluster.local:80', weight: 5000 },
        { authority: 'web3.shop.svc.cluster.local:81', weight: 10_000 },
      ],
      profileRef: { kind: { value: { kind: 'ServiceProfile', name: WEB, namespace: 'shop' } } },
    });
  });

  it('prefers the ServiceProfile in the client’s namespace, also one that comes later', () => {
    const mesh = aMesh({}, aService(), aProfile('shop', { routes: [route('theirs')] }));
    const stream = mesh.profile(WEB, '{"ns":"client"}');
    const name = () => last(stream.read())?.routes[0]?.metricsLabels.route;
    expect(name()).toBe('theirs');
    mesh.put(aProfile('client', { routes: [route('ours')] }));
    expect(name()).toBe('ours');
    mesh.remove('ServiceProfile', WEB, 'client');
    expect(name()).toBe('theirs');
  });

  it('stays as it was when a ServiceProfile cannot be told, and says so', () => {
    const mesh = aMesh({}, aService(), aProfile('shop', { routes: [route('good')] }));
    const stream = mesh.profile(WEB);
    stream.read();
    mesh.put(aProfile('shop', { routes: [route('bad', { condition: {} })] }));
    expect(stream.read()).toEqual([]);
    expect(mesh.reports).toEqual([expect.stringContaining('a condition has no field')]);
    expect(last(mesh.profile(WEB, '{"ns":"x"}').read())?.routes).toHaveLength(1);
  });

  it('is refused for names of nothing', () => {
    const outside = { type: 'ExternalName', externalName: 'example.com', clusterIP: '' };
    const mesh = aMesh({}, aService('outside', { spec: outside }));
    const refused = (path: string) => () => mesh.profile(path);
    expect(refused('web.shop.svc.cluster.local')).toThrow(expect.objectContaining({ code: 'unknown' }));
    expect(refused('outside.shop.svc.cluster.local')).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
    expect(refused('example.com')).toThrow(expect.objectContaining({ code: 'invalid_argument' }));
    expect(refused('db-0.db.shop.svc.cluster.local')).toThrow(expect.objectContaining({ code: 'not_found' }));
  });

  it('is refused for a cluster IP of two services', () => {
    const mesh = aMesh({}, aService('a'), aService('b'));
    expect(() => mesh.profile('10.96.0.1:80')).toThrow(
      expect.objectContaining({
        code: 'failed_precondition',
        message: expect.stringContaining('shop/a, shop/b'),
      }),
    );
  });
});

describe('the profile of an address', () => {
  it('of a pod holds its endpoint', () => {
    const mesh = aMesh({}, aNode('n1', 'east'), aPod());
    const profile = last(mesh.profile('10.1.0.1:8080').read());
    expect(addressText(profile?.endpoint?.addr)).toBe('10.1.0.1:8080');
    expect(profile).toMatchObject({
      fullyQualifiedName: '',
      retryBudget: { minRetriesPerSecond: 10 },
      endpoint: {
        weight: 10_000,
        tlsIdentity: { serverName: { name: 'web.shop.serviceaccount.identity.linkerd.cluster.local' } },
        metricLabels: { namespace: 'shop', pod: 'web-1', zone: 'east' },
      },
    });
    expect(profile?.endpoint?.metricLabels).not.toHaveProperty('zone_locality');
  });

  it('that nobody knows is bare, and opaque on the mesh’s opaque ports', () => {
    const mesh = aMesh();
    const profile = last(mesh.profile('192.0.2.7:3306').read());
    expect(profile).toMatchObject({ opaqueProtocol: true, endpoint: { weight: 10_000, metricLabels: {} } });
    expect(addressText(profile?.endpoint?.addr)).toBe('192.0.2.7:3306');
  });

  it('may be IPv6', () => {
    const mesh = aMesh({}, aPod('web-1', { ip: 'fd00::1' }));
    expect(last(mesh.profile('[fd00::1]:8080').read())?.endpoint?.metricLabels).toMatchObject({
      pod: 'web-1',
    });
  });

  it('follows the pod: from its start, ready or not, to its end', () => {
    const mesh = aMesh({}, aPod('web-1', { phase: 'Pending' }));
    const stream = mesh.profile('10.1.0.1:7777');
    const pod = () => last(stream.read())?.endpoint?.metricLabels.pod;
    expect(pod()).toBeUndefined();
    mesh.put(aPod('web-1', { ready: false }));
    expect(pod()).toBe('web-1');
    mesh.put(aPod('web-1', { ready: true }));
    expect(stream.read()).toEqual([]);
    mesh.remove('Pod', 'web-1');
    expect(last(stream.read())?.endpoint?.metricLabels).toEqual({});
  });

  it('is the pod’s that has taken a port of its node', () => {
    const containers = [{ name: 'app', ports: [{ containerPort: 8080, hostPort: 30_080 }] }];
    const mesh = aMesh({}, aPod('web-1', { mesh: '', containers, spec: { hostNetwork: true } }));
    expect(last(mesh.profile('192.168.0.1:30080').read())?.endpoint?.metricLabels).toMatchObject({
      pod: 'web-1',
    });
    expect(last(mesh.profile('192.168.0.1:30081').read())?.endpoint?.metricLabels).toEqual({});
  });

  it('is refused when two living pods have it, not when one of them is finished', () => {
    const mesh = aMesh({}, aPod('web-1'), aPod('web-2'));
    expect(() => mesh.profile('10.1.0.1:80')).toThrow(
      expect.objectContaining({ code: 'failed_precondition' }),
    );
    mesh.put(aPod('web-2', { phase: 'Succeeded' }));
    expect(last(mesh.profile('10.1.0.1:80').read())?.endpoint?.metricLabels).toMatchObject({ pod: 'web-1' });
  });

  it('becomes a service’s when a service gets it', () => {
    const mesh = aMesh();
    const stream = mesh.profile('10.96.0.1:80');
    expect(last(stream.read())?.endpoint).toBeDefined();
    mesh.put(aService());
    expect(last(stream.read())?.fullyQualifiedName).toBe(WEB);
  });

  it('is found by the DNS name of a pod', () => {
    const spec = { hostname: 'db-0', subdomain: 'db' };
    const mesh = aMesh(
      {},
      aService('db', { spec: { clusterIP: 'None' } }),
      aPod('db-0', { app: 'db', spec }),
    );
    const profile = last(mesh.profile('db-0.db.shop.svc.cluster.local:8080').read());
    expect(addressText(profile?.endpoint?.addr)).toBe('10.1.0.1:8080');
  });

  it('is opaque when the pod or a Server says so, and no more when the Server goes', () => {
    const spec = { podSelector: {}, port: 8080, proxyProtocol: 'opaque' };
    const mesh = aMesh({}, aPod(), anObject('Server', 's', { spec }));
    const stream = mesh.profile('10.1.0.1:8080');
    expect(last(stream.read())).toMatchObject({
      opaqueProtocol: true,
      endpoint: { protocolHint: { protocol: { case: 'opaque' } } },
    });
    mesh.remove('Server', 's');
    expect(last(stream.read())).toMatchObject({
      opaqueProtocol: false,
      endpoint: { protocolHint: { protocol: { case: 'h2' } } },
    });
  });

  it('is bare of hints when the pod’s proxy cannot be read, which is reported', () => {
    const mesh = aMesh({}, aPod('web-1', { containers: [] }));
    expect(last(mesh.profile('10.1.0.1:8080').read())?.endpoint?.protocolHint).toBeUndefined();
    expect(mesh.reports).toEqual(['web-1: no container linkerd-proxy']);
  });
});
