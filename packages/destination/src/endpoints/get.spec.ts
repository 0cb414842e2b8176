import { describe, expect, it } from '@jest/globals';
import { aMesh, aNode, anObject, aPod, aService, proxyContainer } from '../mesh.builder.ts';
import { added, summary } from './update.builder.ts';

const WEB = 'web.shop.svc.cluster.local:80';
const onNode = (nodeName: string) => JSON.stringify({ ns: 'shop', nodeName, pod: 'client' });

describe('Get', () => {
  it('sends everything in one message, then only what changes', () => {
    const mesh = aMesh({}, aService(), aPod('web-1'), aPod('web-2', { ip: '10.1.0.2' }));
    const stream = mesh.get(WEB);
    const first = stream.read();
    expect(first).toHaveLength(1);
    expect(summary(first)).toEqual(['+10.1.0.1:8080', '+10.1.0.2:8080']);
    mesh.put(aPod('web-3', { ip: '10.1.0.3' }));
    expect(summary(stream.read())).toEqual(['+10.1.0.3:8080']);
    mesh.remove('Pod', 'web-1');
    expect(summary(stream.read())).toEqual(['-10.1.0.1:8080']);
    expect(stream.read()).toEqual([]);
  });

  it('adds before it removes when one change does both', () => {
    const mesh = aMesh({}, aService(), aPod());
    const stream = mesh.get(WEB);
    stream.read();
    mesh.put(aPod('web-1', { ip: '10.1.0.9' }));
    expect(summary(stream.read())).toEqual(['+10.1.0.9:8080', '-10.1.0.1:8080']);
  });

  it('brings a reader that stayed away from its own state to the latest, whatever happened between', () => {
    const mesh = aMesh({}, aService(), aPod());
    const stream = mesh.get(WEB);
    stream.read();
    mesh.put(aPod('web-2', { ip: '10.1.0.2' }));
    mesh.put(aPod('web-3', { ip: '10.1.0.3' }));
    mesh.remove('Pod', 'web-2');
    mesh.remove('Pod', 'web-1');
    expect(summary(stream.read())).toEqual(['+10.1.0.3:8080', '-10.1.0.1:8080']);
    expect(mesh.counts.skipped).toBe(1);
  });

  it('sends an endpoint again when what is known of it changes, and not when nothing a client sees does', () => {
    const mesh = aMesh({}, aService(), aPod());
    const stream = mesh.get(WEB);
    stream.read();
    mesh.put(aPod('web-1', { annotations: { 'example.com/note': 'other' } }));
    expect(stream.read()).toEqual([]);
    mesh.put(aPod('web-1', { annotations: { 'config.linkerd.io/opaque-ports': '8080' } }));
    expect(added(stream.read())[0]?.protocolHint?.protocol.case).toBe('opaque');
  });

  it('says at once that a service has no endpoints, and goes on from there', () => {
    const mesh = aMesh({}, aService(), aPod('web-1', { ready: false }));
    const stream = mesh.get(WEB);
    expect(summary(stream.read())).toEqual(['none']);
    mesh.put(aPod());
    expect(summary(stream.read())).toEqual(['+10.1.0.1:8080']);
    mesh.put(aPod('web-1', { ready: false }));
    expect(summary(stream.read())).toEqual(['-10.1.0.1:8080']);
  });

  it('keeps pods that only their silent nodes make unready, while there is no other', () => {
    const cutOff = { ready: false, containersReady: true };
    const mesh = aMesh({}, aService(), aPod('web-1'), aPod('web-2', { ip: '10.1.0.2' }));
    const stream = mesh.get(WEB);
    expect(summary(stream.read())).toEqual(['+10.1.0.1:8080', '+10.1.0.2:8080']);
    mesh.put(aPod('web-1', cutOff));
    expect(summary(stream.read())).toEqual(['-10.1.0.1:8080']);
    mesh.put(aPod('web-2', { ip: '10.1.0.2', ...cutOff }));
    expect(summary(stream.read())).toEqual(['+10.1.0.1:8080']);
    mesh.put(aPod('web-1', { ready: false }));
    expect(summary(stream.read())).toEqual(['-10.1.0.1:8080']);
    mesh.put(aPod('web-3', { ip: '10.1.0.3' }));
    expect(summary(stream.read())).toEqual(['+10.1.0.3:8080', '-10.1.0.2:8080']);
  });

  it.each([
    ['that end', { deleted: '2026-01-01T00:00:00Z' }],
    ['whose readiness gates may be what is missing', { spec: { readinessGates: [{ conditionType: 'lb' }] } }],
  ])('does not keep pods %s', (_, fields) => {
    const mesh = aMesh({}, aService(), aPod('web-1', { ready: false, containersReady: true, ...fields }));
    expect(summary(mesh.get(WEB).read())).toEqual(['none']);
  });

  it('removes everything when the service is deleted, and stays for its return', () => {
    const mesh = aMesh({}, aService(), aPod());
    const stream = mesh.get(WEB);
    stream.read();
    mesh.remove('Service', 'web');
    expect(summary(stream.read())).toEqual(['-10.1.0.1:8080']);
    expect(stream.closed).toBe(false);
    mesh.put(aService());
    expect(summary(stream.read())).toEqual(['+10.1.0.1:8080']);
  });

  it.each([
    ['web.shop.svc.cluster.local:0', 'invalid_argument', 'Invalid authority: web.shop.svc.cluster.local:0'],
    ['web.shop.svc.other.domain:80', 'invalid_argument', 'Invalid authority: web.shop.svc.other.domain:80'],
    ['10.96.0.1:80', 'invalid_argument', 'IP queries not supported by Get API: host=10.96.0.1'],
    ['api.shop.svc.cluster.local:80', 'not_found', 'Service api.shop not found'],
  ])('refuses %s with %s', (path, code, message) => {
    const mesh = aMesh({}, aService());
    expect(() => mesh.get(path)).toThrow(expect.objectContaining({ code, message }));
  });

  it('refuses services that are elsewhere', () => {
    const remote = { 'multicluster.linkerd.io/remote-discovery': 'west' };
    const mesh = aMesh(
      {},
      aService('outside', { spec: { type: 'ExternalName', externalName: 'example.com', clusterIP: '' } }),
      aService('half', { labels: remote }),
      aService('whole', { labels: { ...remote, 'multicluster.linkerd.io/remote-service': 'web' } }),
    );
    const codeOf = (name: string) => {
      try {
        mesh.get(`${name}.shop.svc.cluster.local`);
      } catch (error) {
        return (error as { code: string }).code;
      }
      return 'ok';
    };
    expect(['outside', 'half', 'whole'].map(codeOf)).toEqual([
      'invalid_argument',
      'failed_precondition',
      'not_found',
    ]);
  });

  it('serves a client whose context cannot be read as nobody in particular', () => {
    const mesh = aMesh({}, aService(), aPod());
    expect(summary(mesh.get(WEB, '{"ns":').read())).toEqual(['+10.1.0.1:8080']);
    expect(mesh.counts.malformed).toBe(1);
  });
});

