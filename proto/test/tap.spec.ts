import { describe, expect, it } from '@jest/globals';
import { HttpMethod_Registered, Scheme_Registered } from '@weft/proto/http_types';
import { ObserveRequestSchema, Tap, TapEvent_ProxyDirection, TapEventSchema } from '@weft/proto/tap';
import { bytes, duration, expectWire, fixed, len, varint } from './wire.builder.ts';

describe('tap', () => {
  it('is served as io.linkerd.proxy.tap.Tap/Observe', () => {
    expect(Tap.typeName).toBe('io.linkerd.proxy.tap.Tap');
    expect(Tap.method.observe).toMatchObject({ name: 'Observe', methodKind: 'server_streaming' });
  });

  it('is asked by limit, match and what to extract', () => {
    const matches = [
      len(1, len(4, len(1, len(1, fixed(1, '00 00 00 0a')), varint(2, 8)))),
      len(1, len(5, len(3, varint(1, 80), varint(2, 90)))),
      len(1, len(3, len(2, len(1, len(6, len(1, varint(1, 1))))))),
      len(1, len(6, len(2, len(1, 'web')))),
      len(1, len(6, len(3, varint(1, 1)))),
      len(1, len(6, len(4, len(2, '/a')))),
      len(1, len(7, len(1, 'k'), len(2, 'v'))),
      len(1, len(8, len(1, 'r'), len(2, 's'))),
    ];
    const wire = bytes(varint(1, 100), len(2, len(1, ...matches)), len(3, len(1, len(1))));
    expectWire(ObserveRequestSchema, wire, {
      limit: 100,
      match: {
        match: {
          case: 'all',
          value: {
            matches: [
              {
                match: {
                  case: 'source',
                  value: {
                    match: {
                      case: 'netmask',
                      value: { ip: { ip: { case: 'ipv4', value: 0x0a000000 } }, mask: 8 },
                    },
                  },
                },
              },
              {
                match: {
                  case: 'destination',
                  value: { match: { case: 'ports', value: { min: 80, max: 90 } } },
                },
              },
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
                              case: 'http',
                              value: {
                                match: {
                                  case: 'scheme',
                                  value: { type: { case: 'registered', value: Scheme_Registered.HTTPS } },
                                },
                              },
                            },
                          },
                        ],
                      },
                    },
                  },
                },
              },
              {
                match: {
                  case: 'http',
                  value: { match: { case: 'authority', value: { match: { case: 'exact', value: 'web' } } } },
                },
              },
              {
                match: {
                  case: 'http',
                  value: {
                    match: {
                      case: 'method',
                      value: { type: { case: 'registered', value: HttpMethod_Registered.POST } },
                    },
                  },
                },
              },
              {
                match: {
                  case: 'http',
                  value: { match: { case: 'path', value: { match: { case: 'prefix', value: '/a' } } } },
                },
              },
              { match: { case: 'destinationLabel', value: { key: 'k', value: 'v' } } },
              { match: { case: 'routeLabel', value: { key: 'r', value: 's' } } },
            ],
          },
        },
      },
      extract: { extract: { case: 'http', value: { extract: { case: 'headers', value: {} } } } },
    });
  });
});

describe('an event of tap', () => {
  const id = len(1, varint(1, 2), varint(2, 3));
  const streamId = { base: 2, stream: 3n } as const;
  const header = (field: number) => len(field, len(1, len(1, 'a'), len(2, 'b')));
  const headers = { headers: [{ name: 'a', value: Buffer.from('b') }] };

  it('tells from where to where, and that a request began', () => {
    const wire = bytes(
      len(1, varint(2, 1)),
      len(2, varint(2, 2)),
      len(3, len(1, id, len(2, varint(1, 0)), len(3, varint(1, 0)), len(4, 'web'), len(5, '/'), header(6))),
      len(4, len(1, len(1, 'd'), len(2, '1'))),
      len(5, len(1, len(1, 's'), len(2, '2'))),
      varint(6, 2),
      len(7, len(1, len(1, 'r'), len(2, '3'))),
    );
    expectWire(TapEventSchema, wire, {
      source: { port: 1 },
      destination: { port: 2 },
      event: {
        case: 'http',
        value: {
          event: {
            case: 'requestInit',
            value: {
              id: streamId,
              method: { type: { case: 'registered', value: HttpMethod_Registered.GET } },
              scheme: { type: { case: 'registered', value: Scheme_Registered.HTTP } },
              authority: 'web',
              path: '/',
              headers,
            },
          },
        },
      },
      destinationMeta: { labels: { d: '1' } },
      sourceMeta: { labels: { s: '2' } },
      proxyDirection: TapEvent_ProxyDirection.OUTBOUND,
      routeMeta: { labels: { r: '3' } },
    });
  });

  it('tells that a response began', () => {
    const wire = len(3, len(2, id, duration(2, 1), varint(3, 200), header(4)));
    expectWire(TapEventSchema, wire, {
      event: {
        case: 'http',
        value: {
          event: {
            case: 'responseInit',
            value: { id: streamId, sinceRequestInit: { seconds: 1n }, httpStatus: 200, headers },
          },
        },
      },
    });
  });

  it.each([
    ['grpcStatusCode', 1],
    ['resetErrorCode', 2],
  ] as const)('tells that a response ended by %s', (kind, field) => {
    const wire = len(
      3,
      len(3, id, duration(2, 2), duration(3, 1), varint(4, 1024), len(5, varint(field, 8)), header(6)),
    );
    expectWire(TapEventSchema, wire, {
      event: {
        case: 'http',
        value: {
          event: {
            case: 'responseEnd',
            value: {
              id: streamId,
              sinceRequestInit: { seconds: 2n },
              sinceResponseInit: { seconds: 1n },
              responseBytes: 1024n,
              eos: { end: { case: kind, value: 8 } },
              trailers: headers,
            },
          },
        },
      },
    });
  });
});
