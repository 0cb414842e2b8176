import { describe, expect, it } from '@jest/globals';
import { InboundServerPolicies, PortSpecSchema, ServerSchema } from '@weft/proto/inbound';
import { bytes, duration, expectWire, fixed, hex, len, varint } from './wire.builder.ts';

describe('inbound policy', () => {
  it('is served as io.linkerd.proxy.inbound.InboundServerPolicies/GetPort and WatchPort', () => {
    expect(InboundServerPolicies.typeName).toBe('io.linkerd.proxy.inbound.InboundServerPolicies');
    expect(InboundServerPolicies.method.getPort).toMatchObject({ name: 'GetPort', methodKind: 'unary' });
    expect(InboundServerPolicies.method.watchPort).toMatchObject({
      name: 'WatchPort',
      methodKind: 'server_streaming',
    });
  });

  it('is asked by workload and port', () => {
    expectWire(PortSpecSchema, hex('0a 02 7b 7d 10 90 3f'), { workload: '{}', port: 8080 });
  });
});

describe('a server', () => {
  it('is detected, with routes, rate limits, authorizations and labels', () => {
    const filters = bytes(
      len(2, len(1, varint(1, 500))),
      len(2, len(2, len(3, 'x'))),
      len(2, len(3, varint(5, 301))),
    );
    const route = len(
      3,
      len(1, len(1, 'r')),
      len(2, len(1, 'web')),
      len(3, len(1)),
      len(4, len(1, len(1, len(2, '/'))), filters),
    );
    const limit = len(
      4,
      len(1, len(1, 'l')),
      len(2, varint(1, 100)),
      len(3, varint(1, 10)),
      len(4, len(1, varint(1, 5)), len(2, len(1, len(1, 'web')))),
    );
    const network = len(
      1,
      len(1, len(1, fixed(1, '00 00 00 0a')), varint(2, 8)),
      len(2, len(1, fixed(1, '00 00 01 0a')), varint(2, 16)),
    );
    const wire = bytes(
      len(1, len(1, duration(1, 10), route, limit)),
      len(2, fixed(1, '01 00 00 7f')),
      len(3, network, len(2, len(1)), len(3, len(1, 'name'), len(2, 'a')), len(4, len(1, 'a'))),
      len(4, len(1, 'kind'), len(2, 'server')),
    );
    expectWire(ServerSchema, wire, {
      protocol: {
        kind: {
          case: 'detect',
          value: {
            timeout: { seconds: 10n },
            httpRoutes: [
              {
                metadata: { kind: { case: 'default', value: 'r' } },
                hosts: [{ match: { case: 'exact', value: 'web' } }],
                authorizations: [{ networks: [{}] }],
                rules: [
                  {
                    matches: [{ path: { kind: { case: 'prefix', value: '/' } } }],
                    filters: [
                      { kind: { case: 'failureInjector', value: { status: 500 } } },
                      { kind: { case: 'requestHeaderModifier', value: { remove: ['x'] } } },
                      { kind: { case: 'redirect', value: { status: 301 } } },
                    ],
                  },
                ],
              },
            ],
            httpLocalRateLimit: {
              metadata: { kind: { case: 'default', value: 'l' } },
              total: { requestsPerSecond: 100 },
              identity: { requestsPerSecond: 10 },
              overrides: [{ limit: { requestsPerSecond: 5 }, clients: { identities: [{ name: 'web' }] } }],
            },
          },
        },
      },
      serverIps: [{ ip: { case: 'ipv4', value: 0x7f000001 } }],
      authorizations: [
        {
          networks: [
            {
              net: { ip: { ip: { case: 'ipv4', value: 0x0a000000 } }, prefixLen: 8 },
              except: [{ ip: { ip: { case: 'ipv4', value: 0x0a010000 } }, prefixLen: 16 }],
            },
          ],
          authentication: { permit: { case: 'unauthenticated', value: {} } },
          labels: { name: 'a' },
          metadata: { kind: { case: 'default', value: 'a' } },
        },
      ],
      labels: { kind: 'server' },
    });
  });

  it.each([
    ['opaque', 2],
    ['tls', 3],
  ] as const)('speaks %s as field %i', (kind, field) => {
    expectWire(ServerSchema, len(1, len(field)), { protocol: { kind: { case: kind, value: {} } } });
  });

  it.each([
    ['http1', 4],
    ['http2', 5],
  ] as const)('speaks %s as field %i, routes as 2 and rate limit as 3', (kind, field) => {
    const wire = len(1, len(field, len(2, len(1, len(1, 'r'))), len(3, len(2, varint(1, 9)))));
    expectWire(ServerSchema, wire, {
      protocol: {
        kind: {
          case: kind,
          value: {
            routes: [{ metadata: { kind: { case: 'default', value: 'r' } } }],
            localRateLimit: { total: { requestsPerSecond: 9 } },
          },
        },
      },
    });
  });

  it('speaks gRPC as field 6', () => {
    const rule = len(
      4,
      len(1, len(1, len(1, 's'))),
      len(2, len(1, varint(1, 7))),
      len(2, len(2, len(3, 'x'))),
    );
    expectWire(ServerSchema, len(1, len(6, len(2, len(1, len(1, 'r')), len(2, len(1, 'h')), len(3), rule))), {
      protocol: {
        kind: {
          case: 'grpc',
          value: {
            routes: [
              {
                metadata: { kind: { case: 'default', value: 'r' } },
                hosts: [{ match: { case: 'exact', value: 'h' } }],
                authorizations: [{}],
                rules: [
                  {
                    matches: [{ rpc: { service: 's' } }],
                    filters: [
                      { kind: { case: 'failureInjector', value: { code: 7 } } },
                      { kind: { case: 'requestHeaderModifier', value: { remove: ['x'] } } },
                    ],
                  },
                ],
              },
            ],
          },
        },
      },
    });
  });
});

describe('an authentication', () => {
  const authz = (authentication: Uint8Array) => len(3, len(2, authentication));

  it('permits clients of mesh TLS without identity', () => {
    expectWire(ServerSchema, authz(len(2, len(1))), {
      authorizations: [
        {
          authentication: {
            permit: { case: 'meshTLS', value: { clients: { case: 'unauthenticated', value: {} } } },
          },
        },
      ],
    });
  });

  it('permits identities by name and by suffix, of which an empty one is any', () => {
    const identities = len(2, len(1, len(1, 'web')), len(2, len(1, 'a'), len(1, 'b')), len(2));
    expectWire(ServerSchema, authz(len(2, identities)), {
      authorizations: [
        {
          authentication: {
            permit: {
              case: 'meshTLS',
              value: {
                clients: {
                  case: 'identities',
                  value: { identities: [{ name: 'web' }], suffixes: [{ parts: ['a', 'b'] }, { parts: [] }] },
                },
              },
            },
          },
        },
      ],
    });
  });
});