describe('an endpoint', () => {
  const endpoint = (
    pod: ReturnType<typeof aPod>,
    config = {},
    port = 80,
    ...more: ReturnType<typeof aPod>[]
  ) =>
    added(
      aMesh(config, aService(), pod, ...more)
        .get(`web.shop.svc.cluster.local:${port}`)
        .read(),
    )[0];

  it('of a meshed pod has an identity, a hint and labels', () => {
    const found = endpoint(aPod('web-1', { labels: { 'pod-template-hash': '5d' } }));
    expect(found).toMatchObject({
      weight: 10_000,
      metricLabels: {
        pod: 'web-1',
        serviceaccount: 'web',
        control_plane_ns: 'linkerd',
        pod_template_hash: '5d',
        zone: '',
        zone_locality: 'unknown',
      },
      tlsIdentity: {
        strategy: {
          case: 'dnsLikeIdentity',
          value: { name: 'web.shop.serviceaccount.identity.linkerd.cluster.local' },
        },
        serverName: { name: 'web.shop.serviceaccount.identity.linkerd.cluster.local' },
      },
      protocolHint: { protocol: { case: 'h2' }, opaqueTransport: { inboundPort: 4143 } },
    });
  });

  it('carries labels of the service for the whole set', () => {
    const [update] = aMesh({}, aService(), aPod()).get(WEB).read();
    expect(update?.update.value).toMatchObject({ metricLabels: { service: 'web', namespace: 'shop' } });
  });

  it('of a pod without proxy is bare', () => {
    const found = endpoint(aPod('web-1', { mesh: '' }));
    expect(found?.tlsIdentity).toBeUndefined();
    expect(found?.protocolHint).toBeUndefined();
    expect(found?.metricLabels).not.toHaveProperty('control_plane_ns');
  });

  it('of another control plane has a hint but no identity', () => {
    const found = endpoint(aPod('web-1', { mesh: 'linkerd-other' }));
    expect(found?.tlsIdentity).toBeUndefined();
    expect(found?.protocolHint?.protocol.case).toBe('h2');
  });

  it('on a skipped inbound port is bare', () => {
    const found = endpoint(
      aPod('web-1', { annotations: { 'config.linkerd.io/skip-inbound-ports': '8000-8100' } }),
    );
    expect(found?.tlsIdentity).toBeUndefined();
    expect(found?.protocolHint).toBeUndefined();
  });

  it.each([
    ['the number', '25,8080'],
    ['a range', '8000-9000'],
    ['the container port’s name', 'smtp,http'],
  ])('is opaque when its pod lists %s', (_, ports) => {
    const found = endpoint(aPod('web-1', { annotations: { 'config.linkerd.io/opaque-ports': ports } }));
    expect(found?.protocolHint).toMatchObject({
      protocol: { case: 'opaque' },
      opaqueTransport: { inboundPort: 4143 },
    });
  });

  it('is opaque by default on the mesh’s opaque ports, unless its pod lists others or none', () => {
    const protocol = (annotations: Record<string, string>) =>
      endpoint(aPod('web-1', { annotations }), {}, 3306)?.protocolHint?.protocol.case;
    expect(protocol({})).toBe('opaque');
    expect(protocol({ 'config.linkerd.io/opaque-ports': '' })).toBe('h2');
  });

  it('is opaque when a Server of its namespace says so, by number or name', () => {
    const server = (port: number | string, namespace = 'shop') =>
      anObject('Server', `s-${port}-${namespace}`, {
        namespace,
        spec: { podSelector: { matchLabels: { app: 'web' } }, port, proxyProtocol: 'opaque' },
      });
    const protocol = (object: ReturnType<typeof server>) =>
      endpoint(aPod(), {}, 80, object)?.protocolHint?.protocol.case;
    expect(['http', 8080].map((port) => protocol(server(port)))).toEqual(['opaque', 'opaque']);
    expect([protocol(server(9090)), protocol(server(8080, 'other'))]).toEqual(['h2', 'h2']);
  });

  it('is reached at its own port, not through the proxy, on the proxy’s admin and control ports', () => {
    for (const port of [4191, 4190])
      expect(endpoint(aPod(), {}, port)?.protocolHint?.opaqueTransport).toBeUndefined();
  });

  it('has no transport hint where the mesh does not force it, unless it is opaque', () => {
    const transparent = { forceOpaqueTransport: false };
    expect(endpoint(aPod(), transparent)?.protocolHint?.opaqueTransport).toBeUndefined();
    expect(endpoint(aPod(), transparent, 3306)?.protocolHint?.opaqueTransport?.inboundPort).toBe(4143);
  });

  it('has no protocol hint without the HTTP/2 upgrade', () => {
    expect(endpoint(aPod(), { enableH2Upgrade: false })?.protocolHint?.protocol.case).toBeUndefined();
  });

  it('carries the mesh’s HTTP/2 parameters when it is meshed', () => {
    const config = { meshedHttp2: { keepAlive: { whileIdle: true } } };
    expect(endpoint(aPod(), config)?.http2?.keepAlive?.whileIdle).toBe(true);
    expect(endpoint(aPod('web-1', { mesh: '' }), config)?.http2).toBeUndefined();
  });

  it('reads the inbound port from wherever the injector put the proxy', () => {
    const ports = { inbound: 5143, admin: 5191, control: 5190 };
    const found = endpoint(
      aPod('web-1', { containers: [], spec: { initContainers: [proxyContainer(ports)] } }),
    );
    expect(found?.protocolHint?.opaqueTransport?.inboundPort).toBe(5143);
  });

  it('is left out and reported when its proxy’s ports cannot be read', () => {
    const mesh = aMesh({}, aService(), aPod('web-1', { containers: [{ name: 'linkerd-proxy' }] }));
    expect(summary(mesh.get(WEB).read())).toEqual(['none']);
    expect(mesh.reports).toEqual([expect.stringMatching(/^web-1: .*LINKERD2_PROXY_INBOUND_LISTEN_ADDR/)]);
  });

  it('is named after the owner of its pod', () => {
    const ref = (kind: string, name: string) => [{ apiVersion: 'v1', kind, name, uid: '' }];
    const replicaSet = anObject('ReplicaSet', 'web-5d', {
      ownerReferences: ref('Deployment', 'web'),
      spec: {},
    });
    const deployed = endpoint(
      aPod('web-1', { ownerReferences: ref('ReplicaSet', 'web-5d') }),
      {},
      80,
      replicaSet,
    );
    expect(deployed?.metricLabels).toMatchObject({ deployment: 'web' });
    const job = endpoint(aPod('web-1', { ownerReferences: ref('Job', 'nightly') }));
    expect(job?.metricLabels).toMatchObject({ k8s_job: 'nightly' });
  });
});

