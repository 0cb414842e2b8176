import { describe, expect, it } from '@jest/globals';
import type { Authz, Server } from '@weft/proto/inbound';
import { aMesh, anObject, aPod, type PodFields, type TestMesh } from '../../mesh.builder.ts';
import { decodeIp } from '../../wire/ip-address.ts';

const WORKLOAD = '{"ns":"shop","pod":"web-1"}\n';
const web = { matchLabels: { app: 'web' } };
const allNetworks = ['0.0.0.0/0', '::/0'];

const aServer = (name: string, spec: object = {}, fields: object = {}) =>
  anObject('Server', name, { ...fields, spec: { podSelector: web, port: 8080, ...spec } });
const aPolicy = (
  name: string,
  refs: readonly object[],
  targetRef: object = { kind: 'Server', name: 'web' },
) =>
  anObject('AuthorizationPolicy', name, {
    spec: { targetRef: { group: 'policy.linkerd.io', ...targetRef }, requiredAuthenticationRefs: refs },
  });
const meshTls = (name: string, spec: object) => anObject('MeshTLSAuthentication', name, { spec });
const ref = (kind: string, name: string, more: object = {}) => ({
  group: 'policy.linkerd.io',
  kind,
  name,
  ...more,
});
const account = (name: string, more: object = {}) => ({ kind: 'ServiceAccount', name, ...more });

/** An authorization in short. */
function short({ networks, authentication, labels }: Authz) {
  const { permit } = authentication ?? { permit: { case: undefined } };
  const clients = permit.case === 'meshTLS' ? permit.value.clients : undefined;
  const identities =
    clients?.case === 'identities'
      ? [
          ...clients.value.identities.map(({ name }) => name),
          ...clients.value.suffixes.map(({ parts }) => ['*', ...parts].join('.')),
        ]
      : clients?.case;
  const cidr = (net: { ip?: Parameters<typeof decodeIp>[0]; prefixLen: number } | undefined) =>
    `${decodeIp(net?.ip)}/${net?.prefixLen}`;
  return {
    from: networks.map(({ net, except }) => [cidr(net), ...except.map(cidr)].join(' - ')),
    who: identities ?? 'anyone',
    label: `${labels.kind} ${labels.name}`,
  };
}
const authorizations = (server: Server | undefined) => (server?.authorizations ?? []).map(short);
const policyOf = (mesh: TestMesh, port = 8080) => mesh.watchPort(WORKLOAD, port).read()[0];

describe('the default policy of a port', () => {
  const withPolicy = (policy: string, annotations: Record<string, string> = {}, port = 8080) =>
    policyOf(
      aMesh(
        {},
        aPod('web-1', {
          annotations: { 'config.linkerd.io/default-inbound-policy': policy, ...annotations },
        }),
      ),
      port,
    );

  it.each([
    ['all-unauthenticated', [{ from: allNetworks, who: 'anyone' }]],
    ['all-authenticated', [{ from: allNetworks, who: ['*'] }]],
    ['cluster-unauthenticated', [{ from: ['10.0.0.0/8', 'fd00::/8'], who: 'anyone' }]],
    ['cluster-authenticated', [{ from: ['10.0.0.0/8', 'fd00::/8'], who: ['*'] }]],
    ['deny', []],
    ['audit', [{ from: allNetworks, who: 'anyone' }]],
  ])('%s lets in whom its name says', (policy, expected) => {
    const server = withPolicy(policy);
    expect(server?.labels).toEqual({ group: '', kind: 'default', name: policy });
    const found = authorizations(server);
    expect(found).toEqual(expected.map((authz) => ({ ...authz, label: `default ${policy}` })));
    for (const authz of server?.authorizations ?? [])
      expect(authz.metadata?.kind).toEqual({ case: 'default', value: policy });
  });

  it('is the mesh’s when the pod names none or nonsense', () => {
    const mesh = { defaultPolicy: 'deny' } as const;
    expect(policyOf(aMesh(mesh, aPod()))?.labels.name).toBe('deny');
    const nonsense = { annotations: { 'config.linkerd.io/default-inbound-policy': 'anything' } };
    expect(policyOf(aMesh(mesh, aPod('web-1', nonsense)))?.labels.name).toBe('deny');
  });

  it('demands identity on the ports that require it', () => {
    const annotations = { 'config.linkerd.io/proxy-require-identity-inbound-ports': '8080,9000-9100' };
    const name = (policy: string, port: number) => withPolicy(policy, annotations, port)?.labels.name;
    expect(name('all-unauthenticated', 8080)).toBe('all-authenticated');
    expect(name('cluster-unauthenticated', 9050)).toBe('cluster-authenticated');
    expect(name('all-unauthenticated', 8081)).toBe('all-unauthenticated');
    expect([name('deny', 8080), name('audit', 8080)]).toEqual(['deny', 'audit']);
  });

  it('detects the protocol within ten seconds and routes everything', () => {
    const protocol = policyOf(aMesh({}, aPod()))?.protocol?.kind;
    expect(protocol).toMatchObject({
      case: 'detect',
      value: {
        timeout: { seconds: 10n },
        httpRoutes: [
          {
            metadata: { kind: { case: 'default', value: 'default' } },
            authorizations: [],
            rules: [{ matches: [{ path: { kind: { case: 'prefix', value: '/' } } }] }],
          },
        ],
      },
    });
  });

  it('is opaque on the opaque ports of the pod, not on those of the mesh', () => {
    const opaque = { annotations: { 'config.linkerd.io/opaque-ports': '8080' } };
    const kind = (fields: PodFields, port: number) =>
      policyOf(aMesh({}, aPod('web-1', fields)), port)?.protocol?.kind.case;
    expect(kind(opaque, 8080)).toBe('opaque');
    expect(kind({}, 3306)).toBe('detect');
  });
});

