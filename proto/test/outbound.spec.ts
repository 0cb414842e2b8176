import type { MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { OutboundPolicies, OutboundPolicySchema, TrafficSpecSchema } from '@weft/proto/outbound';
import { bytes, duration, expectWire, fixed, hex, len, varint } from './wire.builder.ts';

type Policy = MessageInitShape<typeof OutboundPolicySchema>;

const named = (value: string) => ({ kind: { case: 'default', value } }) as const;
const name = (text: string) => len(1, len(1, text));

/** A policy of one protocol. */
const policy = (protocol: number, ...content: Uint8Array[]) => len(1, len(protocol, ...content));

// A backoff: 25 ms to 250 ms, jitter 1.0 as a float whose last byte comes first.
const backoff = (field: number) =>
  len(field, duration(1, 0, 25_000_000), duration(2, 0, 250_000_000), fixed(3, '00 00 80 3f'), varint(4, 1));
const backoffMessage = {
  minBackoff: { nanos: 25_000_000 },
  maxBackoff: { nanos: 250_000_000 },
  jitterRatio: 1,
  respectRetryAfterHint: true,
} as const;

describe('outbound policy', () => {
  it('is served as io.linkerd.proxy.outbound.OutboundPolicies/Get and Watch', () => {
    expect(OutboundPolicies.typeName).toBe('io.linkerd.proxy.outbound.OutboundPolicies');
    expect(OutboundPolicies.method.get).toMatchObject({ name: 'Get', methodKind: 'unary' });
    expect(OutboundPolicies.method.watch).toMatchObject({ name: 'Watch', methodKind: 'server_streaming' });
  });

  it('is asked by workload and address, or authority', () => {
    expectWire(TrafficSpecSchema, hex('0a 02 7b 7d 12 09 0a 05 0d 01 00 60 0a 10 50'), {
      sourceWorkload: '{}',
      target: { case: 'addr', value: { ip: { ip: { case: 'ipv4', value: 0x0a600001 } }, port: 80 } },
    });
    expectWire(TrafficSpecSchema, hex('1a 04 77 3a 38 30'), { target: { case: 'authority', value: 'w:80' } });
  });

  it('detects among opaque, HTTP/1 and HTTP/2', () => {
    const route = (text: string) => len(1, name(text));
    const wire = bytes(
      policy(1, duration(1, 10), len(2, route('o')), len(3, route('a')), len(4, route('b'))),
      len(2, len(1, 'm')),
    );
    expectWire(OutboundPolicySchema, wire, {
      protocol: {
        kind: {
          case: 'detect',
          value: {
            timeout: { seconds: 10n },
            opaque: { routes: [{ metadata: named('o') }] },
            http1: { routes: [{ metadata: named('a') }] },
            http2: { routes: [{ metadata: named('b') }] },
          },
        },
      },
      metadata: named('m'),
    });
  });

  it.each([
    ['opaque', 2],
    ['http1', 3],
    ['http2', 4],
    ['grpc', 5],
    ['tls', 6],
  ] as const)('speaks %s as field %i, its routes as 1', (kind, field) => {
    expectWire(OutboundPolicySchema, policy(field, len(1, name('r'))), {
      protocol: { kind: { case: kind, value: { routes: [{ metadata: named('r') }] } } },
    });
  });
});

describe('an HTTP route', () => {
  /** The policy of an HTTP/2 route with one rule. */
  const ruled = (...rule: Uint8Array[]) => policy(4, len(1, len(3, ...rule)));
  const ruledMessage = (rule: object): Policy => ({
    protocol: { kind: { case: 'http2', value: { routes: [{ rules: [rule] }] } } },
  });

  it('has hosts, matches and four kinds of filters', () => {
    const filters = [
      len(2, len(1, varint(1, 403))),
      len(2, len(2, len(3, 'a'))),
      len(2, len(3, varint(5, 301))),
      len(2, len(4, len(3, 'b'))),
    ];
    const rule = len(3, len(1, len(1, len(1, '/x'))), ...filters);
    expectWire(OutboundPolicySchema, policy(4, len(1, name('r'), len(2, len(1, 'web')), rule)), {
      protocol: {
        kind: {
          case: 'http2',
          value: {
            routes: [
              {
                metadata: named('r'),
                hosts: [{ match: { case: 'exact', value: 'web' } }],
                rules: [
                  {
                    matches: [{ path: { kind: { case: 'exact', value: '/x' } } }],
                    filters: [
                      { kind: { case: 'failureInjector', value: { status: 403 } } },
                      { kind: { case: 'requestHeaderModifier', value: { remove: ['a'] } } },
                      { kind: { case: 'redirect', value: { status: 301 } } },
                      { kind: { case: 'responseHeaderModifier', value: { remove: ['b'] } } },
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

  it('has timeouts, retries and whether clients may override them', () => {
    const wire = ruled(
      duration(4, 9),
      len(5, duration(2, 1)),
      len(
        6,
        varint(1, 3),
        varint(2, 65_536),
        len(3, len(1, varint(1, 500), varint(2, 599))),
        duration(4, 1),
        backoff(5),
      ),
      varint(7, 1),
    );
    expectWire(
      OutboundPolicySchema,
      wire,
      ruledMessage({
        requestTimeout: { seconds: 9n },
        timeouts: { request: { seconds: 1n } },
        retry: {
          maxRetries: 3,
          maxRequestBytes: 65_536,
          conditions: { statusRanges: [{ start: 500, end: 599 }] },
          timeout: { seconds: 1n },
          backoff: backoffMessage,
        },
        allowL5dRequestHeaders: true,
      }),
    );
  });

  const routeBackend = [len(1, name('b')), len(3, len(1, varint(1, 500))), duration(4, 2)];
  const routeBackendMessage = {
    backend: { metadata: named('b') },
    filters: [{ kind: { case: 'failureInjector', value: { status: 500 } } }],
    requestTimeout: { seconds: 2n },
  };

  it('goes to no backend, to the first that is available, or to one by weight', () => {
    const cases: [Uint8Array, object][] = [
      [len(1), { case: 'empty', value: {} }],
      [
        len(2, len(1, ...routeBackend)),
        { case: 'firstAvailable', value: { backends: [routeBackendMessage] } },
      ],
      [
        len(3, len(1, len(1, ...routeBackend), varint(2, 7))),
        { case: 'randomAvailable', value: { backends: [{ backend: routeBackendMessage, weight: 7 }] } },
      ],
    ];
    for (const [wire, kind] of cases) {
      expectWire(OutboundPolicySchema, ruled(len(3, wire)), ruledMessage({ backends: { kind } }));
    }
  });
});

describe('a gRPC route', () => {
  it('has matches, filters, backends and retries by gRPC code', () => {
    const conditions = len(3, varint(1, 1), varint(4, 1), varint(8, 1), varint(13, 1), varint(14, 1));
    const rule = len(
      3,
      len(1, len(1, len(1, 's'))),
      len(2, len(1, varint(1, 7))),
      len(2, len(2, len(3, 'a'))),
      len(3, len(2, len(1, len(1, name('b')), len(3, len(1, varint(1, 2))), duration(4, 2)))),
      duration(4, 9),
      len(5, duration(1, 1)),
      len(6, varint(1, 1), varint(2, 2), conditions, duration(4, 3), backoff(5)),
      varint(7, 1),
    );
    expectWire(OutboundPolicySchema, policy(5, len(1, name('r'), len(2, len(1, 'h')), rule)), {
      protocol: {
        kind: {
          case: 'grpc',
          value: {
            routes: [
              {
                metadata: named('r'),
                hosts: [{ match: { case: 'exact', value: 'h' } }],
                rules: [
                  {
                    matches: [{ rpc: { service: 's' } }],
                    filters: [
                      { kind: { case: 'failureInjector', value: { code: 7 } } },
                      { kind: { case: 'requestHeaderModifier', value: { remove: ['a'] } } },
                    ],
                    backends: {
                      kind: {
                        case: 'firstAvailable',
                        value: {
                          backends: [
                            {
                              backend: { metadata: named('b') },
                              filters: [{ kind: { case: 'failureInjector', value: { code: 2 } } }],
                              requestTimeout: { seconds: 2n },
                            },
                          ],
                        },
                      },
                    },
                    requestTimeout: { seconds: 9n },
                    timeouts: { response: { seconds: 1n } },
                    retry: {
                      maxRetries: 1,
                      maxRequestBytes: 2,
                      conditions: {
                        cancelled: true,
                        deadineExceeded: true,
                        resourceExhausted: true,
                        internal: true,
                        unavailable: true,
                      },
                      timeout: { seconds: 3n },
                      backoff: backoffMessage,
                    },
                    allowL5dRequestHeaders: true,
                  },
                ],
              },
            ],
          },
        },
      },
    });
  });

  it('goes to one of several backends by weight, or to none', () => {
    const grpc = (...distribution: Uint8Array[]) => policy(5, len(1, len(3, len(3, ...distribution))));
    expectWire(OutboundPolicySchema, grpc(len(3, len(1, len(1), varint(2, 7)))), {
      protocol: {
        kind: {
          case: 'grpc',
          value: {
            routes: [
              {
                rules: [
                  {
                    backends: {
                      kind: { case: 'randomAvailable', value: { backends: [{ backend: {}, weight: 7 }] } },
                    },
                  },
                ],
              },
            ],
          },
        },
      },
    });
    expectWire(OutboundPolicySchema, grpc(len(1)), {
      protocol: {
        kind: {
          case: 'grpc',
          value: { routes: [{ rules: [{ backends: { kind: { case: 'empty', value: {} } } }] }] },
        },
      },
    });
  });
});

describe('routes of other traffic', () => {
  const rule = (...distribution: Uint8Array[]) =>
    len(3, len(1, ...distribution), len(2, len(1, len(1, 'no'))), len(2, len(2)));
  const ruleMessage = (kind: object) => ({
    backends: { kind },
    filters: [
      { kind: { case: 'invalid', value: { message: 'no' } } },
      { kind: { case: 'forbidden', value: {} } },
    ],
  });
  const backend = len(1, len(1, name('b')), len(3, len(2)));
  const backendMessage = {
    backend: { metadata: named('b') },
    filters: [{ kind: { case: 'forbidden', value: {} } }],
  };
  const distributions: [string, Uint8Array, object][] = [
    ['no backend', len(1), { case: 'empty', value: {} }],
    ['the first backend', len(2, backend), { case: 'firstAvailable', value: { backends: [backendMessage] } }],
    [
      'a backend by weight',
      len(3, len(1, backend, varint(2, 7))),
      { case: 'randomAvailable', value: { backends: [{ backend: backendMessage, weight: 7 }] } },
    ],
  ];

  it.each(distributions)('are opaque and go to %s', (_case, wire, kind) => {
    const message = {
      protocol: { kind: { case: 'opaque', value: { routes: [{ rules: [ruleMessage(kind)] }] } } },
    } as Policy;
    expectWire(OutboundPolicySchema, policy(2, len(1, rule(wire))), message);
  });

  it.each(distributions)('are TLS by server name and go to %s', (_case, wire, kind) => {
    const message = {
      protocol: {
        kind: {
          case: 'tls',
          value: {
            routes: [{ snis: [{ match: { case: 'exact', value: 'w' } }], rules: [ruleMessage(kind)] }],
          },
        },
      },
    } as Policy;
    expectWire(OutboundPolicySchema, policy(6, len(1, len(2, len(1, 'w')), rule(wire))), message);
  });
});

describe('a backend', () => {
  /** The policy of an HTTP/1 route whose one rule goes to one backend. */
  const to = (...backend: Uint8Array[]) =>
    policy(3, len(1, len(3, len(3, len(2, len(1, len(1, ...backend)))))));
  const toMessage = (backend: object): Policy => ({
    protocol: {
      kind: {
        case: 'http1',
        value: {
          routes: [
            {
              rules: [{ backends: { kind: { case: 'firstAvailable', value: { backends: [{ backend }] } } } }],
            },
          ],
        },
      },
    },
  });

  it('is an address', () => {
    const wire = to(len(2, varint(3, 1)), len(4, varint(1, 100), duration(2, 3)));
    expectWire(
      OutboundPolicySchema,
      wire,
      toMessage({
        kind: { case: 'forward', value: { weight: 1 } },
        queue: { capacity: 100, failfastTimeout: { seconds: 3n } },
      }),
    );
  });

  it('is balanced by peak EWMA over the endpoints of a name', () => {
    const wire = to(
      len(3, len(1, len(1, len(1, 'w:80'))), len(2, duration(1, 0, 30_000_000), duration(2, 10))),
    );
    expectWire(
      OutboundPolicySchema,
      wire,
      toMessage({
        kind: {
          case: 'balancer',
          value: {
            discovery: { kind: { case: 'dst', value: { path: 'w:80' } } },
            load: {
              case: 'peakEwma',
              value: { defaultRtt: { nanos: 30_000_000 }, decay: { seconds: 10n } },
            },
          },
        },
      }),
    );
  });

  it('is balanced with penalties', () => {
    const load = len(3, duration(1, 1), duration(2, 2), duration(3, 3), duration(4, 4), duration(5, 5));
    expectWire(
      OutboundPolicySchema,
      to(len(3, load)),
      toMessage({
        kind: {
          case: 'balancer',
          value: {
            load: {
              case: 'penaltyPeakEwma',
              value: {
                defaultRtt: { seconds: 1n },
                decay: { seconds: 2n },
                penalty: { seconds: 3n },
                maxRetryAfter: { seconds: 4n },
                penaltyDecay: { seconds: 5n },
              },
            },
          },
        },
      }),
    );
  });
});

describe('failure accrual', () => {
  it.each([
    ['http1', 3],
    ['http2', 4],
    ['grpc', 5],
  ] as const)('counts failures in a row for %s', (kind, field) => {
    const wire = policy(field, len(2, len(1, varint(1, 7), backoff(2)), len(3, varint(1, 2))));
    expectWire(OutboundPolicySchema, wire, {
      protocol: {
        kind: {
          case: kind,
          value: {
            failureAccrual: {
              kind: { case: 'consecutiveFailures', value: { maxFailures: 7, backoff: backoffMessage } },
              ejection: { minReadyEndpoints: 2 },
            },
          },
        },
      },
    });
  });

  it('watches the success rate', () => {
    // 0.5 as a double, last byte first.
    const unified = len(
      2,
      fixed(1, '00 00 00 00 00 00 e0 3f'),
      duration(2, 10),
      varint(3, 5),
      varint(4, 7),
      backoff(5),
    );
    expectWire(OutboundPolicySchema, policy(4, len(2, unified)), {
      protocol: {
        kind: {
          case: 'http2',
          value: {
            failureAccrual: {
              kind: {
                case: 'unified',
                value: {
                  successRateThreshold: 0.5,
                  decay: { seconds: 10n },
                  minRequests: 5,
                  maxConsecutiveFailures: 7,
                  backoff: backoffMessage,
                },
              },
            },
          },
        },
      },
    });
  });
});
