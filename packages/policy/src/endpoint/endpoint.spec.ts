import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from '@jest/globals';
import { WeightedAddrSchema } from '@weft/proto/destination';
import { decodeEndpoint } from './decode-endpoint.ts';

type Fields = MessageInitShape<typeof WeightedAddrSchema> & { readonly $typeName?: never };

const addr = { ip: { ip: { case: 'ipv4' as const, value: 0x0a010203 } }, port: 8080 };
const decode = (init: Fields, labels = {}) =>
  decodeEndpoint(create(WeightedAddrSchema, { addr, ...init }), labels);
const dns = (name: string) => ({ case: 'dnsLikeIdentity' as const, value: { name } });
const uri = (text: string) => ({ case: 'uriLikeIdentity' as const, value: { uri: text } });

describe('decoding an endpoint', () => {
  it('needs no more than an address', () => {
    expect(decode({})).toEqual({
      ip: '10.1.2.3',
      port: 8080,
      tls: null,
      protocolHint: null,
      inboundPort: null,
      authorityOverride: null,
      http2: null,
      labels: new Map(),
      zoneLocality: 'unknown',
    });
  });

  it('writes IPv6 in its canonical form, and IPv4-mapped as IPv4', () => {
    const ip = (first: bigint, last: bigint) =>
      decode({ addr: { ip: { ip: { case: 'ipv6', value: { first, last } } }, port: 1 } })?.ip;
    expect(ip(0xfd00000000000000n, 1n)).toBe('fd00::1');
    expect(ip(0n, 0xffff0a000001n)).toBe('10.0.0.1');
  });

  it.each<Fields['addr']>([{}, { port: 80 }, { ...addr, port: 0 }, { ...addr, port: 65536 }])(
    'refuses the address %j',
    (bad) => {
      expect(decode({ addr: bad })).toBeNull();
    },
  );

  it.each<[string, Fields['tlsIdentity'], object | null]>([
    [
      'a DNS identity with a server name',
      { strategy: dns('a.b'), serverName: { name: 'c.d' } },
      { serverId: { kind: 'dns', name: 'a.b' }, serverName: 'c.d' },
    ],
    [
      'a DNS identity alone',
      { strategy: dns('a.b') },
      { serverId: { kind: 'dns', name: 'a.b' }, serverName: 'a.b' },
    ],
    [
      'a URI identity with a server name',
      { strategy: uri('spiffe://x/y'), serverName: { name: 'c.d' } },
      { serverId: { kind: 'uri', name: 'spiffe://x/y' }, serverName: 'c.d' },
    ],
    ['a URI identity alone', { strategy: uri('spiffe://x/y') }, null],
    ['a name that is none', { strategy: dns('a b') }, null],
    ['no strategy', { serverName: { name: 'c.d' } }, null],
  ])('reads %s', (_what, tlsIdentity, tls) => {
    expect(decode({ tlsIdentity })?.tls).toEqual(tls);
  });

  it('reads protocol hints and the inbound port, unless it is out of range', () => {
    const hint = (inboundPort: number) =>
      decode({ protocolHint: { protocol: { case: 'h2', value: {} }, opaqueTransport: { inboundPort } } });
    expect(hint(4143)).toMatchObject({ protocolHint: 'h2', inboundPort: 4143 });
    expect([0, 65535, 70_000].map((port) => hint(port)?.inboundPort)).toEqual([null, null, null]);
    expect(decode({ protocolHint: { protocol: { case: 'opaque', value: {} } } })?.protocolHint).toBe(
      'opaque',
    );
  });

  it('labels itself with the set’s labels and its own, which win', () => {
    const endpoint = decode(
      { metricLabels: { pod: 'p', zone_locality: 'local', service: 'own' } },
      { service: 'set', namespace: 'n' },
    );
    expect([...endpoint!.labels]).toEqual([
      ['dst_namespace', 'n'],
      ['dst_pod', 'p'],
      ['dst_service', 'own'],
      ['dst_zone_locality', 'local'],
    ]);
    expect(endpoint?.zoneLocality).toBe('local');
  });

  it('ignores an authority that is none', () => {
    const override = (authorityOverride: string) => decode({ authorityOverride: { authorityOverride } });
    expect(override('a.b:80')?.authorityOverride).toBe('a.b:80');
    expect(['', 'a b', 'a/b', 'a:b', 'a\r\n'].map((text) => override(text)?.authorityOverride)).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });

  it('reads the settings of HTTP/2', () => {
    const http2 = {
      flowControl: { initialStreamWindowSize: 1000 },
      keepAlive: { interval: { seconds: 10n }, timeout: { seconds: 3n }, whileIdle: true },
    };
    expect(decode({ http2 })?.http2).toEqual({
      connectionWindow: 0,
      streamWindow: 1000,
      maxFrameSize: 0,
      keepAlive: { intervalMs: 10_000, timeoutMs: 3000, whileIdle: true },
    });
  });
});