describe('the endpoints of a service port', () => {
  it('are those of the named target port of each pod', () => {
    const mesh = aMesh(
      {},
      aService('web', { spec: { ports: [{ name: 'http', port: 80, targetPort: 'http' }] } }),
      aPod(),
      aPod('web-2', {
        ip: '10.1.0.2',
        mesh: '',
        containers: [{ name: 'app', ports: [{ name: 'http', containerPort: 9090 }] }],
      }),
    );
    expect(summary(mesh.get(WEB).read()).sort()).toEqual(['+10.1.0.1:8080', '+10.1.0.2:9090']);
  });

  it('are those of the number itself when the service does not have the port', () => {
    const mesh = aMesh({}, aService(), aPod());
    expect(summary(mesh.get('web.shop.svc.cluster.local:7777').read())).toEqual(['+10.1.0.1:7777']);
  });

  it('are one pod’s when a headless service is asked for an instance', () => {
    const instance = (i: number) =>
      aPod(`db-${i}`, { app: 'db', ip: `10.1.0.${i}`, spec: { hostname: `db-${i}`, subdomain: 'db' } });
    const mesh = aMesh({}, aService('db', { spec: { clusterIP: 'None' } }), instance(1), instance(2));
    expect(summary(mesh.get('db-2.db.shop.svc.cluster.local:80').read())).toEqual(['+10.1.0.2:8080']);
  });

  it('may be addresses without pods, or gateways of another cluster', () => {
    const mirror = {
      'mirror.linkerd.io/remote-gateway-identity': 'gateway.example.com',
      'mirror.linkerd.io/remote-svc-fq-name': 'web.shop.svc.west.local',
    };
    const slice = (annotations: Record<string, string>) =>
      anObject('EndpointSlice', 'web-x', {
        annotations,
        labels: { 'kubernetes.io/service-name': 'web' },
        ports: [{ name: 'http', port: 4143 }],
        endpoints: [{ addresses: ['172.20.0.1'] }],
      });
    const mesh = aMesh({}, aService(), slice(mirror));
    const stream = mesh.get(WEB);
    expect(added(stream.read())[0]).toMatchObject({
      authorityOverride: { authorityOverride: 'web.shop.svc.west.local:80' },
      tlsIdentity: { strategy: { value: { name: 'gateway.example.com' } } },
      protocolHint: { protocol: { case: 'h2' } },
    });
    mesh.put(slice({}));
    const [bare] = added(stream.read());
    expect([bare?.tlsIdentity, bare?.protocolHint, bare?.authorityOverride]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('stay when one of two slices that list them goes', () => {
    const slice = (name: string) =>
      anObject('EndpointSlice', name, {
        labels: { 'kubernetes.io/service-name': 'web' },
        ports: [{ name: 'http', port: 8080 }],
        endpoints: [
          { addresses: ['10.1.0.1'], targetRef: { kind: 'Pod', namespace: 'shop', name: 'web-1' } },
        ],
      });
    const mesh = aMesh({}, aService(), aPod(), slice('web-a'), slice('web-b'));
    const stream = mesh.get(WEB);
    stream.read();
    mesh.remove('EndpointSlice', 'web-a');
    expect(stream.read()).toEqual([]);
  });

  it.each([
    ['a controller that lags behind', 'endpointslice-controller.k8s.io', ['+10.1.0.9:8080']],
    ['somebody who means it', 'operator', ['none']],
  ])(
    'are, while there is no other, a ready pod’s that the slice of %s calls unready',
    (_, manager, expected) => {
      const slice = anObject('EndpointSlice', 'web-a', {
        labels: { 'kubernetes.io/service-name': 'web', 'endpointslice.kubernetes.io/managed-by': manager },
        ports: [{ name: 'http', port: 8080 }],
        endpoints: [
          {
            addresses: ['10.1.0.9'],
            conditions: { ready: false },
            targetRef: { kind: 'Pod', namespace: 'shop', name: 'api-1' },
          },
        ],
      });
      const mesh = aMesh({}, aService(), aPod('api-1', { app: 'api', ip: '10.1.0.9' }), slice);
      expect(summary(mesh.get(WEB).read())).toEqual(expected);
    },
  );

  it('know whether they are in the client’s zone', () => {
    const mesh = aMesh({ zoneWeights: true }, aNode('n1', 'east'), aNode('n2', 'west'), aService(), aPod());
    const labels = (node: string) => added(mesh.get(WEB, onNode(node)).read())[0];
    expect(labels('n1')).toMatchObject({
      weight: 100_000,
      metricLabels: { zone: 'east', zone_locality: 'local' },
    });
    expect(labels('n2')).toMatchObject({
      weight: 10_000,
      metricLabels: { zone: 'east', zone_locality: 'remote' },
    });
    expect(labels('n3')).toMatchObject({ metricLabels: { zone_locality: 'unknown' } });
  });

  it('are those hinted for the client’s zone, if all have hints and one is for it', () => {
    const endpoint = (ip: string, forZone: string) => ({
      addresses: [ip],
      ...(forZone === '' ? {} : { hints: { forZones: [{ name: forZone }] } }),
    });
    const ips = (zones: readonly string[], node: string) => {
      const slice = anObject('EndpointSlice', 'web-x', {
        labels: { 'kubernetes.io/service-name': 'web' },
        ports: [{ name: 'http', port: 80 }],
        endpoints: zones.map((zone, i) => endpoint(`10.1.0.${i + 1}`, zone)),
      });
      const mesh = aMesh({}, aNode('n1', 'east'), aNode('n2', 'north'), aService(), slice);
      return summary(mesh.get(WEB, onNode(node)).read());
    };
    expect(ips(['east', 'west'], 'n1')).toEqual(['+10.1.0.1:80']);
    expect(ips(['east', 'west'], 'n2')).toHaveLength(2);
    expect(ips(['east', ''], 'n1')).toHaveLength(2);
  });

  it('are those of the client’s node while the service’s traffic stays there', () => {
    const local = (internalTrafficPolicy?: string) =>
      aService('web', { spec: internalTrafficPolicy === undefined ? {} : { internalTrafficPolicy } });
    const mesh = aMesh({}, local(), aPod(), aPod('web-2', { ip: '10.1.0.2', spec: { nodeName: 'n2' } }));
    const near = mesh.get(WEB, onNode('n2'));
    const nobody = mesh.get(WEB);
    expect([near.read(), nobody.read()].map((updates) => summary(updates).length)).toEqual([2, 2]);
    mesh.put(local('Local'));
    expect(summary(near.read())).toEqual(['-10.1.0.1:8080']);
    expect(summary(nobody.read()).sort()).toEqual(['-10.1.0.1:8080', '-10.1.0.2:8080']);
    mesh.put(local());
    expect(summary(near.read())).toEqual(['+10.1.0.1:8080']);
  });

  it('are one for each pod of two families, IPv6 where it is enabled', () => {
    const dual = aPod('web-1', { moreIps: ['fd00::1'] });
    const found = (enableIpv6: boolean) => summary(aMesh({ enableIpv6 }, aService(), dual).get(WEB).read());
    expect(found(true)).toEqual(['+fd00::1:8080']);
    expect(found(false)).toEqual(['+10.1.0.1:8080']);
  });
});
