import { describe, expect, it } from '@jest/globals';
import { authorize, type ClientTls, decodeOutbound, decodeServer, type ServerPolicy } from '@weft/policy';
import { aMesh, anObject, aPod, aService, type TestMesh } from '../mesh.builder.ts';
import { encodeIp } from '../wire/ip-address.ts';

const identity = (account: string, namespace = 'shop') =>
  `${account}.${namespace}.serviceaccount.identity.linkerd.cluster.local`;
const meshed = (account: string, namespace?: string): ClientTls => ({
  kind: 'mutual',
  id: identity(account, namespace),
  idKind: 'dns',
});
const plain: ClientTls = { kind: 'none', reason: 'no_tls_from_remote' };

function serverPolicy(mesh: TestMesh): ServerPolicy {
  const [message] = mesh.watchPort('shop:web-1', 8080).read();
  if (message === undefined) throw new Error('no policy');
  return decodeServer(message);
}
/** Which authorization lets the client in; null when it is denied. */
const admits = (mesh: TestMesh, tls: ClientTls, ip = '10.1.0.9') =>
  authorize(serverPolicy(mesh).authorizations, { ip, tls })?.meta.name ?? null;

const server = (spec: object = {}) =>
  anObject('Server', 'web', { spec: { podSelector: {}, port: 8080, ...spec } });
const policy = (...refs: object[]) =>
  anObject('AuthorizationPolicy', 'allow', {
    spec: {
      targetRef: { group: 'policy.linkerd.io', kind: 'Server', name: 'web' },
      requiredAuthenticationRefs: refs,
    },
  });

describe('what a proxy makes of an inbound policy', () => {
  it('is what each default policy says', () => {
    const decisions = (
      defaultPolicy: 'all-unauthenticated' | 'all-authenticated' | 'cluster-unauthenticated' | 'deny',
    ) => {
      const mesh = aMesh({ defaultPolicy }, aPod());
      return [admits(mesh, plain), admits(mesh, meshed('client')), admits(mesh, plain, '192.0.2.1')].map(
        (name) => name !== null,
      );
    };
    expect(decisions('all-unauthenticated')).toEqual([true, true, true]);
    expect(decisions('all-authenticated')).toEqual([false, true, false]);
    expect(decisions('cluster-unauthenticated')).toEqual([true, true, false]);
    expect(decisions('deny')).toEqual([false, false, false]);
  });

  it('lets in the service accounts and namespaces that are listed, and nobody else', () => {
    const refs = [
      { kind: 'ServiceAccount', name: 'client' },
      { kind: 'Namespace', name: 'team' },
    ];
    const authentication = anObject('MeshTLSAuthentication', 'clients', { spec: { identityRefs: refs } });
    const ref = { group: 'policy.linkerd.io', kind: 'MeshTLSAuthentication', name: 'clients' };
    const mesh = aMesh({}, aPod(), server(), authentication, policy(ref));
    expect(admits(mesh, meshed('client'))).toBe('allow');
    expect(admits(mesh, meshed('anyone', 'team'))).toBe('allow');
    expect([meshed('intruder'), meshed('client', 'other'), plain].map((tls) => admits(mesh, tls))).toEqual([
      null,
      null,
      null,
    ]);
  });

  it('lets in from the networks that are listed, their exceptions excepted', () => {
    const networks = [{ cidr: '10.1.0.0/16', except: ['10.1.7.0/24'] }];
    const authentication = anObject('NetworkAuthentication', 'office', { spec: { networks } });
    const ref = { group: 'policy.linkerd.io', kind: 'NetworkAuthentication', name: 'office' };
    const mesh = aMesh({}, aPod(), server(), authentication, policy(ref));
    expect(['10.1.0.1', '10.1.7.1', '10.2.0.1'].map((ip) => admits(mesh, plain, ip))).toEqual([
      'allow',
      null,
      null,
    ]);
  });

  it.each(['unknown', 'HTTP/1', 'HTTP/2', 'gRPC', 'opaque', 'TLS'])('is valid for %s', (proxyProtocol) => {
    const containers = [{ name: 'app', livenessProbe: { httpGet: { port: 8080 } } }];
    const mesh = aMesh({}, aPod('web-1', { containers }), server({ proxyProtocol, accessPolicy: 'audit' }));
    expect(serverPolicy(mesh).protocol.kind).not.toBe('invalid');
  });
});

describe('what a proxy makes of an outbound policy', () => {
  const target = (ip: string, port: number) => ({ case: 'addr', value: { ip: encodeIp(ip), port } });
  const everything = {
    'timeout.linkerd.io/request': '3s',
    'retry.linkerd.io/http': '5xx',
    'balancer.linkerd.io/failure-accrual': 'unified',
    'balancer.alpha.linkerd.io/penalize-failures': 'true',
  };

  it.each([
    ['a service', aService(), '10.96.0.1', 80],
    ['a service with every annotation', aService('web', { annotations: everything }), '10.96.0.1', 80],
    [
      'an HTTP service',
      aService('web', { spec: { ports: [{ port: 80, appProtocol: 'http' }] } }),
      '10.96.0.1',
      80,
    ],
    [
      'an HTTP/2 service',
      aService('web', { spec: { ports: [{ port: 80, appProtocol: 'kubernetes.io/h2c' }] } }),
      '10.96.0.1',
      80,
    ],
    ['an opaque port', aService('web', { spec: { ports: [{ port: 3306 }] } }), '10.96.0.1', 3306],
    ['an undefined port', aService(), '10.96.0.1', 81],
    ['an address outside', aService(), '93.184.216.34', 443],
  ])('is valid for %s', (_, service, ip, port) => {
    const [message] = aMesh({}, service).watchOutbound(target(ip, port)).read();
    if (message === undefined) throw new Error('no policy');
    expect(decodeOutbound(message).protocol).not.toMatchObject({ kind: 'invalid' });
  });
});
