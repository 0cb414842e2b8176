import type { MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import type { HttpRouteSchema, ProxyProtocolSchema } from '@weft/proto/inbound';
import { defaultMeta } from '../meta.ts';
import { matchGrpcRoute } from '../route/match-grpc.ts';
import { matchHttpRoute } from '../route/match-http.ts';
import { decodeServer } from './decode-server.ts';
import { authz, detect, identities, type ServerFields, server } from './server.builder.ts';
import type { ServerProtocol } from './server-policy.ts';

type ProtocolInit = MessageInitShape<typeof ProxyProtocolSchema>;
type RouteInit = MessageInitShape<typeof HttpRouteSchema>;

const routeMeta = { kind: { case: 'default', value: 'r' } } satisfies RouteInit['metadata'];
const http1 = (routes: RouteInit[]): ProtocolInit => ({ kind: { case: 'http1', value: { routes } } });

function protocolOf<Kind extends ServerProtocol['kind']>(protocol: ProtocolInit, kind: Kind) {
  const decoded = decodeServer(server({ protocol })).protocol;
  if (decoded.kind !== kind) throw new Error(`decoded as ${JSON.stringify(decoded)}`);
  return decoded as Extract<ServerProtocol, { kind: Kind }>;
}

function reasonOf(init: ServerFields): string {
  const policy = decodeServer(server(init));
  if (policy.protocol.kind !== 'invalid') throw new Error('is valid');
  expect(policy).toMatchObject({ meta: defaultMeta('invalid'), authorizations: [] });
  return policy.protocol.reason;
}

describe('decoding a server', () => {
  it('names it after its labels', () => {
    expect(decodeServer(server()).meta).toMatchObject({
      group: 'policy.linkerd.io',
      kind: 'server',
      name: 'web',
    });
  });

  it.each([
    [{ group: '', kind: 'default', name: 'all-unauthenticated' }],
    [{ name: 'default:all-unauthenticated' }],
  ])('knows a default policy by %j', (labels) => {
    expect(decodeServer(server({ labels })).meta).toEqual(defaultMeta('all-unauthenticated'));
  });

  it('keeps the time limit of detection', () => {
    expect(protocolOf(detect, 'detect').timeoutMs).toBe(10_000);
  });

  it.each(['opaque', 'tls'] as const)('has nothing to say of %s', (kind) => {
    expect(protocolOf({ kind: { case: kind, value: {} } }, kind)).toEqual({ kind });
  });

  it('gives a port without routes one for everything, under the server’s authorizations', () => {
    const policy = decodeServer(server());
    const { routes } = policy.protocol as Extract<ServerProtocol, { kind: 'detect' }>;
    expect(routes.only?.route.meta).toEqual(defaultMeta('default'));
    expect(routes.only?.route.authorizations).toBe(policy.authorizations);
    const grpc = protocolOf({ kind: { case: 'grpc', value: {} } }, 'grpc');
    expect(grpc.routes.only?.route.meta).toEqual(defaultMeta('default'));
  });

  it('puts a route’s own authorizations before the server’s', () => {
    const routes = [{ metadata: routeMeta, authorizations: [authz('probe')], rules: [{}] }];
    const [route] = protocolOf(http1(routes), 'http1').routes.routes;
    expect(route?.authorizations.map(({ meta }) => meta.name)).toEqual(['probe', 'all', 'localhost']);
  });

  it('compiles routes and their filters', () => {
    const filters = [{ kind: { case: 'failureInjector' as const, value: { status: 418, message: 'tea' } } }];
    const matches = [{ path: { kind: { case: 'exact' as const, value: '/tea' } } }];
    const { routes } = protocolOf(http1([{ metadata: routeMeta, rules: [{ matches, filters }] }]), 'http1');
    const found = matchHttpRoute(routes, undefined, '/tea', '', 'GET', []);
    expect(found?.rule.filters).toMatchObject([{ kind: 'fail-http', status: 418 }]);
    expect(matchHttpRoute(routes, undefined, '/coffee', '', 'GET', [])).toBeNull();
  });

  it('compiles gRPC routes, also where only headers are matched', () => {
    const headers = [{ name: 'x', value: { case: 'exact' as const, value: Buffer.from('1') } }];
    const value = { routes: [{ metadata: routeMeta, rules: [{ matches: [{ headers }] }] }] };
    const { routes } = protocolOf({ kind: { case: 'grpc', value } }, 'grpc');
    expect(matchGrpcRoute(routes, 'h', '/a.B/C', 'POST', ['x', '1'])).not.toBeNull();
    expect(matchGrpcRoute(routes, 'h', '/a.B/C', 'POST', [])).toBeNull();
  });

  it('reads rate limits, and leaves out overrides of nothing', () => {
    const clients = { identities: [{ name: 'a' }, { name: 'b' }] };
    const httpLocalRateLimit = {
      metadata: routeMeta,
      total: { requestsPerSecond: 100 },
      overrides: [
        { limit: { requestsPerSecond: 5 }, clients },
        { limit: {}, clients: { identities: [{ name: 'c' }] } },
      ],
    };
    const value = { timeout: { seconds: 1n }, httpLocalRateLimit };
    const { rateLimit } = protocolOf({ kind: { case: 'detect', value } }, 'detect');
    expect(rateLimit).toMatchObject({ total: 100, identity: 0 });
    expect([...rateLimit!.overrides]).toEqual([
      ['a', { requestsPerSecond: 5 }],
      ['b', { requestsPerSecond: 5 }],
    ]);
    expect(rateLimit!.overrides.get('a')).toBe(rateLimit!.overrides.get('b'));
  });

  it('marks what only audits', () => {
    const metadata = { kind: { case: 'default' as const, value: 'audit' } };
    const { authorizations } = decodeServer(
      server({ authorizations: [authz('x', { metadata }), authz('y')] }),
    );
    expect(authorizations.map(({ audit }) => audit)).toEqual([true, false, false]);
  });

  it.each<[ServerFields, string]>([
    [{ protocol: {} }, 'protocol.kind: is missing'],
    [{ protocol: { kind: { case: 'detect', value: {} } } }, 'protocol.detect.timeout: is missing'],
    [{ labels: {} }, 'labels[name]: is missing'],
    [{ authorizations: [authz('a', { networks: [] })] }, 'authorizations[0].networks: is empty'],
    [
      { authorizations: [authz('a', { networks: [{}] })] },
      'authorizations[0].networks[0].net: is not a network',
    ],
    [
      {
        authorizations: [
          authz('a', { networks: [{ net: { ip: { ip: { case: 'ipv4', value: 0 } }, prefixLen: 33 } }] }),
        ],
      },
      'authorizations[0].networks[0].net: is not a network',
    ],
    [
      { authorizations: [authz('a', { authentication: {} })] },
      'authorizations[0].authentication: is missing',
    ],
    [
      { authorizations: [authz('a', { authentication: { permit: { case: 'meshTLS', value: {} } } })] },
      'authorizations[0].authentication.meshTLS: names no clients',
    ],
    [
      { authorizations: [authz('a', { labels: {}, authentication: identities('*') })] },
      'authorizations[0].labels[name]',
    ],
    [{ protocol: http1([{}]) }, 'protocol.http1.routes[0].metadata: is missing'],
    [
      {
        protocol: http1([
          { metadata: routeMeta, rules: [{ matches: [{ path: { kind: { case: 'regex', value: '([' } } }] }] },
        ]),
      },
      'protocol.http1.routes[0].rules[0].matches[0].path.regex: "([" unexpected end',
    ],
    [
      {
        protocol: http1([{ metadata: routeMeta, rules: [{ matches: [{ headers: [{ name: 'a b' }] }] }] }]),
      },
      'protocol.http1.routes[0].rules[0].matches[0].headers[0].name: is not a header name: "a b"',
    ],
  ])('is invalid, with the reason, given %j', (init, reason) => {
    expect(reasonOf(init)).toContain(reason);
  });
});
