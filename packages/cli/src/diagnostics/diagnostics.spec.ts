import { create, toBinary } from '@bufbuild/protobuf';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Destination, UpdateSchema } from '@weft/proto/destination';
import { InboundServerPolicies, ServerSchema } from '@weft/proto/inbound';
import { OutboundPolicies, OutboundPolicySchema, type TrafficSpec } from '@weft/proto/outbound';
import { CredentialsStore, createRegistry, GrpcServer, LatestState, silentLogger } from '@weft/service';
import { testPod } from '../check/state.builder.ts';
import { localCluster } from '../cluster/local-cluster.builder.ts';
import { leafFor } from '../identity/leaf.builder.ts';
import type { JsonObject } from '../manifest/json.ts';
import { EndpointSet } from './endpoint-set.ts';
import { queryEndpoints, renderEndpoints } from './endpoints.ts';
import { ipText, ipv4Number, ipv6Halves } from './ip-address.ts';
import { queryPolicy, trafficSpec } from './policy.ts';

const { signal } = new AbortController();
const NAME = 'linkerd-destination.linkerd.serviceaccount.identity.linkerd.cluster.local';

const address = (text: string, port: number) => ({
  ip: { ip: { case: 'ipv4' as const, value: ipv4Number(text) } },
  port,
});
const added = (...addrs: { text: string; pod: string }[]) =>
  create(UpdateSchema, {
    update: {
      case: 'add',
      value: {
        addrs: addrs.map(({ text, pod }) => ({
          addr: address(text, 8080),
          weight: 10_000,
          metricLabels: { pod },
          http2: { keepAlive: { whileIdle: true } },
        })),
        metricLabels: { namespace: 'shop', service: 'web' },
      },
    },
  });