describe('the route of probes', () => {
  const http = (path: string | undefined, port: number | string) => ({ httpGet: { path, port } });
  const probed = {
    containers: [
      {
        name: 'app',
        ports: [{ name: 'Admin', containerPort: 8080 }],
        livenessProbe: http('/live?x=1', 8080),
        readinessProbe: http('/ready', 'admin'),
        startupProbe: http(undefined, 9090),
      },
    ],
    spec: { initContainers: [{ name: 'side', livenessProbe: http('/live', 8080) }] },
  };
  const routes = (config: Parameters<typeof aMesh>[0], port: number) => {
    const kind = policyOf(aMesh(config, aPod('web-1', probed)), port)?.protocol?.kind;
    return kind?.case === 'detect' ? kind.value.httpRoutes : [];
  };

  it('lets GET of each probed path in from the networks of probes', () => {
    const [, probe] = routes({ defaultPolicy: 'deny', probeNetworks: ['10.9.0.0/16'] }, 8080);
    expect(probe?.metadata?.kind).toEqual({ case: 'default', value: 'probe' });
    expect(probe?.authorizations.map(short)).toEqual([
      { from: ['10.9.0.0/16'], who: 'anyone', label: 'default probe' },
    ]);
    const paths = probe?.rules[0]?.matches.map((match) => match.path?.kind);
    expect(paths).toEqual([
      { case: 'exact', value: '/live' },
      { case: 'exact', value: '/ready' },
    ]);
    expect(probe?.rules[0]?.matches[0]?.method?.type).toMatchObject({ case: 'registered' });
  });

  it('is there for probed ports only, and only with networks to probe from', () => {
    expect(routes({}, 9090)).toHaveLength(2);
    expect(routes({}, 7777)).toHaveLength(1);
    expect(routes({ probeNetworks: [] }, 8080)).toHaveLength(1);
  });
});

describe('a Server', () => {
  it.each([
    [undefined, 'detect'],
    ['unknown', 'detect'],
    ['HTTP/1', 'http1'],
    ['HTTP/2', 'http2'],
    ['gRPC', 'grpc'],
    ['opaque', 'opaque'],
    ['TLS', 'tls'],
  ])('of protocol %s is told as %s', (proxyProtocol, kind) => {
    const server = policyOf(
      aMesh({}, aPod(), aServer('web', proxyProtocol === undefined ? {} : { proxyProtocol })),
    );
    expect(server?.protocol?.kind.case).toBe(kind);
    expect(server?.labels).toEqual({ group: 'policy.linkerd.io', kind: 'server', name: 'web' });
    expect(server?.authorizations).toEqual([]);
  });

  it('routes every method of a gRPC port', () => {
    const kind = policyOf(aMesh({}, aPod(), aServer('web', { proxyProtocol: 'gRPC' })))?.protocol?.kind;
    expect(kind?.value).toMatchObject({
      routes: [{ rules: [{ matches: [{ rpc: { service: '', method: '' } }] }] }],
    });
  });

  it('governs the ports it selects, by number or name, in its namespace', () => {
    const governs = (server: ReturnType<typeof aServer>, port = 8080) =>
      policyOf(aMesh({}, aPod(), server), port)?.labels.kind === 'server';
    expect(governs(aServer('s'))).toBe(true);
    expect(governs(aServer('s', { port: 'http' }))).toBe(true);
    expect(governs(aServer('s', { podSelector: {} }))).toBe(true);
    expect(governs(aServer('s', { port: 'http' }), 8081)).toBe(false);
    expect(governs(aServer('s', { podSelector: undefined }))).toBe(false);
    expect(governs(aServer('s', {}, { namespace: 'other' }))).toBe(false);
  });

  it('gives way to an older one, then to one of the earlier name', () => {
    const at = (created: string) => ({ created: `2026-01-0${created}T00:00:00Z` });
    const name = (...servers: ReturnType<typeof aServer>[]) =>
      policyOf(aMesh({}, aPod(), ...servers))?.labels.name;
    expect(name(aServer('a', {}, at('2')), aServer('b', {}, at('1')))).toBe('b');
    expect(name(aServer('b', {}, at('1')), aServer('a', {}, at('1')))).toBe('a');
  });

  it('adds what its access policy allows', () => {
    const access = (accessPolicy: string) =>
      authorizations(policyOf(aMesh({}, aPod(), aServer('web', { accessPolicy }))));
    expect(access('all-authenticated')).toEqual([
      { from: allNetworks, who: ['*'], label: 'default all-authenticated' },
    ]);
    expect([access('deny'), access('nonsense')]).toEqual([[], []]);
  });
});

