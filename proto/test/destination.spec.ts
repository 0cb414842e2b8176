import { describe, expect, it } from '@jest/globals';
import {
  Destination,
  DestinationProfileSchema,
  GetDestinationSchema,
  UpdateSchema,
} from '@weft/proto/destination';
import { HttpMethod_Registered } from '@weft/proto/http_types';
import { bytes, duration, expectWire, fixed, hex, len, varint } from './wire.builder.ts';

const identity = 'web.shop.serviceaccount.identity.linkerd.cluster.local';
const address = { ip: { ip: { case: 'ipv4', value: 0x0a010203 } }, port: 8080 } as const;
const addressBytes = (field: number) => len(field, len(1, fixed(1, '03 02 01 0a')), varint(2, 8080));

describe('destination', () => {
  it('is served as io.linkerd.proxy.destination.Destination/Get and GetProfile', () => {
    expect(Destination.typeName).toBe('io.linkerd.proxy.destination.Destination');
    expect(Destination.method.get).toMatchObject({ name: 'Get', methodKind: 'server_streaming' });
    expect(Destination.method.getProfile).toMatchObject({
      name: 'GetProfile',
      methodKind: 'server_streaming',
    });
  });

  it('is asked by scheme, path and context token', () => {
    expectWire(GetDestinationSchema, hex('0a 01 73 12 04 77 3a 38 30 1a 02 7b 7d'), {
      scheme: 's',
      path: 'w:80',
      contextToken: '{}',
    });
  });
});

describe('an update', () => {
  it('adds meshed endpoints with everything a proxy needs of them', () => {
    const endpoint = len(
      1,
      addressBytes(1),
      varint(3, 10_000),
      len(4, len(1, 'pod'), len(2, 'web-1')),
      len(5, len(1, len(1, identity)), len(4, len(1, identity))),
      len(6, len(1), len(2, varint(1, 4143))),
      len(7, len(1, 'web.remote:80')),
      len(
        8,
        len(1, varint(1, 65_535), varint(2, 1_000), varint(3, 1)),
        len(2, duration(1, 10), duration(2, 3), varint(3, 1)),
        len(3, varint(1, 20), varint(2, 16_384), varint(3, 400_000)),
      ),
      len(9, len(1, 'x')),
    );
    expectWire(UpdateSchema, len(1, endpoint, len(2, len(1, 'service'), len(2, 'web'))), {
      update: {
        case: 'add',
        value: {
          addrs: [
            {
              addr: address,
              weight: 10_000,
              metricLabels: { pod: 'web-1' },
              tlsIdentity: {
                strategy: { case: 'dnsLikeIdentity', value: { name: identity } },
                serverName: { name: identity },
              },
              protocolHint: { protocol: { case: 'h2', value: {} }, opaqueTransport: { inboundPort: 4143 } },
              authorityOverride: { authorityOverride: 'web.remote:80' },
              http2: {
                flowControl: {
                  initialConnectionWindowSize: 65_535,
                  initialStreamWindowSize: 1_000,
                  adaptiveFlowControl: true,
                },
                keepAlive: { interval: { seconds: 10n }, timeout: { seconds: 3n }, whileIdle: true },
                internals: { maxConcurrentResetStreams: 20, maxFrameSize: 16_384, maxSendBufSize: 400_000 },
              },
              resourceRef: { kind: { case: 'default', value: 'x' } },
            },
          ],
          metricLabels: { service: 'web' },
        },
      },
    });
  });

  it('names identities outside Kubernetes by URI, and opaque endpoints', () => {
    const endpoint = len(
      1,
      len(5, len(3, len(1, 'spiffe://root/vm')), len(4, len(1, 'vm'))),
      len(6, len(2, varint(1, 4143)), len(3)),
    );
    expectWire(UpdateSchema, len(1, endpoint), {
      update: {
        case: 'add',
        value: {
          addrs: [
            {
              tlsIdentity: {
                strategy: { case: 'uriLikeIdentity', value: { uri: 'spiffe://root/vm' } },
                serverName: { name: 'vm' },
              },
              protocolHint: {
                protocol: { case: 'opaque', value: {} },
                opaqueTransport: { inboundPort: 4143 },
              },
            },
          ],
        },
      },
    });
  });

  it('removes endpoints', () => {
    expectWire(UpdateSchema, len(2, addressBytes(1)), {
      update: { case: 'remove', value: { addrs: [address] } },
    });
  });

  it('tells a service without endpoints from no service', () => {
    expectWire(UpdateSchema, hex('1a 02 08 01'), {
      update: { case: 'noEndpoints', value: { exists: true } },
    });
    expectWire(UpdateSchema, hex('1a 00'), { update: { case: 'noEndpoints', value: { exists: false } } });
  });
});

describe('a profile', () => {
  it('of a service holds routes, budget, overrides and where they come from', () => {
    const condition = len(
      1,
      len(1, len(1, len(4, len(1, '/a'))), len(1, len(3, len(2, len(1, len(5, varint(1, 1))))))),
    );
    const classes = len(
      2,
      len(1, len(1, len(1, len(4, varint(1, 500), varint(2, 599))), len(1, len(3, len(2))))),
      varint(2, 1),
    );
    const route = len(
      1,
      condition,
      classes,
      len(3, len(1, 'route'), len(2, 'a')),
      varint(4, 1),
      duration(5, 0, 500_000_000),
    );
    const wire = bytes(
      route,
      // 0.5 as a float, last byte first.
      len(2, fixed(1, '00 00 00 3f'), varint(2, 10), duration(3, 10)),
      len(3, len(1, 'web:80'), varint(2, 10_000), len(3, len(1, 'b'))),
      varint(4, 1),
      len(5, 'web.shop.svc.cluster.local'),
      len(7, len(1, 'p')),
      len(8, len(1, 'q')),
    );
    expectWire(DestinationProfileSchema, wire, {
      routes: [
        {
          condition: {
            match: {
              case: 'all',
              value: {
                matches: [
                  { match: { case: 'path', value: { regex: '/a' } } },
                  {
                    match: {
                      case: 'not',
                      value: {
                        match: {
                          case: 'any',
                          value: {
                            matches: [
                              {
                                match: {
                                  case: 'method',
                                  value: { type: { case: 'registered', value: HttpMethod_Registered.POST } },
                                },
                              },
                            ],
                          },
                        },
                      },
                    },
                  },
                ],
              },
            },
          },
          responseClasses: [
            {
              condition: {
                match: {
                  case: 'all',
                  value: {
                    matches: [
                      { match: { case: 'status', value: { min: 500, max: 599 } } },
                      { match: { case: 'not', value: { match: { case: 'any', value: {} } } } },
                    ],
                  },
                },
              },
              isFailure: true,
            },
          ],
          metricsLabels: { route: 'a' },
          isRetryable: true,
          timeout: { nanos: 500_000_000 },
        },
      ],
      retryBudget: { retryRatio: 0.5, minRetriesPerSecond: 10, ttl: { seconds: 10n } },
      dstOverrides: [
        { authority: 'web:80', weight: 10_000, backendRef: { kind: { case: 'default', value: 'b' } } },
      ],
      opaqueProtocol: true,
      fullyQualifiedName: 'web.shop.svc.cluster.local',
      parentRef: { kind: { case: 'default', value: 'p' } },
      profileRef: { kind: { case: 'default', value: 'q' } },
    });
  });

  it('of a pod holds its endpoint', () => {
    expectWire(DestinationProfileSchema, len(6, addressBytes(1), varint(3, 1)), {
      endpoint: { addr: address, weight: 1 },
    });
  });
});