describe('questions to the control plane', () => {
  let server: GrpcServer | undefined;
  const asked: TrafficSpec[] = [];

  afterEach(() => server?.drain(AbortSignal.timeout(200)));

  /** A destination service on this machine, and the cluster in which it is a pod. */
  async function destination({ withProxy }: { withProxy: boolean }) {
    const { anchor, ...leaf } = leafFor(NAME);
    const credentials = new CredentialsStore({ anchorsPem: anchor.certChainPem, leaf });
    server = new GrpcServer({ logger: silentLogger, registry: createRegistry() });
    server.serve(Destination, {
      get: () => new LatestState(toBinary(UpdateSchema, added({ text: '10.0.0.1', pod: 'web-1' }))).cursor(),
      getProfile: () => new LatestState().cursor(),
    });
    server.serve(InboundServerPolicies, {
      getPort: async ({ workload, port }) =>
        create(ServerSchema, { labels: { workload, port: String(port) } }),
      watchPort: () => new LatestState().cursor(),
    });
    server.serve(OutboundPolicies, {
      get: async (request) => {
        asked.push(request);
        return create(OutboundPolicySchema, { protocol: { kind: { case: 'opaque', value: {} } } });
      },
      watch: () => new LatestState().cursor(),
    });
    const tls = withProxy ? undefined : { serverName: NAME, credentials };
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 }, tls);
    const conditions = [{ type: 'Ready', status: 'True' }];
    const pod = testPod({
      namespace: 'linkerd',
      name: 'linkerd-destination-1',
      proxy: withProxy ? {} : false,
      status: { conditions },
    });
    const maps = '/api/v1/namespaces/linkerd/configmaps';
    return localCluster({
      lists: { '/api/v1/namespaces/linkerd/pods': [pod] },
      objects: {
        [`${maps}/linkerd-config`]: { data: { values: 'identityTrustDomain: cluster.local' } },
        [`${maps}/linkerd-identity-trust-roots`]: { data: { 'ca-bundle.crt': anchor.certChainPem } },
        '/api/v1/namespaces/shop/pods/web-1': testPod({ name: 'web-1' }),
        '/api/v1/namespaces/shop/services/web': {
          metadata: { namespace: 'shop', name: 'web' },
          spec: { clusterIP: '10.96.0.7' },
        } as JsonObject,
      },
      ports: { 'linkerd-destination-1:8086': port, 'linkerd-destination-1:8090': port },
    });
  }

  const endpointsOf = async (cluster: Awaited<ReturnType<typeof destination>>, destinationPod?: string) =>
    queryEndpoints({
      cluster,
      namespace: 'linkerd',
      authorities: ['web.shop.svc.cluster.local:8080'],
      token: '',
      destinationPod,
      signal,
    });

  it.each([
    ['ends mesh TLS itself', false],
    ['has a proxy for that', true],
  ])('finds endpoints where the control plane %s', async (_, withProxy) => {
    const endpoints = await endpointsOf(await destination({ withProxy }));
    expect(endpoints).toEqual([
      {
        namespace: 'shop',
        ip: '10.0.0.1',
        port: 8080,
        pod: 'web-1',
        service: 'web',
        weight: 10_000,
        http2: { keepAlive: { whileIdle: true } },
        labels: { pod: 'web-1' },
      },
    ]);
    expect(renderEndpoints(endpoints, 'table')).toBe(
      'NAMESPACE  IP        PORT  POD    SERVICE\nshop       10.0.0.1  8080  web-1  web.shop\n',
    );
  });

  it('names the pods that could be asked', async () => {
    const cluster = await destination({ withProxy: true });
    await expect(endpointsOf(cluster, 'other')).rejects.toThrow(
      /"other" is no pod of the destination service.*there is linkerd\/linkerd-destination-1/,
    );
  });

  it('says why there is no way to the control plane', async () => {
    const cluster = await destination({ withProxy: true });
    const cut = {
      ...cluster,
      forward: () => Promise.reject(new Error('connection refused inside of the pod')),
    };
    await expect(endpointsOf(cut)).rejects.toThrow('connection refused inside of the pod');
  });

  it('prints the policies of a pod’s and of a service’s port', async () => {
    const cluster = await destination({ withProxy: false });
    const ask = (resource: string) =>
      queryPolicy({
        cluster,
        linkerdNamespace: 'linkerd',
        resource,
        namespace: 'shop',
        port: 80,
        token: 'default:diagnostics',
        destinationPod: undefined,
        signal,
      });
    expect(await ask('po/web-1')).toEqual({
      labels: { workload: '{"ns":"shop","pod":"web-1"}', port: '80' },
    });
    expect(await ask('svc/web')).toEqual({ protocol: { opaque: {} } });
    expect(asked.at(-1)).toMatchObject({
      sourceWorkload: 'default:diagnostics',
      target: {
        case: 'addr',
        value: { ip: { ip: { case: 'ipv4', value: ipv4Number('10.96.0.7') } }, port: 80 },
      },
    });
    await expect(ask('deploy/web')).rejects.toThrow(/policies are those of pods/);
    await expect(ask('po/none')).rejects.toThrow('there is no pods/none in namespace "shop"');
    await expect(ask('web')).rejects.toThrow(/"web" is no TYPE\/NAME/);
  });
});

describe('a question about a service', () => {
  it('is asked by name where it has no address', () => {
    const service = { metadata: { namespace: 'shop', name: 'db' }, spec: { clusterIP: 'None' } };
    expect(trafficSpec(service, 5432, 't')).toEqual({
      sourceWorkload: 't',
      target: { case: 'authority', value: 'db.shop.svc:5432' },
    });
  });
});

describe('the endpoints of a stream', () => {
  it('are those that were added and not removed', () => {
    const set = new EndpointSet();
    set.apply(added({ text: '10.0.0.2', pod: 'b' }, { text: '10.0.0.1', pod: 'a' }));
    set.apply(
      create(UpdateSchema, { update: { case: 'remove', value: { addrs: [address('10.0.0.2', 8080)] } } }),
    );
    expect(set.list().map(({ pod }) => pod)).toEqual(['a']);
    set.apply(create(UpdateSchema, { update: { case: 'noEndpoints', value: { exists: false } } }));
    expect(set.list()).toEqual([]);
    expect(renderEndpoints([], 'table')).toBe('No endpoints found.\n');
  });
});

describe('addresses', () => {
  it.each(['10.96.0.1', '255.255.255.255'])('reads and writes %s', (text) => {
    expect(ipText({ ip: { case: 'ipv4', value: ipv4Number(text) } } as never)).toBe(text);
  });

  it.each(['fd00::1', '2001:db8:1:2:3:4:5:6', '::1'])('reads and writes %s', (text) => {
    expect(ipText({ ip: { case: 'ipv6', value: ipv6Halves(text) } } as never)).toBe(text);
  });
});