describe('an AuthorizationPolicy', () => {
  const authorized = (...objects: ReturnType<typeof aPod>[]) => {
    const mesh = aMesh({}, aPod(), aServer('web'), ...objects);
    return { mesh, found: authorizations(policyOf(mesh)) };
  };
  const identityOf = (name: string, namespace: string) =>
    `${name}.${namespace}.serviceaccount.identity.linkerd.cluster.local`;

  it('lets in the identities of a MeshTLSAuthentication', () => {
    const { found } = authorized(
      aPolicy('p', [ref('MeshTLSAuthentication', 'clients')]),
      meshTls('clients', {
        identities: ['a.example.com', '*.b.example.com', 'spiffe://td/x'],
        identityRefs: [
          account('c'),
          account('d', { namespace: 'other' }),
          { kind: 'Namespace', name: 'team' },
        ],
      }),
    );
    expect(found).toEqual([
      {
        from: allNetworks,
        who: [
          'a.example.com',
          'spiffe://td/x',
          identityOf('c', 'shop'),
          identityOf('d', 'other'),
          '*.b.example.com',
          `*.team.serviceaccount.identity.linkerd.cluster.local`,
        ],
        label: 'authorizationpolicy p',
      },
    ]);
  });

  it('takes a lone star for every identity', () => {
    const { found } = authorized(
      aPolicy('p', [ref('MeshTLSAuthentication', 'all')]),
      meshTls('all', { identities: ['*'] }),
    );
    expect(found[0]?.who).toEqual(['*']);
  });

  it('demands all its authentications together', () => {
    const { found } = authorized(
      aPolicy('p', [account('client'), ref('NetworkAuthentication', 'office')]),
      anObject('NetworkAuthentication', 'office', {
        spec: { networks: [{ cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] }, { cidr: '192.0.2.7' }] },
      }),
    );
    expect(found).toEqual([
      {
        from: ['10.0.0.0/8 - 10.1.0.0/16', '192.0.2.7/32'],
        who: [identityOf('client', 'shop')],
        label: 'authorizationpolicy p',
      },
    ]);
  });

  it('without authentications lets everybody in', () => {
    expect(authorized(aPolicy('p', [])).found).toEqual([
      { from: allNetworks, who: 'anyone', label: 'authorizationpolicy p' },
    ]);
  });

  it('may be for the whole namespace, and for no other Server or namespace', () => {
    const target = (targetRef: object) => authorized(aPolicy('p', [], targetRef)).found.length;
    expect(target({ group: 'core', kind: 'Namespace', name: 'shop' })).toBe(1);
    expect(target({ group: 'core', kind: 'Namespace', name: 'other' })).toBe(0);
    expect(target({ kind: 'Server', name: 'Web' })).toBe(0);
    expect(target({ kind: 'HTTPRoute', name: 'web' })).toBe(0);
  });

  it('lets nobody in while something it requires is missing, and says so', () => {
    const { mesh, found } = authorized(
      aPolicy('p', [ref('MeshTLSAuthentication', 'later', { namespace: 'other' })]),
    );
    expect(found).toEqual([]);
    expect(mesh.reports).toContain('p: MeshTLSAuthentication other/later does not exist');
    const stream = mesh.watchPort(WORKLOAD, 8080);
    stream.read();
    mesh.put(anObject('MeshTLSAuthentication', 'later', { namespace: 'other', spec: { identities: ['*'] } }));
    expect(authorizations(stream.read()[0])).toHaveLength(1);
    mesh.remove('MeshTLSAuthentication', 'later', 'other');
    expect(authorizations(stream.read()[0])).toHaveLength(0);
  });

  it.each([
    ['two identity sources', [account('a'), account('b')]],
    ['an unknown kind', [{ group: 'example.com', kind: 'Other', name: 'x' }]],
    ['a kind of another group', [{ group: 'example.com', kind: 'ServiceAccount', name: 'x' }]],
  ])('with %s lets nobody in', (_, refs) => {
    const { mesh, found } = authorized(aPolicy('p', refs));
    expect(found).toEqual([]);
    expect(mesh.reports).toHaveLength(1);
  });

  it('with an exception that is no network lets nobody in', () => {
    const networks = [{ cidr: '10.0.0.0/8', except: ['10.1.0.0/99'] }];
    const { found } = authorized(
      aPolicy('p', [ref('NetworkAuthentication', 'n')]),
      anObject('NetworkAuthentication', 'n', { spec: { networks } }),
    );
    expect(found).toEqual([]);
  });
});

describe('a ServerAuthorization', () => {
  const authorized = (client: object, server: object = { name: 'web' }) =>
    authorizations(
      policyOf(
        aMesh(
          {},
          aPod(),
          aServer('web', {}, { labels: { tier: 'front' } }),
          anObject('ServerAuthorization', 'sa', { spec: { server, client } }),
        ),
      ),
    );

  it('lets in its clients, from the cluster unless it says otherwise', () => {
    const cluster = ['10.0.0.0/8', 'fd00::/8'];
    expect(authorized({ unauthenticated: true })).toEqual([
      { from: cluster, who: 'anyone', label: 'serverauthorization sa' },
    ]);
    expect(authorized({ meshTLS: { unauthenticatedTLS: true } })[0]?.who).toBe('unauthenticated');
    expect(authorized({ meshTLS: { identities: ['*'], serviceAccounts: [{ name: 'c' }] } })[0]?.who).toEqual([
      'c.shop.serviceaccount.identity.linkerd.cluster.local',
      '*',
    ]);
    expect(authorized({ unauthenticated: true, networks: [{ cidr: '1.2.3.0/24' }] })[0]?.from).toEqual([
      '1.2.3.0/24',
    ]);
  });

  it('finds its Server by name or label, and means nobody without clients', () => {
    const everybody = { unauthenticated: true };
    expect(authorized(everybody, { selector: { matchLabels: { tier: 'front' } } })).toHaveLength(1);
    expect(authorized(everybody, { selector: { matchLabels: { tier: 'back' } } })).toHaveLength(0);
    expect(authorized(everybody, { name: 'other' })).toHaveLength(0);
    expect(authorized({})).toHaveLength(0);
  });
});

describe('watching a port', () => {
  it('tells a change once, equal policies never, and ends with the pod', () => {
    const mesh = aMesh({}, aPod());
    const stream = mesh.watchPort('shop:web-1', 8080);
    expect(stream.read()).toHaveLength(1);
    mesh.put(aPod('web-1', { annotations: { 'example.com/note': 'x' } }));
    expect(stream.read()).toEqual([]);
    mesh.put(aServer('web', { proxyProtocol: 'HTTP/1' }));
    mesh.put(aServer('web', { proxyProtocol: 'opaque' }));
    expect(stream.read().map(({ protocol }) => protocol?.kind.case)).toEqual(['opaque']);
    mesh.remove('Pod', 'web-1');
    expect(stream.read()).toEqual([]);
    expect(stream.closed).toBe(true);
  });

  it.each([
    ['shop:web-9', 8080, 'not_found', 'unknown server'],
    ['shop:bare', 8080, 'not_found', 'unknown server'],
    ['{"ns":"shop","external_workload":"vm"}', 8080, 'not_found', 'unknown server'],
    ['web-1', 8080, 'invalid_argument', 'Invalid workload: web-1'],
    ['{"ns":"shop"}', 8080, 'invalid_argument', 'Invalid workload: {"ns":"shop"}'],
    ['shop:web-1', 0, 'invalid_argument', expect.stringContaining('0')],
    ['shop:web-1', 65_536, 'invalid_argument', expect.stringContaining('65536')],
  ])('of %s:%d is refused with %s', async (workload, port, code, message) => {
    const mesh = aMesh({}, aPod(), aPod('bare', { mesh: '', ip: '10.1.0.2' }));
    expect(() => mesh.watchPort(workload, port)).toThrow(expect.objectContaining({ code, message }));
    await expect(mesh.getPort(workload, port)).rejects.toMatchObject({ code });
  });

  it('is the same as asking once', async () => {
    const mesh = aMesh({}, aPod());
    expect(await mesh.getPort(WORKLOAD, 8080)).toEqual(policyOf(mesh));
  });
});
